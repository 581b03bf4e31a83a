package anatomy

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"
)

// maxSymbol is how much of a symbol's name is looked at: those of generic Rust code have thousands of bytes.
const maxSymbol = 8 << 10

// symbol is an entry of the symbol table.
type symbol struct {
	name    string
	kind    elf.SymType
	local   bool
	section int
	// value is an address, size in bytes, 0 when the linker knew none.
	value, size uint64
}

// claimSymbols enters everything that a symbol or the table of Go's functions names, and says which tables there are.
func (f *image) claimSymbols(l *ledger) (names string, err error) {
	var symbols []symbol
	if table, ok := f.symbolTable(); ok {
		if symbols, err = f.readSymbols(table); err != nil {
			return "", fmt.Errorf("read the symbols: %w", err)
		}
	}
	functions, err := f.goFunctions(symbols)
	if err != nil {
		return "", fmt.Errorf("read the table of Go's functions: %w", err)
	}
	var found []string
	if len(symbols) > 0 {
		found = append(found, "symtab")
	}
	if len(functions) > 0 {
		found = append(found, "pclntab")
	}
	namer := newNamer(functions)
	for _, s := range symbols {
		f.claimSymbol(l, namer, s)
	}
	if text, ok := f.find(".text"); ok {
		for _, fn := range functions {
			f.claimRange(l, namer.ofFunction(fn), text, fn.start, fn.end)
		}
	}
	return strings.Join(found, ", "), nil
}

func (f *image) claimSymbol(l *ledger, namer *namer, s symbol) {
	switch s.kind {
	case elf.STT_FILE:
		namer.enter(s.name)
		return
	case elf.STT_FUNC, elf.STT_OBJECT, elf.STT_NOTYPE, elf.STT_GNU_IFUNC:
	default: // sections are there already, and thread-local symbols have no address
		return
	}
	if s.size == 0 || s.section <= 0 || s.section >= len(f.sections) {
		return
	}
	to := s.value + s.size
	if to < s.value {
		return
	}
	f.claimRange(l, namer.ofSymbol(s), f.sections[s.section], s.value, to)
}

func (f *image) symbolTable() (section, bool) {
	for _, s := range f.sections {
		if s.kind == elf.SHT_SYMTAB {
			return s, true
		}
	}
	return section{}, false
}

func (f *image) readSymbols(table section) ([]symbol, error) {
	if int64(table.link) >= int64(len(f.sections)) {
		return nil, fmt.Errorf("their names lie in section %d of %d", table.link, len(f.sections))
	}
	raw, err := f.content(table, maxTable)
	if err != nil {
		return nil, err
	}
	names, err := f.content(f.sections[table.link], maxTable)
	if err != nil {
		return nil, fmt.Errorf("their names: %w", err)
	}
	length := elf.Sym32Size
	if f.wide {
		length = elf.Sym64Size
	}
	symbols := make([]symbol, 0, len(raw)/length)
	for ; len(raw) >= length; raw = raw[length:] {
		symbols = append(symbols, f.symbol(raw, names))
	}
	return symbols, nil
}

// symbol takes an entry of the table apart, which has another order of fields in files of 32 bits.
func (f *image) symbol(raw, names []byte) symbol {
	name := text(names, uint64(f.order.Uint32(raw)), maxSymbol)
	info, index := raw[4], f.order.Uint16(raw[6:])
	var value, size uint64
	if f.wide {
		value, size = f.order.Uint64(raw[8:]), f.order.Uint64(raw[16:])
	} else {
		value, size = uint64(f.order.Uint32(raw[4:])), uint64(f.order.Uint32(raw[8:]))
		info, index = raw[12], f.order.Uint16(raw[14:])
	}
	s := symbol{name: name, kind: elf.ST_TYPE(info), local: elf.ST_BIND(info) == elf.STB_LOCAL, value: value, size: size}
	if index < uint16(elf.SHN_LORESERVE) {
		s.section = int(index)
	}
	return s
}

// text is the string at a place of a table of names, up to its zero byte or the limit; "" beyond the table.
func text(table []byte, at uint64, limit int) string {
	if at >= uint64(len(table)) {
		return ""
	}
	rest := table[at:]
	rest = rest[:min(len(rest), limit)]
	if end := bytes.IndexByte(rest, 0); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToValidUTF8(string(rest), "?")
}
