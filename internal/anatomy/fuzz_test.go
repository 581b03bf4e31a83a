package anatomy

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io/fs"
	"testing"

	"github.com/communitas/perfgate/internal/result"
)

// FuzzRead: whatever the bytes, there is an error and no anatomy, or parts that make the whole file.
func FuzzRead(f *testing.F) {
	for _, seed := range [][]byte{small(f, "x.y/z.F", binary.LittleEndian), small(f, "_RNvC3foo3bar", binary.BigEndian), []byte("#!/bin/sh\n"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		whole, err := Read(bytes.NewReader(file), int64(len(file)))
		if (whole == nil) == (err == nil) {
			t.Fatalf("anatomy %v beside error %v", whole, err)
		}
		if whole != nil {
			addsUp(t, whole)
		}
	})
}

// FuzzPclntab: the table of Go's functions is read within its bounds.
func FuzzPclntab(f *testing.F) {
	f.Add(smallPclntab(binary.LittleEndian, "main.main"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, known, err := parsePclntab(raw, binary.LittleEndian)
		if err != nil || !known {
			return
		}
		functions, err := table.functions(0x1000)
		if len(functions) > len(raw) {
			t.Fatalf("%d functions of %d bytes, error %v", len(functions), len(raw), err)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"_RNvC3foo3bar", "_ZN4core3fmt17h0123456789abcdefE", "_ZN7rocksdb2DB4OpenEv", "a/b.C[d/e.F]", "type:.eq.x/y.T"} {
		f.Add(seed, true)
	}
	namer := newNamer([]function{{name: "x/y.F"}})
	f.Fuzz(func(t *testing.T, name string, local bool) {
		got := namer.ofSymbol(symbol{name: name, local: local})
		if got.kind == "" || got.name == "" || len(got.name) > maxName {
			t.Fatalf("%q belongs to %v", name, got)
		}
	})
}

// addsUp holds an anatomy against what every one promises.
func addsUp(tb testing.TB, whole *result.Anatomy) {
	tb.Helper()
	for name, parts := range map[string][]result.Part{"sections": whole.Sections, "groups": whole.Groups} {
		sum := int64(0)
		for _, p := range parts {
			sum += p.Bytes
		}
		if sum != whole.Bytes {
			tb.Errorf("the %s make %d of %d bytes", name, sum, whole.Bytes)
		}
	}
}

func TestReadRefusesWhatIsNoWholeELFFile(t *testing.T) {
	file := small(t, "main.main", binary.LittleEndian)
	change := func(at int, b ...byte) []byte {
		return append(append(bytes.Clone(file[:at]), b...), file[at+len(b):]...)
	}
	for _, tc := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "this is an empty file: only ELF files are taken apart"},
		{"a script", []byte("#!/bin/sh\n"), "this is a script: only ELF files are taken apart"},
		{"Windows", []byte("MZ\x90\x00"), "this is a PE file of Windows: only ELF files are taken apart"},
		{"macOS", []byte("\xcf\xfa\xed\xfe"), "this is a Mach-O file of macOS: only ELF files are taken apart"},
		{"text", []byte("hello"), "this is a file of an unknown form: only ELF files are taken apart"},
		{"the mark alone", file[:4], "read the ELF header: " + errCut.Error()},
		{"half a header", file[:40], "read the ELF header: " + errCut.Error()},
		{"no such class", change(elf.EI_CLASS, 9), "read the ELF header: class 9 is none"},
		{"no such byte order", change(elf.EI_DATA, 9), "read the ELF header: byte order 9 is none"},
		{"cut at the end", file[:len(file)-1], "read the sections: section 5: " + errCut.Error()},
		{"no sections", change(60, 0, 0), "read the sections: there are 0 of them, which is none or too many"},
		{"too many sections", change(60, 255, 255), "read the sections: there are 65535 of them, which is none or too many"},
		{"names nowhere", change(62, 99, 0), "read the sections: their names lie in section 99 of 6"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			whole, err := Read(bytes.NewReader(tc.file), int64(len(tc.file)))
			if err == nil || err.Error() != tc.want || whole != nil {
				t.Errorf("%v, error %v\nwant %s", whole, err, tc.want)
			}
		})
	}
}

func TestReadAnnouncedFunctionsThatAreNotThere(t *testing.T) {
	raw := smallPclntab(binary.LittleEndian, "main.main")
	binary.LittleEndian.PutUint64(raw[8:], 1<<40)
	if table, known, err := parsePclntab(raw, binary.LittleEndian); err == nil || known {
		t.Errorf("%d functions were believed", table.count)
	}
}

func TestOfNamesTheFileThatIsNotThere(t *testing.T) {
	if whole, err := Of(t.TempDir() + "/none"); !errors.Is(err, fs.ErrNotExist) || whole != nil {
		t.Errorf("%v, %v", whole, err)
	}
}

// small is the smallest file that has it all: a text, a table of Go's functions, and a symbol of that name.
func small(tb testing.TB, name string, order binary.ByteOrder) []byte {
	tb.Helper()
	const start, base = 64, 0x1000
	names := "\x00.text\x00.gopclntab\x00.symtab\x00.strtab\x00"
	var symbols bytes.Buffer
	encode(tb, &symbols, order, elf.Sym64{})
	encode(tb, &symbols, order, elf.Sym64{Name: 1, Info: byte(elf.STT_FUNC), Shndx: 1, Value: base + 16, Size: 16})
	contents := [][]byte{nil, make([]byte, 64), smallPclntab(order, name), symbols.Bytes(), []byte("\x00" + name + "\x00"), []byte(names)}
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Addr: base},
		{Name: 7, Type: uint32(elf.SHT_PROGBITS)},
		{Name: 18, Type: uint32(elf.SHT_SYMTAB), Link: 4, Entsize: elf.Sym64Size},
		{Name: 26, Type: uint32(elf.SHT_STRTAB)},
		{Name: 26, Type: uint32(elf.SHT_STRTAB)},
	}
	header := elf.Header64{Ehsize: start, Shoff: start, Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: 5}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	if order == binary.ByteOrder(binary.BigEndian) {
		header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	var file bytes.Buffer
	encode(tb, &file, order, header)
	at := uint64(start + 64*len(sections))
	for i := range sections {
		sections[i].Off, sections[i].Size = at, uint64(len(contents[i]))
		at += sections[i].Size
	}
	encode(tb, &file, order, sections)
	for _, c := range contents {
		file.Write(c)
	}
	return file.Bytes()
}

// smallPclntab is a table of one function with 32 bytes.
func smallPclntab(order binary.ByteOrder, name string) []byte {
	const header = 8 + 8*8
	names := append([]byte(name), 0)
	raw := make([]byte, header+len(names)+5*4)
	order.PutUint32(raw, magicGo120)
	raw[6], raw[7] = 1, 8
	for i, word := range []uint64{1, 0, 0, header, 0, 0, 0, uint64(header + len(names))} {
		order.PutUint64(raw[8+8*i:], word)
	}
	list := raw[header+copy(raw[header:], names):]
	for i, number := range []uint32{0, 12, 32, 0, 0} { // start, place of the details; end; the details: start, place of the name
		order.PutUint32(list[4*i:], number)
	}
	return raw
}

func encode(tb testing.TB, into *bytes.Buffer, order binary.ByteOrder, what any) {
	tb.Helper()
	if err := binary.Write(into, order, what); err != nil {
		tb.Fatal(err)
	}
}
