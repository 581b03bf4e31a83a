package anatomy

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
)

// maxLoaded bounds the section that is read for a hash, in bytes; a larger file is hashed whole.
const maxLoaded = 1 << 30

// Code is a hash of what a program's file does when it runs, in hexadecimal: of the sections that are loaded, names and contents. What
// only tells of the making is left out: debugging information, notes (the build id among them), and what Go's linker writes
// about the build and the commit. Each of the texts counts as as many zeros: the folder of the build, which some compilers
// write into panics. A file that can not be taken apart is hashed whole, and so is one without loaded sections.
func Code(path string, texts ...string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("hash the code: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("hash the code: %w", err)
	}
	sum := sha256.New()
	if loaded, err := hashLoaded(sum, file, info.Size(), texts); err != nil || !loaded {
		sum.Reset()
		if _, err := io.Copy(sum, io.NewSectionReader(file, 0, info.Size())); err != nil {
			return "", fmt.Errorf("hash the code: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// hashLoaded hashes the loaded sections, and tells whether there are any.
func hashLoaded(sum hash.Hash, r io.ReaderAt, size int64, texts []string) (bool, error) {
	if formOf(r, size) != "ELF" {
		return false, ErrForm
	}
	f, err := open(r, size)
	if err != nil {
		return false, err
	}
	found := false
	for _, s := range f.sections {
		if s.flags&elf.SHF_ALLOC == 0 || s.kind == elf.SHT_NOTE || s.name == ".go.buildinfo" {
			continue
		}
		fmt.Fprintf(sum, "%s\x00%d\x00%d\x00", s.name, s.addr, s.size)
		if s.kind == elf.SHT_NOBITS {
			continue
		}
		if s.size > maxLoaded || s.offset > uint64(size) || s.size > uint64(size)-s.offset {
			return false, errors.Join(errCut, fmt.Errorf("section %s", s.name))
		}
		content := make([]byte, s.size)
		if _, err := r.ReadAt(content, int64(s.offset)); err != nil {
			return false, err
		}
		blank(content, texts)
		sum.Write(content)
		found = true
	}
	return found, nil
}

// blank puts zeros in the place of what tells of the making: what is between the marks of Go's linker, and the texts.
func blank(content []byte, texts []string) {
	for _, between := range [][2]string{
		{"\xff Go build ID: \"", "\"\n \xff"},
		{"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"},
	} {
		for rest := content; ; {
			_, after, ok := bytes.Cut(rest, []byte(between[0]))
			if !ok {
				break
			}
			inside, behind, ok := bytes.Cut(after, []byte(between[1]))
			if !ok {
				break
			}
			clear(inside)
			rest = behind
		}
	}
	for _, text := range slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "" }) {
		for rest := content; ; {
			at := bytes.Index(rest, []byte(text))
			if at < 0 {
				break
			}
			clear(rest[at : at+len(text)])
			rest = rest[at+len(text):]
		}
	}
}
