package testnode

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) { os.Exit(CleanUpAfter(m).Run()) }

func TestBuildGivesOneProgramPerName(t *testing.T) {
	first, second := Build(t, Scripted), Build(t, Scripted)
	if first != second {
		t.Errorf("built twice: %s and %s", first, second)
	}
	if _, err := exec.LookPath(first); err != nil {
		t.Errorf("what Build gives cannot be run: %v", err)
	}
}

func TestShelf(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var s shelf
	if _, err := s.program("x", "fmt"); !errors.Is(err, errShelfClosed) {
		t.Errorf("a shelf that nobody closes built something: %v", err)
	}

	s.open()
	_, err := s.program("x", module+"/internal/testnode/nothing")
	if err == nil || !strings.Contains(err.Error(), "internal/testnode/nothing") {
		t.Errorf("a package that does not exist: %v, want an error that names it", err)
	}
	folder := s.folder
	if _, err := os.Stat(folder); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("closing left %s behind: %v", folder, err)
	}
	if _, err := s.program("x", "fmt"); !errors.Is(err, errShelfClosed) {
		t.Errorf("a closed shelf built something: %v", err)
	}
}

func TestRemoveAbandoned(t *testing.T) {
	dead := exec.Command("go", "version")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	alive := folderPrefix + strconv.Itoa(os.Getpid()) + "-1"
	for _, name := range []string{alive, folderPrefix + strconv.Itoa(dead.Process.Pid) + "-2", folderPrefix + "no-pid", "other"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}

	removeAbandoned(parent)

	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if diff := cmp.Diff([]string{"other", alive, folderPrefix + "no-pid"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestReadTruth(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		want    []Event
		wantErr string
	}{
		"two lines": {
			text: `{"event":"start","monotonic_ns":5}` + "\n" + `{"event":"peers","monotonic_ns":9,"value":"4"}` + "\n",
			want: []Event{{Event: EventStart, MonotonicNS: 5}, {Event: EventPeers, MonotonicNS: 9, Value: "4"}},
		},
		"nothing":       {},
		"cut line":      {text: `{"event":"start","monotonic_ns":5}` + "\n" + `{"event":"re`, wantErr: "line 2: unexpected EOF"},
		"unknown key":   {text: `{"event":"start","monotonic_ns":5,"at":1}` + "\n", wantErr: "line 1: json: unknown field"},
		"without time":  {text: `{"event":"start"}` + "\n", wantErr: "line 1: no event or no time"},
		"two in a line": {text: `{"event":"start","monotonic_ns":5}{}` + "\n", wantErr: "line 1: more after"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), TruthFile)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadTruth(path)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			checkError(t, err, test.wantErr)
		})
	}
}

func TestFind(t *testing.T) {
	events := []Event{{Event: EventStart, MonotonicNS: 1}, {Event: EventPeers, MonotonicNS: 2, Value: "1"}, {Event: EventPeers, MonotonicNS: 3}}
	if got, ok := Find(events, EventPeers); !ok || got != events[1] {
		t.Errorf("Find gives %v, %v, want the first of two", got, ok)
	}
	if got, ok := Find(events, EventEnd); ok {
		t.Errorf("Find gives %v for an event that did not happen", got)
	}
}

// checkError fails the test unless err says want; "" wants none.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil {
		t.Errorf("error %v, want none", err)
	}
	if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
