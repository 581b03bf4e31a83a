// Package logbook groups what the logs of nodes complain of: lines of one message become one entry, with how often it came,
// where first, and what to do about it where the monitoring guide knows.
package logbook

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind is what a line complains of.
type Kind string

// The kinds, the worst first: a line of several is of the first.
const (
	Panic   Kind = "panic"
	Refused Kind = "connection refused"
	Taken   Kind = "address in use"
	Error   Kind = "error"
	Warning Kind = "warning"
	Slow    Kind = "slow"
)

// Place is a line of a log.
type Place struct {
	// Run is the number of the run in its scenario, Node the index of the node, Line counts from 1.
	Run, Node, Line int
}

// Entry is one message, however often it came.
type Entry struct {
	Kind Kind
	// Message is what the lines have in common: times are left out, and numbers, addresses and identities are written as <n>,
	// <addr>, <id>.
	Message string
	Count   int
	// Nodes are the indexes of the nodes that it came from, in order.
	Nodes []int
	// First is where it came first, Example that line, shortened.
	First   Place
	Example string
}

// Book collects entries. The zero Book is empty.
type Book struct {
	// Dropped counts the lines of messages that found no place: a book has limits, for a log may hold anything.
	Dropped int
	entries map[key]*Entry
	kinds   map[Kind]int // how many of the entries are of each
}

type key struct {
	kind    Kind
	message string
}

const (
	// maxEntries is how many messages of one kind are kept: many warnings take no place from a panic.
	maxEntries = 2000
	// maxLine is how many bytes of a line are looked at.
	maxLine = 16 << 10
)

// Read takes the log of one node of one run.
func (b *Book) Read(r io.Reader, run, node int) error {
	reader := bufio.NewReaderSize(r, maxLine)
	for number := 1; ; number++ {
		line, err := reader.ReadSlice('\n')
		if len(line) > 0 {
			b.add(line, Place{Run: run, Node: node, Line: number})
		}
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a long line
			_, err = reader.ReadSlice('\n')
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read log: %w", err)
		}
	}
}

func (b *Book) add(line []byte, at Place) {
	kind := kindOf(line)
	if kind == "" {
		return
	}
	text := plain(line)
	k := key{kind, generalise(text)}
	e := b.entries[k]
	if e == nil {
		if b.kinds[kind] == maxEntries {
			b.Dropped++
			return
		}
		if b.entries == nil {
			b.entries, b.kinds = map[key]*Entry{}, map[Kind]int{}
		}
		b.kinds[kind]++
		e = &Entry{Kind: kind, Message: k.message, First: at, Example: shorten(text)}
		b.entries[k] = e
	}
	e.Count++
	if i, known := slices.BinarySearch(e.Nodes, at.Node); !known {
		e.Nodes = slices.Insert(e.Nodes, i, at.Node)
	}
}

// kindOf is what a line complains of, "" when it does not. The words are those that the monitoring guide searches for.
func kindOf(line []byte) Kind {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(line, []byte(word)) })
	}
	switch {
	case has("panic"):
		return Panic
	case has("onnection refused"):
		return Refused
	case has("ddress already in use"):
		return Taken
	case has("ERROR"):
		return Error
	case has("WARN"):
		return Warning
	case has("slow", "timeout", "exceeded"):
		return Slow
	}
	return ""
}

// Entries returns the entries, the worst kind first, then the most frequent.
func (b *Book) Entries() []Entry {
	var all []Entry
	for _, e := range b.entries {
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.Count, a.Count), strings.Compare(a.Message, b.Message))
	})
	return all
}

func rank(k Kind) int { return slices.Index([]Kind{Panic, Refused, Taken, Error, Warning, Slow}, k) }

// Mend is what the monitoring guide's section on troubleshooting says to do, "" where it says nothing.
func (e Entry) Mend() string {
	switch e.Kind {
	case Panic:
		return "the node crashed: read on from there in its log"
	case Refused:
		return "is the bootstrap running, and do the firewall's rules allow connections to localhost? perfgate doctor tries both"
	case Taken:
		return "another program has the port: leave BASE_PORT and BASE_METRICS_PORT unset, and perfgate chooses free ones"
	case Slow:
		return "larger networks take longer: look at the machine (perfgate doctor), and at formation_timeout and duration"
	default:
		return ""
	}
}
