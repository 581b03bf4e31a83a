package gate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// duel is a trial of benchmarks alone: each execution appends its folder's last element to a file that both sides share.
func duel(t *testing.T, looks []int, names ...string) (plan gate.TrialPlan, said func() []string) {
	t.Helper()
	shared := filepath.Join(t.TempDir(), "order")
	head := alone(t, looks[len(looks)-1], 1)
	for _, name := range names {
		head.Suite.Benchmarks = append(head.Suite.Benchmarks, suite.Benchmark{
			Name: name, Format: "json", Runs: looks[len(looks)-1], Warmup: 1,
			Command: []string{"sh", "-c", fmt.Sprintf(`echo "%s-$(basename "$PWD")" >>%s; echo "[{\"name\": \"x\", \"value\": $(cat value), \"unit\": \"s\"}]"`, name, shared)},
		})
	}
	base := head
	for side, p := range map[string]*gate.Plan{"head": &head, "base": &base} {
		p.Project = filepath.Join(t.TempDir(), side)
		write(t, filepath.Join(p.Project, "value"), "1")
	}
	base.Dir = filepath.Join(head.Dir, gate.BaseFolder)
	return gate.TrialPlan{Head: head, Base: base, Looks: looks, Decide: decide}, func() []string {
		raw, err := os.ReadFile(shared)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(raw))
	}
}

func decide(base, head *result.Results) compare.Verdict {
	return compare.Decide(compare.Input{Head: head, Base: base, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)})
}

