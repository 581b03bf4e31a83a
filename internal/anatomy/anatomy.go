// Package anatomy says what a program's file is made of: bytes by section, and bytes by what their symbols belong to, be it
// a package of Go, a crate of Rust or a file of C. It reads ELF files with bounded work whatever is in them: the file may
// come from a stranger.
package anatomy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/communitas/perfgate/internal/result"
)

// ErrForm says that a file has a form whose parts this package does not know.
var ErrForm = errors.New("only ELF files are taken apart")

// MaxGroups is how many groups are told apart; the smaller ones are put together.
const MaxGroups = 200

// Of takes the file at a path apart.
func Of(path string) (*result.Anatomy, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("take the binary apart: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("take the binary apart: %w", err)
	}
	whole, err := Read(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("take the binary apart: %w", err)
	}
	return whole, nil
}

// Read takes a file of so many bytes apart. With an error there is no anatomy: errors.Is tells ErrForm when the file is no
// ELF file at all; every other error says what is wrong with it.
func Read(r io.ReaderAt, size int64) (*result.Anatomy, error) {
	if form := formOf(r, size); form != "ELF" {
		return nil, fmt.Errorf("this is %s: %w", form, ErrForm)
	}
	f, err := open(r, size)
	if err != nil {
		return nil, err
	}
	sections := newLedger()
	f.claimFile(sections)
	groups := newLedger()
	f.claimFile(groups)
	names, err := f.claimSymbols(groups)
	if err != nil {
		return nil, err
	}
	return &result.Anatomy{
		Bytes: size, Names: names, Sections: sections.parts(size), Groups: cut(groups.parts(size)),
	}, nil
}

// formOf recognises the form of a file by its first bytes.
func formOf(r io.ReaderAt, size int64) string {
	start := make([]byte, min(size, 4))
	if _, err := r.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return "unreadable"
	}
	for _, known := range []struct{ magic, form string }{
		{"\x7fELF", "ELF"},
		{"MZ", "a PE file of Windows"},
		{"#!", "a script"},
		{"\xfe\xed\xfa\xce", "a Mach-O file of macOS"},
		{"\xfe\xed\xfa\xcf", "a Mach-O file of macOS"},
		{"\xce\xfa\xed\xfe", "a Mach-O file of macOS"},
		{"\xcf\xfa\xed\xfe", "a Mach-O file of macOS"},
		{"\xca\xfe\xba\xbe", "a universal Mach-O file of macOS"},
		{"\x00asm", "a WebAssembly module"},
	} {
		if bytes.HasPrefix(start, []byte(known.magic)) {
			return known.form
		}
	}
	if size == 0 {
		return "an empty file"
	}
	return "a file of an unknown form"
}

// cut puts all groups but the largest together.
func cut(parts []result.Part) []result.Part {
	if len(parts) <= MaxGroups {
		return parts
	}
	rest := result.Part{Kind: result.PartRest, Name: fmt.Sprintf("%d smaller groups", len(parts)-MaxGroups)}
	for _, p := range parts[MaxGroups:] {
		rest.Bytes += p.Bytes
	}
	return append(slices.Clip(parts[:MaxGroups]), rest)
}

// largestFirst orders parts by size, and those of one size by name.
func largestFirst(a, b result.Part) int {
	return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}
