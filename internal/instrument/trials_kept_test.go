package instrument

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/testnode"
)

const scriptedSuite = `
schema = "perfgate.config/1"
[subject]
name = "scripted"
binary = "node"
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}", "--index", "{index}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
probe = "/probe"
[[scenario]]
name = "two"
nodes = 2
duration = "100ms"
quiet = "50ms"
runs = 2
warmup = 0
`

// TestATrialThatCameToItsEndIsReadAndOneThatDidNotIsMeasuredAnew drives what keeps the trials of hours.
func TestATrialThatCameToItsEndIsReadAndOneThatDidNotIsMeasuredAnew(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	script := testnode.Script{Size: 2, Together: true, LifetimeMS: time.Minute.Milliseconds(), Defaults: peersAt(20, 1)}
	t.Setenv(testnode.ScriptVariable, script.JSON())
	binary := testnode.Build(t, testnode.Scripted)
	dir, runs := trialDir(t.TempDir(), 7), 0
	trial := func() finished {
		plan := gate.TrialPlan{Looks: []int{2}, Seed: 1, Base: planOf(t, scriptedSuite, binary), Head: planOf(t, scriptedSuite, binary)}
		plan.Head.Progress = func(p gate.Progress) {
			if p.Run != nil && p.Run.Phase == runner.Done {
				runs++
			}
		}
		return finish(t, plan, dir)
	}
	first := trial()
	if runs != 4 || first.again || first.pairs() != 2 || len(valuesOf(t, first.base, "formation_time")) != 2 {
		t.Fatalf("%d runs, %d pairs, read: %v", runs, first.pairs(), first.again)
	}
	second := trial()
	if runs != 4 || !second.again {
		t.Errorf("it was measured again: %d runs", runs)
	}
	for what, diff := range map[string]string{
		"base": cmp.Diff(first.base, second.base), "head": cmp.Diff(first.head, second.head),
		"verdict": cmp.Diff(first.verdict, second.verdict, cmp.Comparer(sameNumber)),
	} {
		if diff != "" {
			t.Errorf("%s: -measured +read\n%s", what, diff)
		}
	}
	if err := os.Remove(filepath.Join(dir, verdictFile)); err != nil {
		t.Fatal(err)
	}
	if third := trial(); runs != 8 || third.again || third.head.Trial.ID == first.head.Trial.ID {
		t.Errorf("%d runs, trial %s after %s", runs, third.head.Trial.ID, first.head.Trial.ID)
	}
}

func sameNumber(a, b compare.Number) bool { return a == b || !a.Present() && !b.Present() }

func TestATrialIsScoredByWhatItSaysOfTheInjectedMetric(t *testing.T) {
	in := injection{metric: "cpu_idle", beside: []string{"formation_cpu"}}
	said := func(name string, o compare.Outcome, policy metric.Policy) compare.Metric {
		return compare.Metric{Metric: name, RelativeVerdict: o, Policy: policy, Change: 0.11}
	}
	for _, tc := range []struct {
		name    string
		metrics []compare.Metric
		want    [4]int // trials, found, wrong, others
	}{
		{"found", []compare.Metric{said("cpu_idle", compare.Regressed, metric.Block)}, [4]int{1, 1, 0, 0}},
		{"not decided", []compare.Metric{said("cpu_idle", compare.Inconclusive, metric.Block)}, [4]int{1, 0, 0, 0}},
		{"not gated", []compare.Metric{said("cpu_idle", compare.Regressed, metric.Info)}, [4]int{1, 0, 0, 0}},
		{"wrong direction", []compare.Metric{said("cpu_idle", compare.Improved, metric.Block)}, [4]int{1, 0, 1, 0}},
		{"what rightly follows", []compare.Metric{said("formation_cpu", compare.Regressed, metric.Block)}, [4]int{1, 0, 0, 0}},
		{"another", []compare.Metric{said("cpu_idle", compare.Regressed, metric.Block), said("memory_private", compare.Regressed, metric.Block)}, [4]int{1, 1, 0, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s score
			s.add(in, finished{head: &result.Results{}, verdict: compare.Verdict{Metrics: tc.metrics}})
			if got := [4]int{s.trials, s.found, s.wrong, s.others}; got != tc.want {
				t.Errorf("trials, found, wrong, others: %v, want %v", got, tc.want)
			}
		})
	}
	for _, tc := range []struct {
		base []float64
		want [4]int // trials, found, noisy, found where base is noisy
	}{{[]float64{1, 1.05, 0.95}, [4]int{1, 1, 0, 0}}, {[]float64{1, 1.2, 0.8}, [4]int{1, 1, 1, 1}}} {
		var series result.Series
		for i := range tc.base {
			series.Samples = append(series.Samples, result.Sample{Run: i + 1, Value: &tc.base[i], Valid: true})
		}
		series.Metric, series.Status = "cpu_idle", result.Measured
		var s score
		s.add(in, finished{
			base: &result.Results{Series: []result.Series{series}}, head: &result.Results{},
			verdict: compare.Verdict{Metrics: []compare.Metric{said("cpu_idle", compare.Regressed, metric.Block)}},
		})
		if got := [4]int{s.trials, s.found, s.noisy, s.noisyFound}; got != tc.want {
			t.Errorf("base %v: trials, found, noisy, noisy and found: %v, want %v", tc.base, got, tc.want)
		}
	}
}