// openUntil answers that a benchmark is open until so many pairs.
func openUntil(t *testing.T, pairs map[string]int) func(base, head *result.Results) compare.Verdict {
	t.Helper()
	return func(base, head *result.Results) compare.Verdict {
		v := compare.Verdict{Trial: &compare.Trial{}}
		for _, plan := range head.Scenarios {
			mine, _ := base.Plan(plan.Name, plan.Benchmark)
			if mine.Runs != plan.Runs {
				t.Errorf("at a look at %s base has %d runs, head %d", plan.Benchmark, mine.Runs, plan.Runs)
			}
			told := compare.TrialPlan{Plan: compare.Plan{Benchmark: plan.Benchmark}, Measured: plan.Runs, Next: 99}
			if plan.Runs < pairs[plan.Benchmark] {
				told.Open = []string{plan.Benchmark + "/x"}
			}
			v.Trial.Plans = append(v.Trial.Plans, told)
		}
		return v
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestATrialTakesTurnsInBlocksAndMeasuresNoFurtherWhatIsDecided(t *testing.T) {
	firsts := map[string]int{}
	for seed := range uint64(3) {
		plan, said := duel(t, []int{2, 4, 5, 9}, "a", "b")
		plan.Seed, plan.Decide = seed+1, openUntil(t, map[string]int{"a": 2, "b": 5})
		var looks []string
		plan.Head.Progress = func(p gate.Progress) {
			if l := p.Look; l != nil {
				looks = append(looks, fmt.Sprintf("%d>%d %v %s", l.Pairs, l.Next, l.Open, l.End))
			}
		}
		base, head, err := gate.Trial(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"0>2 [{a []} {b []}] ", "2>4 [{b [b/x]}] ", "4>5 [{b [b/x]}] ", "5>0 [] every gated metric is decided",
		}
		for i := range want {
			want[i] = strings.ReplaceAll(strings.ReplaceAll(want[i], "{a", "{benchmark a"), "{b ", "{benchmark b ")
		}
		if diff := cmp.Diff(want, looks); diff != "" {
			t.Errorf("looks: -want +got\n%s", diff)
		}
		all := said()
		if n := len(all); n != 4+2*(2+5) { // a warm-up of each on each side, two pairs of a, five of b
			t.Fatalf("%d executions: %v", n, all)
		}
		checkBlocks(t, base, head, firsts)
		checkOrders(t, base, head)
	}
	if firsts["base"] == 0 || firsts["head"] == 0 {
		t.Errorf("the same side begins every block: %v", firsts)
	}
}

// TestATrialWhoseSidesAreNoMeasureSaysSo: with nothing that is open it ends, and not because something was decided.
func TestATrialWhoseSidesAreNoMeasureSaysSo(t *testing.T) {
	plan, said := duel(t, []int{2, 4}, "a")
	plan.Decide = func(_, _ *result.Results) compare.Verdict {
		return compare.Verdict{Verdict: compare.Failed, Reason: "no run counts", Trial: &compare.Trial{}}
	}
	end := ""
	plan.Head.Progress = func(p gate.Progress) {
		if p.Look != nil {
			end = p.Look.End
		}
	}
	if _, _, err := gate.Trial(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if n := len(said()); end != "nothing more would help: no run counts" || n != 2+2*2 {
		t.Errorf("%d executions, and the end: %q", n, end)
	}
}

// checkBlocks wants each block to be base, head, head, base or the other way round, and counts who begins.
func checkBlocks(t *testing.T, base, head *result.Results, firsts map[string]int) {
	t.Helper()
	for _, plan := range head.Scenarios {
		order := func(r *result.Results, pair int) int {
			for _, run := range r.RunsOf(plan) {
				if !run.Warmup && run.Run == pair {
					if run.Block != (pair+1)/2 {
						t.Errorf("pair %d is in block %d", pair, run.Block)
					}
					return run.Order
				}
			}
			t.Fatalf("%s: no run %d", plan.Benchmark, pair)
			return 0
		}
		for pair := 1; pair <= plan.Runs; pair++ {
			baseFirst := order(base, pair) < order(head, pair)
			if pair%2 == 0 && baseFirst == (order(base, pair-1) < order(head, pair-1)) {
				t.Errorf("%s: pairs %d and %d have one order", plan.Benchmark, pair-1, pair)
			}
			if pair%2 == 1 {
				firsts[map[bool]string{true: "base", false: "head"}[baseFirst]]++
			}
		}
	}
}

// checkOrders wants the places of all runs of both sides to be 1, 2, 3 and so on.
func checkOrders(t *testing.T, base, head *result.Results) {
	t.Helper()
	seen := map[int]bool{}
	for _, run := range append(append([]result.Run{}, base.Runs...), head.Runs...) {
		seen[run.Order] = true
	}
	for i := range len(base.Runs) + len(head.Runs) {
		if !seen[i+1] {
			t.Errorf("no run has the order %d", i+1)
		}
	}
}

func TestTheOrderOfATrialFollowsFromItsSeed(t *testing.T) {
	var orders [2][]string
	for i := range orders {
		plan, said := duel(t, []int{6}, "a", "b")
		plan.Seed = 5
		base, head, err := gate.Trial(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		orders[i] = said()
		for side, r := range map[string]*result.Results{result.SideBase: base, result.SideHead: head} {
			want := &result.Trial{ID: head.Trial.ID, Side: side, Seed: 5, Looks: []int{6}}
			if diff := cmp.Diff(want, r.Trial); diff != "" || want.ID == "" {
				t.Errorf("-want +got\n%s", diff)
			}
		}
	}
	if diff := cmp.Diff(orders[0], orders[1]); diff != "" {
		t.Errorf("-first +second\n%s", diff)
	}
}

func TestBothSidesOfATrialAreKeptAndReplayed(t *testing.T) {
	plan, _ := duel(t, []int{6}, "a")
	base, head, err := gate.Trial(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]*result.Results{plan.Head.Dir: head, plan.Base.Dir: base} {
		got, err := gate.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what was returned and what was kept: -returned +kept\n%s", diff)
		}
		if _, err := os.Stat(filepath.Join(dir, "benchmark-a", "run-06.log")); err != nil {
			t.Error(err)
		}
	}
	if v := decide(base, head); v.Trial == nil || v.Comparison.Kind != compare.Paired {
		t.Errorf("no trial: %+v", v.Comparison)
	}
}

// TestATrialEndsWithItsBudget: no pair is begun for which there is no time.
func TestATrialEndsWithItsBudget(t *testing.T) {
	plan, said := duel(t, []int{6, 9}, "a")
	plan.Budget = time.Nanosecond
	ended := ""
	plan.Head.Progress = func(p gate.Progress) {
		if p.Look != nil {
			ended = p.Look.End
		}
	}
	base, head, err := gate.Trial(t.Context(), plan)
	if err != nil || ended != "the budget of 1ns is spent" || len(said()) != 2 { // the warm-up runs
		t.Errorf("%v; %q after %v", err, ended, said())
	}
	if v := decide(base, head); v.Verdict != compare.Failed && v.Verdict != compare.Inconclusive {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
}

func TestAnInterruptCostsATrialOneRun(t *testing.T) {
	plan, _ := duel(t, []int{6}, "a")
	plan.Seed = 3
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	plan.Head.Progress = func(p gate.Progress) {
		if p.Run != nil && !p.Run.Warmup && p.Run.Run == 3 && p.Run.Phase == gate.Executing {
			cancel()
		}
	}
	if _, _, err := gate.Trial(ctx, plan); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for _, dir := range []string{plan.Head.Dir, plan.Base.Dir} {
		kept, err := gate.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if x, _ := kept.Find("", "a/x"); !cmp.Equal(values(x), []float64{1, 1}) || kept.Interrupted != "by a signal" {
			t.Errorf("kept %v, interrupted %q", values(x), kept.Interrupted)
		}
	}
}

// networkDuel is a trial of networks: both sides build the scripted node and append a text to it.
func networkDuel(t *testing.T, baseText, headText string) gate.TrialPlan {
	t.Helper()
	head := plan(t, mesh())
	head.Suite.Subject.Build = []string{"sh", "-c", `cp "$SCRIPTED" node && cat addition >>node`}
	head.Suite.Scenarios[0].Warmup = 0
	base := head
	base.Project, base.Dir = t.TempDir(), filepath.Join(head.Dir, gate.BaseFolder)
	write(t, filepath.Join(base.Project, "addition"), baseText)
	write(t, filepath.Join(head.Project, "addition"), headText)
	return gate.TrialPlan{Head: head, Base: base, BaseName: "v1", HeadName: "the checkout", Looks: []int{2}, Decide: decide}
}

func runsOf(r *result.Results) (names []string) {
	for _, run := range r.Runs {
		names = append(names, fmt.Sprintf("%s %d", run.Scenario, run.Run))
	}
	return names
}

func TestATrialMeasuresNetworksOfBothBinaries(t *testing.T) {
	plan := networkDuel(t, "base", "head, which is longer")
	base, head, err := gate.Trial(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*result.Results{base, head} {
		if diff := cmp.Diff([]string{"three 1", "three 2"}, runsOf(r)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if s, _ := r.Find("three", "formation_time"); len(s.Usable()) != 2 || len(r.Subject.Builds) != 2 || r.Level != "L2" {
			t.Errorf("%d samples, builds %v, level %s", len(s.Usable()), r.Subject.Builds, r.Level)
		}
	}
	size := func(r *result.Results) float64 { s, _ := r.Find("", "binary_size"); return *s.Samples[0].Value }
	if size(head)-size(base) != 17 || head.Subject.BinarySHA256 == base.Subject.BinarySHA256 {
		t.Errorf("sizes %v and %v", size(base), size(head))
	}
	if left, _ := filepath.Glob(filepath.Join(plan.Head.Dir, ".perfgate-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestTheSameBinaryIsNotMeasuredTwice(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*gate.TrialPlan)
		runs   int
	}{
		{"the same", func(*gate.TrialPlan) {}, 0},
		{"asked for all the same", func(p *gate.TrialPlan) { p.MeasureIdentical = true }, 2},
		{"started with files that differ", func(p *gate.TrialPlan) {
			for text, plan := range map[string]gate.Plan{"one": p.Base, "two": p.Head} {
				write(t, filepath.Join(plan.Project, "genesis", "peers"), text)
			}
			p.Head.Suite.Node.Env = map[string]string{"GENESIS": "genesis"}
		}, 2},
		{"a scenario starts with files that differ", func(p *gate.TrialPlan) {
			for text, plan := range map[string]gate.Plan{"one": p.Base, "two": p.Head} {
				write(t, filepath.Join(plan.Project, "genesis"), text)
			}
			p.Head.Suite.Scenarios[0].Args = []string{"--storage=genesis"}
		}, 2},
		{"started with files that are the same", func(p *gate.TrialPlan) {
			for _, plan := range []gate.Plan{p.Base, p.Head} {
				write(t, filepath.Join(plan.Project, "genesis", "peers"), "one")
			}
			p.Head.Suite.Node.Env = map[string]string{"GENESIS": "genesis"}
		}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan := networkDuel(t, "same", "same")
			tc.change(&plan)
			base, head, err := gate.Trial(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if len(base.Runs) != tc.runs || len(head.Runs) != tc.runs {
				t.Errorf("runs %v and %v, want %d", runsOf(base), runsOf(head), tc.runs)
			}
			if s, _ := head.Find("", "binary_size"); len(s.Usable()) != 2 {
				t.Errorf("binary_size: %+v", s)
			}
		})
	}
}

// TestAGivenBinaryIsHeads: base is built as often as the suite says, and head is examined once.
func TestAGivenBinaryIsHeads(t *testing.T) {
	plan := networkDuel(t, "base", "")
	plan.Head.Subject = os.Getenv("SCRIPTED")
	base, head, err := gate.Trial(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Subject.Builds) != 2 || len(head.Subject.Builds) != 0 || len(runsOf(head)) != 2 || len(runsOf(base)) != 2 {
		t.Errorf("builds %v and %v, runs %v and %v", base.Subject.Builds, head.Subject.Builds, runsOf(base), runsOf(head))
	}
	plan.Head.Suite.Subject.Build, plan.Head.Suite.Scenarios, plan.Base.Suite = nil, nil, plan.Head.Suite
	if _, _, err := gate.Trial(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "give subject.build") {
		t.Errorf("nothing says how to build base: %v", err)
	}
}

func TestASideThatDoesNotBuildIsNamed(t *testing.T) {
	plan := networkDuel(t, "base", "head")
	if err := os.Remove(filepath.Join(plan.Base.Project, "addition")); err != nil {
		t.Fatal(err)
	}
	base, head, err := gate.Trial(t.Context(), plan)
	wrong, ok := errors.AsType[*gate.SideError](err)
	if _, failed := errors.AsType[*build.Error](err); !ok || !failed || wrong.Side != result.SideBase || !strings.HasPrefix(err.Error(), "base, v1: build: ") {
		t.Errorf("%v", err)
	}
	if base != nil || head != nil && len(head.Runs) > 0 {
		t.Errorf("measured %v and %v", base, head)
	}
}
