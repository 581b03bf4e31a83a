package instrument

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/testnode"
)

// bisectTrialsVariable is the folder in which the trials of searches are kept; without it they are skipped.
const bisectTrialsVariable = "PERFGATE_BISECT_TRIALS"

// history is a git repository that a search is tried on, with what perfgate keeps of it beside.
type history struct {
	tb   testing.TB
	path string
	// state is where perfgate keeps what it keeps, and env the environment of all programs.
	state string
	env   []string
	// perfgate is the program.
	perfgate string
}

// newHistory begins one in a folder that is emptied.
func newHistory(tb testing.TB, folder string) history {
	tb.Helper()
	emptied(tb, folder)
	h := history{tb: tb, path: filepath.Join(folder, "project"), state: filepath.Join(folder, "state"), perfgate: testnode.BuildPerfgate(tb)}
	h.env = append(os.Environ(), "XDG_STATE_HOME="+h.state, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if err := os.MkdirAll(h.path, 0o755); err != nil {
		tb.Fatal(err)
	}
	h.git("init", "-q", "-b", "main", ".")
	return h
}

func (h history) git(args ...string) string {
	h.tb.Helper()
	cmd := exec.CommandContext(h.tb.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir, cmd.Env = h.path, h.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.tb.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (h history) write(name, text string) {
	h.tb.Helper()
	path := filepath.Join(h.path, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		h.tb.Fatal(err)
	}
}

// commit commits all that there is.
func (h history) commit(title string) string {
	h.tb.Helper()
	h.git("add", ".")
	h.git("commit", "-q", "-m", title)
	return h.git("rev-parse", "HEAD")
}

// run lets perfgate do something in the project, to its end.
func (h history) run(args ...string) (stdout string, err error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(h.tb.Context(), h.perfgate, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.path, h.env, &out, &said
	if err = cmd.Run(); err != nil {
		h.tb.Logf("perfgate %v: %v\n%s", args, err, last(said.String(), 2000))
	}
	return out.String(), err
}

// last is the end of a text.
func last(text string, bytes int) string { return text[max(0, len(text)-bytes):] }

// told is what a search says of itself, as far as a trial needs it.
type told struct {
	Outcome string  `json:"outcome"`
	Culprit string  `json:"culprit"`
	Reason  string  `json:"reason"`
	Change  float64 `json:"change"`
	Builds  int     `json:"builds"`
	Runs    int     `json:"runs"`
	Seconds float64 `json:"seconds"`
}

// replayed is what the last search of the project has found.
func (h history) replayed() told {
	h.tb.Helper()
	out, err := h.run("bisect", "--replay", "--json", "--quiet")
	var t told
	if decoded := json.Unmarshal([]byte(out), &t); decoded != nil {
		h.tb.Fatalf("bisect --replay: %v, %v\n%s", err, decoded, out)
	}
	return t
}

// belongings are the bytes of all that is the user's in a repository: every file of the work tree, HEAD, the index, the
// references with the stash, their logs, and the configuration. What is perfgate's, such as work trees, must be gone.
func (h history) belongings() map[string]string {
	h.tb.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(h.path, func(path string, entry fs.DirEntry, err error) error {
		within, _ := filepath.Rel(h.path, path) // it lies within
		switch {
		case err != nil:
			return err
		case entry.IsDir() && within == filepath.Join(".git", "objects"):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		sum := sha256.Sum256(raw)
		all[within] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	return all
}

// kept reads what an earlier invocation has found; it tells whether there was something.
func kept(tb testing.TB, path string, into any) bool {
	tb.Helper()
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return true
}

func keep(tb testing.TB, path string, what any) {
	tb.Helper()
	raw, err := json.MarshalIndent(what, "", "  ")
	if err == nil {
		err = os.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		tb.Fatal(err)
	}
}
