package hunt_test

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// The subject is a text whose length is the size of the binary, and a benchmark that prints a number of the source. Both are read
// in the work tree of the commit.
const config = `
schema = "perfgate.config/1"
[subject]
name = "text"
build = ["sh", "build.sh"]
clean = ["rm", "-f", "text"]
binary = "text"
paths = ["build.sh", "source"]
[[benchmark]]
name = "cost"
command = ["sh", "cost.sh"]
format = "json"
runs = 1
`

// build leaves the source as the binary, refuses one that is broken, and waits where a test says so.
const buildScript = `
grep -q broken source && { echo "error: source:$(wc -l <source): it is broken" >&2; exit 1; }
grep -q full source && { echo "write: No space left on device" >&2; exit 1; }
grep -q gone source && { echo "curl: (6) Could not resolve host: gone.example.org" >&2; exit 6; }
test -n "$WAIT_FOR" && touch "$WAIT_FOR.begun" && until test -e "$WAIT_FOR"; do sleep 0.01; done
test -n "$COUNT" && echo >>"$COUNT"
{ echo '#!/bin/sh'; cat source; } >text
chmod +x text
`

// cost is noisy by one in a hundred, in a way that depends on nothing.
const costScript = `
base=$(head -c 4 source)
noise=$(od -An -N1 -tu1 /dev/urandom)
echo "[{\"name\": \"cost\", \"value\": $((base * 100 + base * noise / 256)), \"unit\": \"s\", \"better\": \"lower\"}]"
`

// skipLong keeps a test out of short runs, such as that of the race detector: a build or run of a test takes long there.
func skipLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds and measures often")
	}
}

// repository is a real one.
type repository struct {
	t    *testing.T
	path string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	r := repository{t, filepath.Join(t.TempDir(), "project")}
	if err := os.Mkdir(r.path, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git("init", "-q", "-b", "main", ".")
	r.write("perfgate.toml", config)
	r.write("build.sh", buildScript)
	r.write("cost.sh", costScript)
	r.write(".gitignore", "/text\n")
	return r
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir = r.path
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.path, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit makes a commit with this source.
func (r repository) commit(title, source string) string {
	r.t.Helper()
	r.write("source", source)
	r.write("note", title)
	r.git("add", ".")
	r.git("commit", "-q", "-m", title)
	return r.git("rev-parse", "HEAD")
}

// line makes commits of these sources.
func (r repository) line(sources ...string) []string {
	r.t.Helper()
	var all []string
	for i, source := range sources {
		all = append(all, r.commit(fmt.Sprintf("commit %d", i), source))
	}
	return all
}

// sized is a source of so many bytes; the number makes it unlike others.
func sized(n, bytes int) string {
	text := fmt.Sprintf("# %d ", n)
	return text + strings.Repeat("x", bytes-len(text))
}

// plan searches the size of the binary.
func (r repository) plan(home string, span ...string) hunt.Plan {
	r.t.Helper()
	plan, err := planned(r.path, home, span...)
	if err != nil {
		r.t.Fatal(err)
	}
	return plan
}

func planned(project, home string, span ...string) (hunt.Plan, error) {
	s, err := suite.Parse("perfgate.toml", []byte(config))
	return hunt.Plan{
		Suite: s, Project: project, Home: filepath.Join(home, "project"), State: home, Good: span[0], Bad: span[1],
		Targets:  []hunt.Target{{Metric: "binary_size", Unit: metric.Bytes, Better: metric.Lower, Exact: true, LeastChange: 0.02}},
		Settings: hunt.Settings{Confidence: 0.99, Seed: 1, Builders: 1, BuildTimeout: 10 * time.Minute, Disturbed: runner.Keep},
		Tool:     result.Tool{Name: "perfgate", Version: "test"}, Log: slog.New(slog.DiscardHandler), Backoff: time.Millisecond,
		Command: "perfgate bisect",
	}, err
}

// state is all of a checkout that is its user's.
func (r repository) state() map[string]string {
	r.t.Helper()
	all := map[string]string{}
	for _, question := range [][]string{
		{"status", "--porcelain", "--ignored"}, {"rev-parse", "HEAD"}, {"symbolic-ref", "HEAD"}, {"for-each-ref"}, {"stash", "list"}, {"diff"},
		{"diff", "--cached"}, {"ls-files", "--stage", "--debug"}, {"config", "--local", "--list"}, {"reflog", "HEAD"}, {"worktree", "list"},
	} {
		all[strings.Join(question, " ")] = r.git(question...)
	}
	return all
}