// TestInjectionsAreATenth: what head's fault has more than base's is a tenth of the metric.
func TestInjectionsAreATenth(t *testing.T) {
	got := map[string]string{}
	for _, in := range injections() {
		if in.variable == "" {
			continue
		}
		center := map[string]float64{"memory_private": 4.2e6, "cpu_idle": 0.2, "startup_time": 0.64, "message_latency_p50": 0.11}[in.metric]
		if _, ok := baseFaults()[in.variable]; !ok && in.metric != "memory_private" {
			t.Errorf("%s: base has no fault to add to", in.metric)
		}
		got[in.metric] = in.more(center)
	}
	want := map[string]string{"memory_private": "420000", "cpu_idle": "0.17", "startup_time": "332", "message_latency_p50": "111"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestABurnerBurnsWhenToldAndEndsWithItsInput reads the CPU time of the process.
func TestABurnerBurnsWhenToldAndEndsWithItsInput(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	var pid int
	t.Run("it burns", func(t *testing.T) {
		b := newBurner(t, burnerName)
		pid = b.command.Process.Pid
		if err := b.burn(2); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if usage, err := proc.ReadUsage(pid); err != nil || usage.CPU > 200*time.Millisecond {
				if err != nil {
					t.Error(err)
				}
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("it uses no CPU time")
			}
		}
	})
	if _, err := proc.ReadUsage(pid); err == nil {
		t.Error("the burner is still there")
	}
	if code := beBurner(burnerName, strings.NewReader("1\nx\n")); code != 2 {
		t.Errorf("code %d for what is no number", code)
	}
}

// TestLoadsRiseFromRunToRun: each run leaves the nodes the same part of what the run before left, down to turnLeast, in turns and in two
// blocks alike.
func TestLoadsRiseFromRunToRun(t *testing.T) {
	for name, begun := range map[string][]int{"in turns": {0}, "in blocks": {0, turnPairs}} {
		var said strings.Builder
		beside := &burner{tb: t, input: closing{&said}}
		for _, from := range begun {
			tell := rising(t, beside, from)
			for range 2 * turnPairs / len(begun) {
				for _, phase := range []runner.Phase{runner.Waiting, runner.Starting, runner.Done} {
					tell(gate.Progress{Run: &runner.Progress{Phase: phase}})
				}
			}
		}
		lines := strings.Fields(said.String())
		if len(lines) != 2*turnPairs {
			t.Fatalf("%s: told %q", name, lines)
		}
		before, step := 1.0, 0.0
		for i, line := range lines {
			threads, err := strconv.ParseFloat(line, 64)
			if err != nil {
				t.Fatal(err)
			}
			left := 1 - threads/float64(runtime.NumCPU())
			if part := left / before; step > 0 && math.Abs(part-step) > 1e-9 || !(part < 1) {
				t.Errorf("%s: run %d leaves %v of what was left, the one before %v", name, i+1, part, step)
			}
			before, step = left, left/before
		}
		if math.Abs(before-turnLeast) > 1e-9 {
			t.Errorf("%s: %v is left in the end", name, before)
		}
	}
}

type closing struct{ *strings.Builder }

func (closing) Close() error { return nil }
