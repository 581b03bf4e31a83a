package tomlfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a file. It prints as
//
//	perfgate.toml:12: scenario.nodse: unknown key (did you mean nodes?)
type Error struct {
	File string
	// Line counts from 1; 0 when the whole file is meant.
	Line int
	// Key is the dotted key, "" when no key is meant.
	Key string
	// Text says what is wrong, Hint how to mend it; Hint may be "".
	Text string
	Hint string
}

// Error prints file, line, key, text and hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Text)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// maxShown is how many errors of one file are printed: beyond it the file is another kind of file.
const maxShown = 20

// Problems collects all that is wrong with a document, so that it can be mended in one go.
type Problems struct {
	doc *Document
	all []*Error
}

// Problems starts an empty collection.
func (d *Document) Problems() *Problems { return &Problems{doc: d} }

// Add notes a problem at a place; hint says how to mend it, "" for none.
func (p *Problems) Add(at Path, hint, format string, args ...any) {
	p.all = append(p.all, p.doc.Errorf(at, hint, format, args...))
}

// Err joins the problems in the order of their lines; nil when there are none. Each is an *Error.
func (p *Problems) Err() error {
	slices.SortStableFunc(p.all, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
	var errs []error
	for _, e := range p.all[:min(len(p.all), maxShown)] {
		errs = append(errs, e)
	}
	if more := len(p.all) - maxShown; more > 0 {
		errs = append(errs, &Error{File: p.doc.name, Text: fmt.Sprintf("and %d more errors", more)})
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
