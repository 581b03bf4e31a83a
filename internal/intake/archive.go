package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Archive takes in a zip archive of a results directory. Nothing is unpacked onto a disk. Every name in it is looked at, also
// of files that are not read: an archive that has one that no honest packer writes is refused as a whole.
func Archive(r io.ReaderAt, size int64) (Delivery, error) {
	head, base, err := packed(r, size)
	if err != nil {
		return Delivery{}, err
	}
	return deliver(head, base)
}

// packed are the texts of both sides in an archive; base is nil when there is none.
func packed(r io.ReaderAt, size int64) (head, base []byte, err error) {
	if size > MaxArchive {
		return nil, nil, refuse("", "an archive of %d bytes is larger than %d", size, MaxArchive)
	}
	if err := countEntries(r, size); err != nil {
		return nil, nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // the names are judged below
		return nil, nil, refuse("", "no zip archive that can be read: %v", err)
	}
	files, err := inspect(archive.File)
	if err != nil {
		return nil, nil, err
	}
	if files[headFile] == nil {
		return nil, nil, refuse("", "there is no %s at the top of the archive (pack what is in the results directory, not the directory)", headFile)
	}
	if head, err = unpack(files[headFile]); err != nil || files[baseFile] == nil {
		return head, nil, err
	}
	base, err = unpack(files[baseFile])
	return head, base, err
}

// countEntries bounds the entries of the directory before it is read: every entry has this signature.
func countEntries(r io.ReaderAt, size int64) error {
	signature := []byte("PK\x01\x02")
	buffer := make([]byte, 1<<20)
	count := 0
	for at := int64(0); at < size; at += int64(len(buffer) - len(signature) + 1) {
		n, err := r.ReadAt(buffer, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return refuse("", "the archive cannot be read: %v", err)
		}
		if count += bytes.Count(buffer[:n], signature); count > MaxEntries {
			return refuse("", "more than %d entries", MaxEntries)
		}
	}
	return nil
}

// inspect looks at all entries and returns the regular files by name.
func inspect(entries []*zip.File) (map[string]*zip.File, error) {
	files := map[string]*zip.File{}
	folded := map[string]string{}
	total := uint64(0)
	for _, e := range entries {
		if err := checkName(e.Name); err != nil {
			return nil, err
		}
		mode := e.Mode()
		name := strings.TrimSuffix(e.Name, "/")
		switch {
		case !mode.IsDir() && !mode.IsRegular():
			return nil, refuse(e.Name, "it is a link or a device")
		case mode.IsDir() && e.UncompressedSize64 > 0:
			return nil, refuse(e.Name, "it is a folder that has a content")
		case e.Flags&1 != 0:
			return nil, refuse(e.Name, "it is encrypted")
		}
		if other, there := folded[fold(name)]; there {
			return nil, refuse(e.Name, "the name is there already, as %s", quoted(other))
		}
		folded[fold(name)] = e.Name
		if total += e.UncompressedSize64; e.UncompressedSize64 > MaxUnpacked || total > MaxUnpacked {
			return nil, refuse(e.Name, "up to here the archive says it has more than %d bytes inside", int64(MaxUnpacked))
		}
		if !mode.IsDir() {
			files[name] = e
		}
	}
	return files, nil
}

// checkName refuses the names that lead out of a folder, or that mean different things on different systems.
func checkName(name string) error {
	switch {
	case name == "" || len(name) > MaxName:
		return refuse(name, "a name of %d bytes", len(name))
	case !utf8.ValidString(name):
		return refuse(name, "the name is no UTF-8")
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }):
		return refuse(name, "the name has characters that cannot be seen")
	case strings.ContainsAny(name, `\:`):
		return refuse(name, "the name has a backslash or a colon")
	case strings.HasPrefix(name, "/") || path.Clean(name) != strings.TrimSuffix(name, "/") || name == ".." || strings.HasPrefix(name, "../"):
		return refuse(name, "the name leads out of the archive")
	}
	return nil
}

// unpack reads one entry, by what comes out of it and not by what it says.
func unpack(e *zip.File) ([]byte, error) {
	if e.UncompressedSize64 > MaxFile {
		return nil, refuse(e.Name, "%d bytes are more than %d", e.UncompressedSize64, MaxFile)
	}
	if e.CompressedSize64 == 0 || e.UncompressedSize64/e.CompressedSize64 > MaxRatio {
		return nil, refuse(e.Name, "%d bytes are packed into %d: it is empty or made to burst", e.UncompressedSize64, e.CompressedSize64)
	}
	reader, err := e.Open()
	if err != nil {
		return nil, refuse(e.Name, "it cannot be unpacked: %v", err)
	}
	defer reader.Close()
	return limited(reader, e.Name)
}

// limited reads a file up to the limit.
func limited(r io.Reader, place string) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	switch {
	case err != nil:
		return nil, refuse(place, "it cannot be read: %v", err)
	case len(raw) > MaxFile:
		return nil, refuse(place, "more than %d bytes", MaxFile)
	}
	return raw, nil
}

// fold is equal for names that a file system, or a reader of JSON, may take for one.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}
