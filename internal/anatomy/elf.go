package anatomy

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/communitas/perfgate/internal/result"
)

// The limits of what is read of a file. Those of honest files lie far below.
const (
	maxSections = result.MaxSections - 10 // headers and padding are parts too
	maxNames    = 1 << 20                 // bytes of the names of all sections
	maxTable    = 512 << 20               // bytes of a table of symbols or of names
	maxName     = 100                     // bytes of a part's name
)

// errCut says that a table or section reaches beyond the end of the file.
var errCut = errors.New("it reaches beyond the end of the file, which was cut or is damaged")

// image is an ELF file with its sections. debug/elf has the layout of the headers; its reader is not used, for it makes
// room for as much as a file says of itself, compressed sections unpacked.
type image struct {
	r     io.ReaderAt
	size  int64
	order binary.ByteOrder
	wide  bool // of 64 bits
	// headers are the ranges of the file's own tables.
	headers  []claim
	sections []section
}

// section is one section. One of kind SHT_NOBITS has a size, and no bytes in the file.
type section struct {
	name               string
	nameAt             uint32
	kind               elf.SectionType
	flags              elf.SectionFlag
	addr, offset, size uint64
	link               uint32
}

// header is what is used of both layouts of an ELF header.
type header struct {
	shoff, phoff       uint64
	ehsize             uint16
	phentsize, phnum   uint16
	shentsize, shnum   uint16
	sectionsOfTheNames uint16
}

// open reads the headers.
func open(r io.ReaderAt, size int64) (*image, error) {
	f := &image{r: r, size: size}
	h, err := f.readHeader()
	if err != nil {
		return nil, fmt.Errorf("read the ELF header: %w", err)
	}
	f.headers = []claim{
		{start: 0, end: int64(h.ehsize)},
		{start: int64(h.phoff), end: int64(h.phoff) + int64(h.phnum)*int64(h.phentsize)},
		{start: int64(h.shoff), end: int64(h.shoff) + int64(h.shnum)*int64(h.shentsize)},
	}
	if h.shoff == 0 { // a program needs no sections to run
		return f, nil
	}
	if err := f.readSections(h); err != nil {
		return nil, fmt.Errorf("read the sections: %w", err)
	}
	return f, nil
}

func (f *image) readHeader() (header, error) {
	ident, err := f.bytes(0, elf.EI_NIDENT)
	if err != nil {
		return header{}, err
	}
	switch elf.Data(ident[elf.EI_DATA]) {
	case elf.ELFDATA2LSB:
		f.order = binary.LittleEndian
	case elf.ELFDATA2MSB:
		f.order = binary.BigEndian
	default:
		return header{}, fmt.Errorf("byte order %d is none", ident[elf.EI_DATA])
	}
	switch elf.Class(ident[elf.EI_CLASS]) {
	case elf.ELFCLASS64:
		f.wide = true
		var h elf.Header64
		err := f.decode(0, &h)
		return header{h.Shoff, h.Phoff, h.Ehsize, h.Phentsize, h.Phnum, h.Shentsize, h.Shnum, h.Shstrndx}, err
	case elf.ELFCLASS32:
		var h elf.Header32
		err := f.decode(0, &h)
		return header{
			uint64(h.Shoff), uint64(h.Phoff), h.Ehsize, h.Phentsize, h.Phnum, h.Shentsize, h.Shnum, h.Shstrndx,
		}, err
	default:
		return header{}, fmt.Errorf("class %d is none", ident[elf.EI_CLASS])
	}
}

