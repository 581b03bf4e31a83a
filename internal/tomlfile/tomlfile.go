// Package tomlfile reads TOML strictly: every unknown key, wrong type and syntax error becomes an *Error that names the
// file, the line, the key and the mend. It is the one home of the TOML library, which knows no lines of keys that it did
// not decode: a scanner of this package's own finds the line of every key.
package tomlfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxBytes is the size of the largest file that is read.
const MaxBytes = 1 << 20

// Document is a TOML file that was parsed and not yet decoded.
type Document struct {
	name string
	text string
	tree map[string]any
	index
}

// Parse reads the text of a file; name is what errors call it. The error is an *Error.
func Parse(name string, raw []byte) (*Document, error) {
	if len(raw) > MaxBytes {
		return nil, &Error{File: name, Text: fmt.Sprintf("the file has %d bytes, more than %d", len(raw), MaxBytes)}
	}
	if at := invalidUTF8(raw); at >= 0 {
		line := 1 + bytes.Count(raw[:at], []byte("\n"))
		return nil, &Error{File: name, Line: line, Text: "the file is no UTF-8 text", Hint: "save it as UTF-8"}
	}
	text := string(bytes.TrimPrefix(raw, []byte(byteOrderMark)))
	if strings.HasPrefix(text, byteOrderMark) { // the library would pass over one more
		return nil, &Error{File: name, Line: 1, Text: "the file starts with two byte order marks", Hint: "delete both"}
	}
	found := scan(text)
	if found.refused != "" {
		return nil, &Error{File: name, Line: found.refusedAt, Text: found.refused}
	}
	for i := range found.comments {
		found.comments[i].Offset += len(raw) - len(text)
	}
	d := &Document{name: name, text: text, index: found.index}
	if err := d.decode(&d.tree); err != nil {
		return nil, err
	}
	return d, nil
}

// byteOrderMark is what some editors put before UTF-8 text.
const byteOrderMark = "\xef\xbb\xbf"

// Empty tells that the file has no key at all; it may have comments.
func (d *Document) Empty() bool { return len(d.tree) == 0 }

// Schema checks the key "schema" of the document. It comes before Decode, since a file of a newer schema may well have
// keys that this version does not know.
func (d *Document) Schema(want string) error {
	at := At("schema")
	add := fmt.Sprintf("write schema = %q at the top of the file", want)
	value, there := d.tree["schema"]
	if !there {
		return &Error{File: d.name, Line: 1, Key: "schema", Text: "is missing", Hint: add}
	}
	got, text := value.(string)
	switch {
	case got == want:
		return nil
	case text && newer(got, want):
		return d.Errorf(at, "update perfgate", "%q was written for a newer perfgate; this one reads %q", got, want)
	default:
		return d.Errorf(at, add, "%v is not %q", value, want)
	}
}

// newer tells whether two schemas have one name and the first has a higher number.
func newer(got, want string) bool {
	name, number, _ := strings.Cut(got, "/")
	wantName, wantNumber, _ := strings.Cut(want, "/")
	var g, w int
	if _, err := fmt.Sscanf(number+" "+wantNumber, "%d %d", &g, &w); err != nil {
		return false
	}
	return name == wantName && g > w
}

// Decode fills a struct whose fields carry toml tags. Keys that the struct does not know and values of another type are
// errors, all of them at once, in the order of their lines. A field may carry a tag `example:"..."` that a wrong type
// is answered with.
func (d *Document) Decode(into any) error {
	if err := d.check(into); err != nil {
		return err
	}
	return d.decode(into)
}

// decode runs the library. What it finds beyond check becomes an *Error too, also where it panics.
func (d *Document) decode(into any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Error{File: d.name, Text: fmt.Sprintf("the file cannot be read: %v", r)}
		}
	}()
	meta, err := toml.Decode(d.text, into)
	if syntax, ok := errors.AsType[toml.ParseError](err); ok {
		return &Error{File: d.name, Line: syntax.Position.Line, Key: syntax.LastKey, Text: syntax.Message}
	}
	if err != nil {
		return &Error{File: d.name, Text: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	if left := meta.Undecoded(); len(left) > 0 && into != &d.tree {
		return d.Errorf(At(left[0]...), "", "unknown key")
	}
	return nil
}

// Line is where a key or an element of an array stands, from 1. For a place that is not in the file it is the line of
// the nearest table around it, and 1 when there is none.
func (d *Document) Line(at Path) int {
	for ; at.depth > 0; at = *at.parent {
		if line, ok := d.lines[at.id]; ok {
			return line
		}
	}
	return 1
}

// Errorf makes an error at a place; hint says how to mend it, "" for none.
func (d *Document) Errorf(at Path, hint, format string, args ...any) *Error {
	return &Error{File: d.name, Line: d.Line(at), Key: at.String(), Text: fmt.Sprintf(format, args...), Hint: hint}
}

func invalidUTF8(raw []byte) int {
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}
