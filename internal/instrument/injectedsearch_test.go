package instrument

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/gate"
)

// refnodeCommits is how many commits the made-up history of the reference node has beside its good end.
const refnodeCommits = 12

// refnodeSuite is that of the trials, built from the sources.
func refnodeSuite() string {
	return strings.Replace(shortSuite, `binary = "refnode"`, `binary = "bin/refnode"
build = ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "bin/refnode", "./cmd/refnode"]
paths = ["cmd/", "internal/", "go.mod", "go.sum"]`, 1)
}

// injectedSource makes the node worse by what a commit says. All commits have it, so that they differ in numbers only.
const injectedSource = `package main

import (
	"embed"
	"os"
	"syscall"
	"time"
)

//go:embed weight
var weight embed.FS

// commit makes the programs of all commits differ.
const commit = "commit %d"

func init() {
	if raw, err := weight.ReadFile("weight"); err != nil || len(raw) == 0 || os.Getenv("REFNODE_NONE") == commit {
		panic("no weight")
	}
	for name, value := range map[string]string{"REFNODE_FAULT_MESSAGE_DELAY_MS": "%d", "REFNODE_FAULT_BALLAST_BYTES": "%d"} {
		os.Setenv(name, value)
	}
	for used() < %d*time.Microsecond {
	}
}

// used is the CPU time that this process has taken.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
`

// worse is how much a commit of the node is worse than it need be.
type worse struct {
	delayMS, ballastBytes, burnMicroseconds, weightBytes int
}

// soundly is what all commits have: enough of each for a tenth more to be made.
func soundly() worse { return worse{delayMS: 100, burnMicroseconds: 20_000, weightBytes: 1} }

// more is what the culprit has instead, where the metric is so much before it.
func (w worse) more(metric string, center float64) worse {
	tenth := injectedChange * center
	switch metric {
	case "formation_cpu": // of both nodes
		w.burnMicroseconds += int(math.Round(1e6 * tenth / 2))
	case "memory_private":
		w.ballastBytes += int(math.Round(tenth))
	case "message_latency_p50":
		w.delayMS += int(math.Round(1000 * tenth))
	case "binary_size":
		w.weightBytes += int(math.Round(tenth))
	}
	return w
}

// searched is what came of a search.
type searched struct {
	told
	Right   bool    `json:"right"`
	Minutes float64 `json:"minutes"`
}

// BenchmarkInjectedSearch injects a tenth more of a metric into one commit of a made-up history of the reference node, and lets perfgate search it. Promised: the
// culprit is named, within 15 minutes on two cores.
func BenchmarkInjectedSearch(b *testing.B) {
	folder, begun := folderOf(b, bisectTrialsVariable, "bisect-trials", "injected"), time.Now()
	for _, metric := range []string{"binary_size", "message_latency_p50", "memory_private", "formation_cpu"} {
		b.Run(metric, func(b *testing.B) {
			for b.Loop() {
				dir := filepath.Join(folder, metric)
				end := filepath.Join(dir, "end.json")
				var s searched
				again := kept(b, end, &s)
				if !again {
					s = injectedSearch(b, dir, metric)
					keep(b, end, s)
				}
				note(b, begun, "%s: right %v, %s %+.1f %%, %d builds, %d runs, %.1f minutes, earlier: %v; %s",
					metric, s.Right, s.Outcome, 100*s.Change, s.Builds, s.Runs, s.Minutes, again, s.Reason)
				if !s.Right {
					b.Errorf("%s: %+v", metric, s)
				}
				b.ReportMetric(float64(s.Builds), "builds")
				b.ReportMetric(float64(s.Runs), "runs")
				b.ReportMetric(s.Minutes, "minutes")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

func injectedSearch(b *testing.B, dir, metric string) searched {
	b.Helper()
	h := newHistory(b, dir)
	seed := sha256.Sum256([]byte(metric))
	at := 2 + rand.New(rand.NewPCG(uint64(seed[0]), 10)).IntN(refnodeCommits-3)
	h.write("perfgate.toml", refnodeSuite())
	h.write(".gitignore", "/bin/\n")
	h.copySources()
	h.node(0, soundly())
	h.commit("the node")
	h.git("tag", "v1")
	center := h.pilot(b, metric)
	culprit := ""
	for i := 1; i <= refnodeCommits; i++ {
		w := soundly()
		if i >= at {
			w = w.more(metric, center)
		}
		h.node(i, w)
		if sha := h.commit(fmt.Sprintf("commit %d", i)); i == at {
			culprit = sha
		}
	}
	begun := time.Now()
	_, err := h.run("bisect", "v1..main", "--metric", metric, "--against-size", "5%", "--disturbed=keep", "--seed", fmt.Sprint(seed[1]))
	s := searched{told: h.replayed(), Minutes: time.Since(begun).Minutes()}
	s.Right = err == nil && s.Culprit == culprit
	return s
}

// pilot is how much a metric is at the good end.
func (h history) pilot(b *testing.B, metric string) float64 {
	b.Helper()
	out := filepath.Join(filepath.Dir(h.path), "pilot")
	if _, err := h.run("run", "--runs", "8", "--disturbed=keep", "--quiet", "--out", out); err != nil {
		b.Fatal(err)
	}
	r, err := gate.Load(out)
	if err != nil {
		b.Fatal(err)
	}
	median, cv := center(b, r, metric)
	b.Logf("%s: %g with a coefficient of variation of %.1f %%", metric, median, 100*cv)
	return median
}

// node writes what differs from commit to commit.
func (h history) node(number int, w worse) {
	h.tb.Helper()
	h.write("cmd/refnode/injected.go", fmt.Sprintf(injectedSource, number, w.delayMS, w.ballastBytes, w.burnMicroseconds))
	heavy := make([]byte, w.weightBytes)
	for i := range heavy {
		heavy[i] = byte('a' + i*i%23)
	}
	h.write("cmd/refnode/weight", string(heavy))
}

// copySources copies the sources of the reference node from those of this package's module.
func (h history) copySources() {
	h.tb.Helper()
	root := filepath.Join("..", "..")
	take := func(name string) {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			h.tb.Fatal(err)
		}
		h.write(name, string(raw))
	}
	take("go.mod")
	take("go.sum")
	for _, folder := range []string{"cmd/refnode", "internal/refnode"} {
		err := fs.WalkDir(os.DirFS(root), folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				take(path)
			}
			return err
		})
		if err != nil {
			h.tb.Fatal(err)
		}
	}
}