// readSections reads the table of sections, then their names.
func (f *image) readSections(h header) error {
	if h.shnum == 0 || int(h.shnum) > maxSections {
		return fmt.Errorf("there are %d of them, which is none or too many", h.shnum)
	}
	for i := range uint64(h.shnum) {
		s, err := f.readSection(h.shoff + i*uint64(h.shentsize))
		if err != nil {
			return fmt.Errorf("section %d: %w", i, err)
		}
		f.sections = append(f.sections, s)
	}
	if int(h.sectionsOfTheNames) >= len(f.sections) {
		return fmt.Errorf("their names lie in section %d of %d", h.sectionsOfTheNames, len(f.sections))
	}
	names, err := f.content(f.sections[h.sectionsOfTheNames], maxNames)
	if err != nil {
		return fmt.Errorf("their names: %w", err)
	}
	for i := range f.sections {
		f.sections[i].name = text(names, uint64(f.sections[i].nameAt), maxName)
	}
	return nil
}

func (f *image) readSection(at uint64) (section, error) {
	var s section
	var err error
	if f.wide {
		var raw elf.Section64
		err = f.decode(at, &raw)
		s = section{
			nameAt: raw.Name, kind: elf.SectionType(raw.Type), flags: elf.SectionFlag(raw.Flags),
			addr: raw.Addr, offset: raw.Off, size: raw.Size, link: raw.Link,
		}
	} else {
		var raw elf.Section32
		err = f.decode(at, &raw)
		s = section{
			nameAt: raw.Name, kind: elf.SectionType(raw.Type), flags: elf.SectionFlag(raw.Flags),
			addr: uint64(raw.Addr), offset: uint64(raw.Off), size: uint64(raw.Size), link: raw.Link,
		}
	}
	switch {
	case err != nil:
		return section{}, err
	case s.inFile() && (s.offset > uint64(f.size) || s.size > uint64(f.size)-s.offset):
		return section{}, errCut
	}
	return s, nil
}

// inFile tells whether a section has bytes in the file.
func (s section) inFile() bool {
	return s.kind != elf.SHT_NOBITS && s.kind != elf.SHT_NULL && s.size > 0
}

// owner names a section as a part.
func (s section) owner() owner {
	if s.name == "" {
		return owner{result.PartSection, "(without a name)"}
	}
	return owner{result.PartSection, s.name}
}

// claimFile enters the headers and all sections.
func (f *image) claimFile(l *ledger) {
	for _, h := range f.headers {
		l.claim(owner{result.PartFile, "(headers)"}, h.start, h.end)
	}
	for _, s := range f.sections {
		if s.inFile() {
			l.claim(s.owner(), int64(s.offset), int64(s.offset+s.size))
		}
	}
}

// claimRange enters a range of addresses that lies in a section; what reaches beyond the section is cut off.
func (f *image) claimRange(l *ledger, o owner, s section, from, to uint64) {
	if !s.inFile() || from < s.addr || from-s.addr >= s.size || to <= from {
		return
	}
	start := from - s.addr
	l.claim(o, int64(s.offset+start), int64(s.offset+min(to-s.addr, s.size)))
}

// find returns the first section with one of the names.
func (f *image) find(names ...string) (section, bool) {
	for _, s := range f.sections {
		if slices.Contains(names, s.name) {
			return s, true
		}
	}
	return section{}, false
}

// content reads the bytes of a section, of which there may be so many.
func (f *image) content(s section, limit uint64) ([]byte, error) {
	switch {
	case !s.inFile():
		return nil, nil
	case s.flags&elf.SHF_COMPRESSED != 0:
		return nil, errors.New("they are compressed")
	case s.size > limit:
		return nil, fmt.Errorf("%d bytes are more than %d", s.size, limit)
	}
	return f.bytes(s.offset, s.size)
}

// bytes reads a range of the file.
func (f *image) bytes(at, count uint64) ([]byte, error) {
	if at > uint64(f.size) || count > uint64(f.size)-at {
		return nil, errCut
	}
	raw := make([]byte, count)
	if _, err := f.r.ReadAt(raw, int64(at)); err != nil {
		return nil, err
	}
	return raw, nil
}

// decode reads a structure of the file.
func (f *image) decode(at uint64, into any) error {
	raw, err := f.bytes(at, uint64(binary.Size(into)))
	if err != nil {
		return err
	}
	_, err = binary.Decode(raw, f.order, into)
	return err
}
