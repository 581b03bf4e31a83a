package contain

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	aHead    = `{"schema":"perfgate.journal/1","owner":{"pid":7,"start_ticks":9,"nonce":"abc","boot_id":"b","pid_namespace":"n"},"results":"/r"}` + "\n"
	aSubject = `{"kind":"folder","path":"/r/.perfgate-subject"}` + "\n"
	aMesh    = `{"kind":"run","path":"/r/mesh/run-01"}` + "\n"
)

func TestParseJournal(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []entry
		err  string
	}{
		"only a head":       {text: aHead},
		"what is open":      {text: aHead + aSubject + aMesh, want: []entry{{Kind: aFolder, Path: "/r/.perfgate-subject"}, {Kind: aRun, Path: "/r/mesh/run-01"}}},
		"what is gone":      {text: aHead + aSubject + aMesh + `{"kind":"run","path":"/r/mesh/run-01","gone":true}` + "\n", want: []entry{{Kind: aFolder, Path: "/r/.perfgate-subject"}}},
		"a cut line":        {text: aHead + aSubject + `{"kind":"run","pa`, want: []entry{{Kind: aFolder, Path: "/r/.perfgate-subject"}}},
		"its own cgroup":    {text: aHead + `{"kind":"cgroup","path":"/c/perfgate-7-9-abc"}` + "\n", want: []entry{{Kind: aCgroup, Path: "/c/perfgate-7-9-abc"}}},
		"nothing":           {text: "", err: "the journal is empty"},
		"a cut head":        {text: aHead[:20], err: "the journal is empty"},
		"another's cgroup":  {text: aHead + `{"kind":"cgroup","path":"/c/perfgate-7-9-xyz"}` + "\n", err: "line 2: cgroup /c/perfgate-7-9-xyz has not the name"},
		"a folder outside":  {text: aHead + `{"kind":"folder","path":"/etc/.perfgate-x"}` + "\n", err: "line 2: folder /etc/.perfgate-x is none of perfgate's"},
		"a user's folder":   {text: aHead + `{"kind":"folder","path":"/r/precious"}` + "\n", err: "line 2: folder /r/precious is none of perfgate's"},
		"a run outside":     {text: aHead + `{"kind":"run","path":"/home"}` + "\n", err: "line 2: folder /home is not in /r"},
		"a likeness":        {text: aHead + `{"kind":"run","path":"/rest/run"}` + "\n", err: "line 2: folder /rest/run is not in /r"},
		"a way out":         {text: aHead + `{"kind":"run","path":"/r/../home"}` + "\n", err: "line 2: \"/r/../home\" is no absolute path"},
		"another kind":      {text: aHead + `{"kind":"disk","path":"/r/a"}` + "\n", err: "line 2: kind \"disk\" is unknown"},
		"another key":       {text: aHead + `{"kind":"run","path":"/r/a","force":true}` + "\n", err: "line 2: json: unknown field"},
		"another schema":    {text: strings.Replace(aHead, "/1", "/2", 1), err: "line 1: schema \"perfgate.journal/2\" is not"},
		"nobody":            {text: strings.Replace(aHead, `"pid":7`, `"pid":0`, 1), err: "line 1: the owner 0-9-abc is none"},
		"a relative folder": {text: strings.Replace(aHead, `"/r"`, `"r"`, 1), err: "line 1: the results directory \"r\" is no absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := parseJournal([]byte(tc.text))
			if tc.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tc.err) || j.open != nil {
					t.Errorf("%v, %v, want an error that begins with %q", j, err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, j.open); diff != "" && len(tc.want)+len(j.open) > 0 {
				t.Errorf("open: -want +got\n%s", diff)
			}
		})
	}
}

func TestWriterLeavesNothingOfALineThatFindsNoRoom(t *testing.T) {
	w, err := newWriter(t.TempDir(), head{Schema: journalSchema, Owner: owner{PID: 7, Nonce: "abc"}, Results: "/r"})
	if err != nil {
		t.Fatal(err)
	}
	path := w.path()
	if err := w.write(entry{Kind: aRun, Path: "/r/mesh/run-01"}); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path) // a file that cannot be written to stands in for a disk that is full
	if err != nil {
		t.Fatal(err)
	}
	full := &writer{file: reader, size: w.size}
	if err := full.write(entry{Kind: aRun, Path: "/r/mesh/run-02"}); err == nil {
		t.Error("no error")
	}
	if j, err := readJournal(path); err != nil || len(j.open) != 1 {
		t.Errorf("%v, %v", j, err)
	}
	if err := w.remove(); err != nil {
		t.Error(err)
	}
	if _, err := readJournal(path); !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("after its end: %v", err)
	}
}

func unwrapAll(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestAnOwnersNameIsReadAsItIsWritten(t *testing.T) {
	o := owner{PID: 12, StartTicks: 345, Nonce: "QWERTZ23"}
	if got, ok := parseOwner(o.String()); !ok || got != o {
		t.Errorf("%v, %v", got, ok)
	}
	for _, name := range []string{"", "12", "12-345", "12-345-", "x-1-y", "12-345-a b", "012-345-a"} {
		if got, ok := parseOwner(name); ok {
			t.Errorf("%q is taken for %v", name, got)
		}
	}
}

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte(aHead + aSubject + aMesh))
	f.Add([]byte(aHead + `{"kind":"cgroup","path":"/c/perfgate-7-9-abc"}` + "\n{"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		j, err := parseJournal(raw)
		if err != nil {
			if j.open != nil {
				t.Error("entries beside an error")
			}
			return
		}
		var again strings.Builder
		for _, line := range append([]any{j.head}, asLines(j.open)...) {
			text, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&again, "%s\n", text)
		}
		second, err := parseJournal([]byte(again.String()))
		if err != nil || !cmp.Equal(j.open, second.open) {
			t.Errorf("read again: %v, %v, at first %v", second.open, err, j.open)
		}
		for _, e := range j.open {
			if e.Kind != aCgroup && (!strings.HasPrefix(e.Path, j.Results+string(filepath.Separator)) || strings.Contains(e.Path, "/../")) {
				t.Errorf("%s is outside of %s", e.Path, j.Results)
			}
		}
	})
}

func asLines(entries []entry) []any {
	var lines []any
	for _, e := range entries {
		lines = append(lines, e)
	}
	return lines
}
