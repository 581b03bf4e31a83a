package anatomy

import (
	"encoding/binary"
	"errors"
)

// function is a function of Go, from start up to the next one.
type function struct {
	name       string
	start, end uint64
}

// Every program of Go carries a table of its functions for the sake of its own stack traces, be it stripped or not. It is
// read here and not by debug/gosym, which makes room for as many functions as the header announces.

// The marks of the layouts that are known, by the release that brought them.
const (
	magicGo116 = 0xfffffffa
	magicGo118 = 0xfffffff0
	magicGo120 = 0xfffffff1
)

// pclntab is the table, taken apart as far as names need it.
type pclntab struct {
	order binary.ByteOrder
	// pointer is the size of an address in bytes, field that of a number in the list of functions.
	pointer, field int
	// relative says that places of functions count from the start of the text.
	relative bool
	count    uint64
	names    []byte
	// list is where the functions are listed, and what their places in it refer to.
	list []byte
}

// goFunctions lists the functions of a program of Go, none for any other. A table in a layout that is not known gives none
// either: what it would name stays with its section.
func (f *image) goFunctions(symbols []symbol) ([]function, error) {
	s, ok := f.find(".gopclntab", ".data.rel.ro.gopclntab")
	if !ok {
		return nil, nil
	}
	raw, err := f.content(s, maxTable)
	if err != nil {
		return nil, err
	}
	table, known, err := parsePclntab(raw, f.order)
	if err != nil || !known {
		return nil, err
	}
	return table.functions(f.textStart(symbols))
}

// textStart is where Go's own text begins. A linker of C puts some bytes of its own before it; when the symbol that tells is
// stripped, the functions at the seams get up to those few bytes too many or too little.
func (f *image) textStart(symbols []symbol) uint64 {
	for _, s := range symbols {
		if s.name == "runtime.text" {
			return s.value
		}
	}
	text, _ := f.find(".text")
	return text.addr
}

var errPclntab = errors.New("it is damaged")

func parsePclntab(raw []byte, order binary.ByteOrder) (t pclntab, known bool, err error) {
	if len(raw) < 8 {
		return pclntab{}, false, errPclntab
	}
	t = pclntab{order: order, pointer: int(raw[7]), field: 4, relative: true}
	if t.pointer != 4 && t.pointer != 8 {
		return pclntab{}, false, errPclntab
	}
	namesAt, listAt := 3, 7
	switch order.Uint32(raw) {
	case magicGo118, magicGo120:
	case magicGo116:
		t.field, t.relative = t.pointer, false
		namesAt, listAt = 2, 6
	default:
		return pclntab{}, false, nil
	}
	var ok [3]bool
	t.count, ok[0] = t.word(raw, 8)
	t.names, ok[1] = t.behind(raw, namesAt)
	t.list, ok[2] = t.behind(raw, listAt)
	if !ok[0] || !ok[1] || !ok[2] || t.count > uint64(len(t.list)/(2*t.field)) {
		return pclntab{}, false, errPclntab
	}
	return t, true, nil
}

// behind is the table from the place on that a word of its header names.
func (t pclntab) behind(raw []byte, index int) ([]byte, bool) {
	at, ok := t.word(raw, 8+index*t.pointer)
	if !ok || at > uint64(len(raw)) {
		return nil, false
	}
	return raw[at:], true
}

// word reads an address at a place.
func (t pclntab) word(raw []byte, at int) (uint64, bool) { return t.number(raw, at, t.pointer) }

func (t pclntab) number(raw []byte, at, size int) (uint64, bool) {
	if at < 0 || len(raw) < size || at > len(raw)-size {
		return 0, false
	}
	if size == 4 {
		return uint64(t.order.Uint32(raw[at:])), true
	}
	return t.order.Uint64(raw[at:]), true
}

// functions lists all functions. Each has its start in the list, and so the next one's start as its end.
func (t pclntab) functions(textStart uint64) ([]function, error) {
	all := make([]function, 0, t.count)
	if !t.relative {
		textStart = 0
	}
	for i := range int(t.count) {
		start, ok1 := t.number(t.list, 2*i*t.field, t.field)
		details, ok2 := t.number(t.list, (2*i+1)*t.field, t.field)
		end, ok3 := t.number(t.list, (2*i+2)*t.field, t.field)
		if !ok1 || !ok2 || !ok3 || end < start || details > uint64(len(t.list)) {
			return nil, errPclntab
		}
		entry := 4 // of the function's own start, which comes before the place of its name
		if !t.relative {
			entry = t.pointer
		}
		name, ok := t.number(t.list, int(details)+entry, 4)
		if !ok {
			return nil, errPclntab
		}
		all = append(all, function{text(t.names, name, maxSymbol), textStart + start, textStart + end})
	}
	return all, nil
}
