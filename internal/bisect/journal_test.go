package bisect

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written is the journal of a search.
func written(tb testing.TB, task Task, events []Event) []byte {
	tb.Helper()
	text, err := HeaderLine(task)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range events {
		one, err := EventLine(e)
		if err != nil {
			tb.Fatal(err)
		}
		text = append(text, one...)
	}
	return text
}

func TestAJournalIsReadAsItWasWritten(t *testing.T) {
	task, live, events := typical(t)
	text := written(t, task, events)
	j, err := ReadJournal(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Journal{Task: task, Events: events, Whole: int64(len(text))}, j); diff != "" {
		t.Fatal(diff)
	}
	again, err := replayed(j.Task, j.Events)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := shown(t, live), shown(t, again); !bytes.Equal(a, b) {
		t.Errorf("live %s\nfrom the journal %s", a, b)
	}
}

// Whatever the byte at which a crash cuts a journal, what is whole of it is read, and the search goes on from there.
func TestAJournalThatIsCutAnywhere(t *testing.T) {
	task, _, events := typical(t)
	text := written(t, task, events)
	first := bytes.IndexByte(text, '\n') + 1
	for cut := 0; cut <= len(text); cut++ {
		if cut > first+500 && cut < len(text)-500 && cut%97 != 0 {
			continue
		}
		j, err := ReadJournal(bytes.NewReader(text[:cut]))
		if cut < first {
			if err == nil || !strings.Contains(err.Error(), "start a new search") {
				t.Fatalf("cut at %d, in the first line: %v", cut, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		whole := bytes.LastIndexByte(text[:cut], '\n') + 1
		if n := bytes.Count(text[first:whole], []byte("\n")); len(j.Events) != n || j.Whole != int64(whole) || j.Torn != (whole < cut) {
			t.Fatalf("cut at %d: %d events of %d, %d bytes of %d, torn %v", cut, len(j.Events), n, j.Whole, whole, j.Torn)
		}
		if diff := cmp.Diff(events[:len(j.Events)], j.Events, cmp.Comparer(func(a, b []Event) bool {
			return len(a) == len(b) && (len(a) == 0 || cmp.Equal(a[len(a)-1], b[len(b)-1]))
		})); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestJournalsThatCannotBeRead(t *testing.T) {
	head := `{"schema":"perfgate.bisect-journal/1","commits":[{"id":"a"},{"id":"b","parents":[0]}],` +
		`"parameters":{"costs":{"cold_build_seconds":20,"run_seconds":1}}}` + "\n"
	if j, err := ReadJournal(strings.NewReader(head)); err != nil || len(j.Task.Commits) != 2 {
		t.Fatalf("a plain journal: %+v, %v", j, err)
	}
	for want, text := range map[string]string{
		"it has no first line":                      "",
		"line 1: invalid character":                 "Hello\n",
		`line 1: schema "perfgate.results/1"`:       `{"schema":"perfgate.results/1"}` + "\n",
		`line 1: schema ""`:                         "{}\n",
		`unknown field "colour"`:                    strings.Replace(head, `"commits"`, `"colour":1,"commits"`, 1),
		"parents come before":                       strings.Replace(head, "[0]", "[1]", 1),
		"costs.run_seconds is above 0":              strings.Replace(head, `"run_seconds":1`, `"run_seconds":0`, 1),
		"line 2: unknown type":                      head + `{"type":"melted"}` + "\n",
		"line 2: has more than one JSON value":      head + `{"type":"built","commit":"a"} {}` + "\n",
		"line 2: unexpected EOF":                    head + "{\n",
		"line 2: EOF":                               head + "\n",
		"line 2: json: cannot unmarshal":            head + `{"type":"ran","artifact":1.5,"value":1}` + "\n",
		`line 2: json: unknown field "verdict"`:     head + `{"type":"ran","artifact":1,"value":1,"verdict":"bad"}` + "\n",
		"line 2: ran: has reason, which belongs to": head + `{"type":"ran","artifact":1,"value":1,"reason":"x"}` + "\n",
	} {
		j, err := ReadJournal(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
		if !cmp.Equal(j, Journal{}) {
			t.Errorf("%q: an error, and beside it %+v", text, j)
		}
	}
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	_, err := ReadJournal(io.LimitReader(endless{}, longestLine+2<<20))
	if err == nil || !strings.Contains(err.Error(), "line 1: longer than") {
		t.Errorf("error %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestWhatCannotBeReadIsNotWritten(t *testing.T) {
	if text, err := EventLine(Event{Type: Ran, Value: 1}); err == nil || text != nil {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := HeaderLine(Task{Commits: Chain("a")}); err == nil || text != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// FuzzReadJournal reads anything: it never panics, gives nothing beside an error, what it gives is written and read again
// unchanged, and what it gives can be replayed or is refused with an error.
func FuzzReadJournal(f *testing.F) {
	task := Task{Commits: Chain("a", "b", "c", "d"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}}
	task.Commits[2].Class = "x"
	task.Commits[3].Parents = []int{1, 2}
	events := []Event{
		{Type: Built, Commit: "a", Binary: "1", Seconds: 20, AtSeconds: 20},
		{Type: Built, Commit: "d", AtSeconds: 41},
		{Type: Ran, Artifact: 1, Value: 1.5, AtSeconds: 42},
		{Type: Invalid, Artifact: 2, Reason: "busy", AtSeconds: 43},
		{Type: Broken, Commit: "c", Reason: "E1", AtSeconds: 44},
		{Type: Focused, Good: "a", Bad: "b", AtSeconds: 45},
	}
	text := written(f, task, events)
	f.Add(text)
	f.Add(text[:len(text)-3])
	f.Add(bytes.Replace(text, []byte(`"a"`), []byte(`"d"`), 3))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := ReadJournal(bytes.NewReader(text))
		if err != nil {
			if !cmp.Equal(j, Journal{}) {
				t.Fatalf("%v, and beside it %+v", err, j)
			}
			return
		}
		again, err := ReadJournal(bytes.NewReader(written(t, j.Task, j.Events)))
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(j.Task, again.Task) || !cmp.Equal(j.Events, again.Events) {
			t.Fatalf("%+v, then %+v", j, again)
		}
		if len(j.Task.Commits) > 200 || len(j.Events) > 200 {
			return // a search of the fuzzer's making may take long
		}
		if s, err := replayed(j.Task, j.Events); err == nil {
			shown(t, s)
		}
	})
}
