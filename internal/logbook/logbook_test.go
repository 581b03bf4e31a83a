package logbook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/logbook"
)

func read(t *testing.T, logs ...string) []logbook.Entry {
	t.Helper()
	var book logbook.Book
	for node, log := range logs {
		if err := book.Read(strings.NewReader(log), 1, node); err != nil {
			t.Fatal(err)
		}
	}
	return book.Entries()
}

func TestLinesOfOneMessageAreOneEntry(t *testing.T) {
	got := read(t,
		"2025-09-11T10:00:01.123456Z  INFO node: ready in 12ms\n"+
			"2025-09-11T10:00:02.000001Z  WARN net: dial 127.0.0.1:9001 took 1200ms peer=12D3KooWAbcdefghijkmnopqrstuvwxyz12\n"+
			"2025-09-11T10:00:03.000002Z  WARN net: dial 127.0.0.1:9002 took 900ms peer=12D3KooWBbcdefghijkmnopqrstuvwxyz12\n",
		"all is well\n\x1b[33m2025-09-11 10:00:04\x1b[0m \x1b[33mWARN\x1b[0m net: dial [::1]:9003 took 1.5ms peer=12D3KooWCbcdefghijkmnopqrstuvwxyz12\n")
	want := []logbook.Entry{{
		Kind: logbook.Warning, Message: "WARN net: dial <addr> took <n>ms peer=<id>", Count: 3, Nodes: []int{0, 1},
		First:   logbook.Place{Run: 1, Node: 0, Line: 2},
		Example: "2025-09-11T10:00:02.000001Z  WARN net: dial 127.0.0.1:9001 took 1200ms peer=12D3KooWAbcdefghijkmnopqrstuvwxyz12",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestEntriesAreInOrderOfWhatTheyMean(t *testing.T) {
	got := read(t, "a slow disk\nWARN b\nWARN b\nWARN a\nERROR c\nERROR dial: Connection refused (os error 111)\nError: Address already in use\nthread 'main' panicked at x\nfine\n")
	var kinds []string
	for _, e := range got {
		kinds = append(kinds, fmt.Sprintf("%s %d", e.Kind, e.Count))
	}
	want := []string{"panic 1", "connection refused 1", "address in use 1", "error 1", "warning 2", "warning 1", "slow 1"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, e := range got[:3] {
		if e.Mend() == "" {
			t.Errorf("no mend for %s", e.Kind)
		}
	}
}

func TestAWordOfLettersIsNoIdentity(t *testing.T) {
	got := read(t, "WARN feedface deadbeef1 added facade\n")
	if want := "WARN feedface <id> added facade"; len(got) != 1 || got[0].Message != want {
		t.Errorf("%+v, want %q", got, want)
	}
}

func TestLongLinesAndManyMessages(t *testing.T) {
	var log strings.Builder
	log.WriteString("ERROR " + strings.Repeat("x", 1<<20) + "\nERROR after\n")
	for i := range 3000 {
		fmt.Fprintf(&log, "WARN %s\n", word(i))
	}
	var book logbook.Book
	if err := book.Read(strings.NewReader(log.String()), 1, 0); err != nil {
		t.Fatal(err)
	}
	all := book.Entries()
	if len(all) != 2002 || book.Dropped != 1000 {
		t.Errorf("%d entries, %d dropped", len(all), book.Dropped)
	}
	if all[0].Message != "ERROR after" || all[0].First.Line != 2 {
		t.Errorf("a line after a long one: %+v", all[0])
	}
}

// TestAFloodOfWarningsHidesNoPanic: the limit is one of each kind.
func TestAFloodOfWarningsHidesNoPanic(t *testing.T) {
	var log strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&log, "WARN %s\n", word(i))
	}
	if all := read(t, log.String()+"panic: the last words\n"); all[0].Kind != logbook.Panic {
		t.Errorf("the worst is %+v", all[0])
	}
}

// word writes a number with letters.
func word(i int) string {
	text := "w"
	for ; i > 0; i /= 16 {
		text += string(rune('g' + i%16))
	}
	return text
}

func TestAnErrorOfReadingIsTold(t *testing.T) {
	var book logbook.Book
	broken := errors.New("broken disk")
	if err := book.Read(iotest.ErrReader(broken), 1, 0); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("2025-09-11T10:00:02Z WARN dial 127.0.0.1:9001\n\x1b[31mERROR\x1b[0m 0xdeadbeef \xff\x00\npanic"))
	f.Fuzz(func(t *testing.T, log []byte) {
		var book logbook.Book
		if err := book.Read(strings.NewReader(string(log)), 1, 0); err != nil {
			t.Fatal(err)
		}
		lines, found := strings.Count(string(log), "\n")+1, book.Dropped
		for _, e := range book.Entries() {
			found += e.Count
			if !utf8.ValidString(e.Message) || strings.ContainsAny(e.Message+e.Example, "\n\x1b\x00") || e.First.Line < 1 || e.First.Line > lines {
				t.Errorf("%+v", e)
			}
		}
		if found > lines {
			t.Errorf("%d lines complain of %d", found, lines)
		}
	})
}
