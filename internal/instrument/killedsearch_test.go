package instrument

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/testnode"
)

// How often searches are killed in all, and one of them at most.
const killsInAll, killsOfASearch = 100, 10

// meanLife is how long a search lives on average until it is killed: so long that the kills are spread over its whole length.
const meanLife = time.Second

// killedSuite is of small networks of scripted nodes.
const killedSuite = `
schema = "perfgate.config/1"
[subject]
name = "scripted"
build = ["sh", "make.sh"]
binary = "node"
paths = ["make.sh", "src/"]
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}", "--index", "{index}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
[[scenario]]
name = "pair"
nodes = 2
duration = "50ms"
quiet = "20ms"
runs = 6
warmup = 0
`

// killedBuild makes a program that calls the scripted node, and counts builds and networks outside of what perfgate keeps.
const killedBuild = `
. ./src/late
echo build >>"$COUNT_BUILDS"
cat >node <<END
#!/bin/sh
# $(cat src/code)
case "\$*" in *"--index 0"*) echo run >>"$COUNT_RUNS";; esac
export TESTNODE_SCRIPT='{"size": 2, "together": true, "defaults": {"peers": [{"at_ms": $LATE, "peers": 1}]}, "lifetime_ms": 60000}'
exec "$SCRIPTED" "\$@"
END
chmod +x node
`

// survived is what came of a search that was killed, again and again.
type survived struct {
	Kills  int  `json:"kills"`
	Right  bool `json:"right"`
	Builds int  `json:"builds"`
	Runs   int  `json:"runs"`
	Built  int  `json:"builds_made"`
	Ran    int  `json:"runs_made"`
	// Touched is what differs of the user's.
	Touched string `json:"touched,omitempty"`
}

// lost is how many builds and runs more were made than the search knows of.
func (s survived) lost() int { return s.Built - s.Builds + s.Ran - s.Runs }

// BenchmarkKilledSearch kills searches of a small repository of real networks at random moments, each followed by --resume, and counts who was named, what was
// lost, and what of the user's has changed. Promised for 100 kills: the culprit, one build or run lost by each at most, nothing touched.
func BenchmarkKilledSearch(b *testing.B) {
	folder, begun := folderOf(b, bisectTrialsVariable, "bisect-trials", "killed"), time.Now()
	for b.Loop() {
		var searches, kills, right, lost, touched int
		for i := 0; kills < killsInAll; i++ {
			dir := trialDir(folder, i+1)
			end := filepath.Join(dir, "end.json")
			var s survived
			again := kept(b, end, &s)
			if !again {
				s = killedSearch(b, dir, uint64(i+1), min(killsOfASearch, killsInAll-kills))
				keep(b, end, s)
			}
			searches, kills, lost = searches+1, kills+s.Kills, lost+s.lost()
			if s.Right {
				right++
			}
			if s.Touched != "" || s.lost() > s.Kills || s.lost() < 0 || !s.Right {
				touched++
				b.Errorf("search %d: right %v, lost %d with %d kills; -before +after\n%s", i+1, s.Right, s.lost(), s.Kills, s.Touched)
			}
			note(b, begun, "killed %d: %d kills, right %v, %d builds and %d runs of which %d were lost, earlier: %v", i+1, s.Kills, s.Right, s.Built, s.Ran, s.lost(), again)
		}
		b.ReportMetric(float64(searches), "searches")
		b.ReportMetric(float64(kills), "kills")
		b.ReportMetric(float64(right), "right")
		b.ReportMetric(float64(lost), "lost")
		b.ReportMetric(float64(touched), "broken-promises")
		b.ReportMetric(0, "ns/op")
	}
}

// killedSearch searches, and is killed on the way.
func killedSearch(b *testing.B, dir string, seed uint64, kills int) survived {
	b.Helper()
	h := newHistory(b, dir)
	h.env = append(h.env, "SCRIPTED="+testnode.Build(b, testnode.Scripted),
		"COUNT_BUILDS="+filepath.Join(dir, "builds"), "COUNT_RUNS="+filepath.Join(dir, "runs"))
	rng := rand.New(rand.NewPCG(seed, 100))
	culprit := h.networks(2 + rng.IntN(8))
	before := h.belongings()
	var s survived
	for s.Kills < kills {
		life := time.Duration(rng.Int64N(int64(2 * meanLife)))
		if !h.killed(seed, life) {
			break
		}
		s.Kills++
	}
	if _, err := h.run(h.search(seed)...); err != nil {
		b.Errorf("search %d: the last resume: %v", seed, err)
	}
	found := h.replayed()
	s.Right, s.Builds, s.Runs = found.Culprit == culprit, found.Builds, found.Runs
	s.Built, s.Ran = lines(b, filepath.Join(dir, "builds")), lines(b, filepath.Join(dir, "runs"))
	if after := h.belongings(); !maps.Equal(before, after) {
		s.Touched = cmp.Diff(before, after)
	}
	return s
}

// networks makes ten commits, of which one lets every network form later, and leaves the checkout as a user might.
func (h history) networks(at int) (culprit string) {
	h.tb.Helper()
	h.write("perfgate.toml", killedSuite)
	h.write("make.sh", killedBuild)
	h.write(".gitignore", "/node\n")
	for i := range 11 {
		late := 60
		if i >= at {
			late = 180
		}
		h.write("src/late", fmt.Sprintf("LATE=%d\n", late))
		h.write("src/code", fmt.Sprintf("%d\n", i))
		sha := h.commit(fmt.Sprintf("commit %d", i))
		if i == 0 {
			h.git("tag", "v1")
		}
		if i == at {
			culprit = sha
		}
	}
	h.write("src/code", "set aside\n")
	h.git("stash", "-q")
	h.write("src/code", "staged\n")
	h.git("add", "src/code")
	h.write("src/code", "not staged\n")
	h.write("untracked", "untracked\n")
	h.git("config", "some.thing", "of the user's")
	return culprit
}

// search are the arguments of a search, or of going on with it.
func (h history) search(seed uint64) []string {
	if found, err := filepath.Glob(filepath.Join(h.state, "perfgate", "*", "bisect", "2*", "hunt.json")); err == nil && len(found) > 0 {
		return []string{"bisect", "--resume"}
	}
	return []string{"bisect", "v1..main", "--metric", "formation_time", "--against-size", "20%", "--disturbed=keep", "--seed", fmt.Sprint(seed)}
}

// killed lets a search live for so long; false when it came to its end before.
func (h history) killed(seed uint64, life time.Duration) bool {
	h.tb.Helper()
	cmd := exec.CommandContext(h.tb.Context(), h.perfgate, h.search(seed)...)
	cmd.Dir, cmd.Env = h.path, h.env
	if err := cmd.Start(); err != nil {
		h.tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			h.tb.Errorf("search %d: it ended by itself: %v", seed, err)
		}
		return false
	case <-time.After(life):
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		h.tb.Error(err)
	}
	<-ended
	return true
}

// lines counts those of a file, 0 where there is none.
func lines(tb testing.TB, path string) int {
	tb.Helper()
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		tb.Fatal(err)
	}
	return strings.Count(string(raw), "\n")
}
