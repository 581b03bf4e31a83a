package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

// explainedTrial are both sides of a trial of a noisy metric, of one that never changed, and of a count.
func explainedTrial(pairs int, factor, noise float64) compare.Input {
	random := rand.New(rand.NewPCG(20261125, 7))
	draw := func(n int, of func() float64) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = of()
		}
		return values
	}
	side := func(name string, factor, events float64) *result.Results {
		r := network(1)
		r.Scenarios = r.Scenarios[:1]
		r.Trial = &result.Trial{ID: "a trial", Side: name, Seed: 1, Looks: []int{6, 9, 12, 16, 20, 24}}
		r.Runs = nil
		for i := range pairs {
			r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: i + 1, Order: i + 1, Block: i/2 + 1, Formed: true})
		}
		r.Series = []result.Series{
			measured("quick", "formation_time", draw(pairs, func() float64 { return factor * math.Exp(noise*random.NormFloat64()) })),
			measured("quick", "startup_time", draw(pairs, func() float64 { return 0.05 * math.Exp(0.05*random.NormFloat64()) })),
			measured("quick", "disconnections", draw(pairs, func() float64 { return math.Floor(events * (0.5 + random.Float64())) })),
		}
		return r
	}
	return compare.Input{Base: side(result.SideBase, 1, 1), Head: side(result.SideHead, factor, 3)}
}

func withRules(t *testing.T, in compare.Input, people string, recorded ...*result.Results) compare.Input {
	t.Helper()
	file, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n"+people))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recorded {
		recordings, err := baseline.FromResults(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := file.WithRecordings(recordings)
		if err != nil {
			t.Fatal(err)
		}
		if file, err = baseline.Parse("baselines.toml", raw); err != nil {
			t.Fatal(err)
		}
	}
	in.Baselines, in.Now = file, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	return in
}

// voided has a run that others disturbed, one whose sample is missing, and a machine that was faster on one side of a block.
func voided() compare.Input {
	in := explainedTrial(12, 1.5, 0.05)
	in.Base.Runs[2].Invalid = "disturbed: others took 40 % of the machine"
	sample := &in.Head.Series[0].Samples[6]
	sample.Valid, sample.Reason = false, "the page could not be read"
	slow, fast := 0.15, 0.1
	in.Base.Runs[8].Controls, in.Head.Runs[8].Controls = &result.Controls{Spin: &fast}, &result.Controls{Spin: &slow}
	return in
}

// TestGoldenExplanations tells how verdicts came about, and compares with testdata.
func TestGoldenExplanations(t *testing.T) {
	const people = `[metric.formation_time]
tolerance = "8%"
policy = "block"
target = "< 200ms"
[metric.memory_private]
tolerance = "5%"
[[waiver]]
metric = "memory_private"
until = 2026-12-31
max = "50%"
reason = "the new cache"
`
	timedOut := change(network(1.3), "formation_time", scaled(0.13, noisy))
	limit := 60.0
	for i := range timedOut.Series {
		if s := timedOut.Series[i]; s.Metric == "formation_time" {
			s.Samples[1].Value, s.Samples[1].Censored = &limit, true
			s.Samples[4].Valid, s.Samples[4].Reason = false, "disturbed: others took 40 % of the machine"
		}
	}
	for _, tc := range []struct {
		name, metric string
		in           compare.Input
	}{
		{"trial_regressed", "formation_time", withRules(t, explainedTrial(24, 1.12, 0.07), "")},
		{"trial_clean", "startup_time", withRules(t, explainedTrial(24, 1, 0.07), "[metric.startup_time]\npolicy = \"warn\"\n")},
		{"trial_inconclusive", "quick/formation_time", withRules(t, explainedTrial(24, 1.07, 0.2), "")},
		{"trial_void", "formation_time", withRules(t, voided(), "")},
		{"trial_count", "disconnections", withRules(t, explainedTrial(9, 1, 0.07), "")},
		{"session", "formation_time", withRules(t, compare.Input{Base: network(1), Head: timedOut}, people)},
		{"session_waived", "memory_private", withRules(t, compare.Input{Base: network(1), Head: network(1.3)}, people)},
		{"session_improved", "startup_time", withRules(t, compare.Input{Base: network(1.3), Head: network(1)}, "")},
		{"stored", "formation_time", withRules(t, compare.Input{Head: network(1.3)}, "", network(1))},
		{"exact", "binary_size", withRules(t, compare.Input{Base: network(1), Head: network(1.3)}, "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, e, err := compare.Explain(tc.in, tc.metric)
			if err != nil {
				t.Fatal(err)
			}
			sameAsVerdict(t, compare.Decide(tc.in), v, e)
			var text, document bytes.Buffer
			if err := report.Explanation(&text, e); err != nil {
				t.Fatal(err)
			}
			if err := report.ExplanationJSON(&document, e); err != nil {
				t.Fatal(err)
			}
			golden(t, "explanation_"+tc.name+".txt", text.String())
			if strings.HasPrefix(tc.name, "trial_void") {
				golden(t, "explanation_"+tc.name+".json", document.String())
			}
		})
	}
}

// sameAsVerdict wants the explanation to be of the verdict that is printed without one, bit for bit.
func sameAsVerdict(t *testing.T, without, v compare.Verdict, e compare.Explanation) {
	t.Helper()
	one, _ := json.Marshal(without)
	other, _ := json.Marshal(v)
	if !bytes.Equal(one, other) {
		t.Errorf("the verdict beside an explanation differs:\n%s\n%s", one, other)
	}
	for _, m := range e.Metrics {
		explained, _ := json.Marshal(m.Entry)
		if !bytes.Contains(one, explained) {
			t.Errorf("not in the verdict: %s", explained)
		}
	}
}

// TestExplanationsCanBeRedone goes by what an explanation tells alone: the books give the look that decided.
func TestExplanationsCanBeRedone(t *testing.T) {
	for seed, factor := range []float64{1.5, 1.12, 1, 0.7} {
		in := withRules(t, explainedTrial(24, factor, 0.05+0.02*float64(seed)), "")
		_, e, err := compare.Explain(in, "formation_time")
		if err != nil {
			t.Fatal(err)
		}
		m := e.Metrics[0]
		proven := func(s *compare.ExplainedSpending) int {
			for _, l := range s.Looks {
				ways := math.Exp2(float64(l.Pairs))
				within := l.P <= l.May-l.Planned ||
					l.P <= l.May && float64(l.Needed)*ways <= (l.May-float64(l.Spent))*ways
				if within != l.Crossed {
					t.Errorf("factor %v: look %+v says otherwise", factor, l)
				}
				if within {
					return l.Look
				}
			}
			return 0
		}
		want := proven(map[compare.Outcome]*compare.ExplainedSpending{compare.Regressed: m.Worse, compare.Improved: m.Better, compare.Pass: m.Clean}[m.Entry.Verdict])
		if m.Entry.DecidedAt == 0 || want > m.Entry.DecidedAt || want == 0 {
			t.Errorf("factor %v: %s at %d, the books say %d", factor, m.Entry.Verdict, m.Entry.DecidedAt, want)
		}
		for _, p := range m.Pairs {
			if got := math.Log(float64(p.Head) / float64(p.Base)); math.Abs(got-float64(p.Excess)) > 1e-12 {
				t.Errorf("pair %d: %v, told %v", p.Pair, got, p.Excess)
			}
		}
	}
}

func TestMetricsThatNobodyKnowsAreNamed(t *testing.T) {
	in := withRules(t, compare.Input{Base: network(1), Head: network(1)}, "")
	for name, want := range map[string]string{
		"formation_tim":    `no metric "formation_tim" was judged`,
		"other/throughput": `no metric "other/throughput" was judged`,
		"throughput":       "throughput was not measured, so nothing decides about it: not measurable: node offers L2",
	} {
		if _, _, err := compare.Explain(in, name); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestAnExplanationIsOfEveryScenario(t *testing.T) {
	two := func() *result.Results {
		r := network(1)
		r.Scenarios = append(r.Scenarios, result.Scenario{Name: "slow", Nodes: 5, Runs: 6, Configuration: "s"})
		r.Series = append(r.Series, measured("slow", "formation_time", scaled(0.2, steady)))
		return r
	}
	in := withRules(t, compare.Input{Base: two(), Head: two()}, "")
	for name, want := range map[string]int{"formation_time": 2, "slow/formation_time": 1} {
		if _, e, err := compare.Explain(in, name); err != nil || len(e.Metrics) != want {
			t.Errorf("%s: %d explained, %v; want %d", name, len(e.Metrics), err, want)
		}
	}
}

func TestExplanationsAreHarmless(t *testing.T) {
	evil := network(1)
	evil.Series = append(evil.Series, measured("quick", "own", steady))
	evil.Series[len(evil.Series)-1].Samples[0].Valid = false
	evil.Series[len(evil.Series)-1].Samples[0].Reason = "\x1b[31mred\nregressed"
	_, e, err := compare.Explain(withRules(t, compare.Input{Base: network(1), Head: evil}, ""), "own")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := report.Explanation(&text, e); err != nil || strings.ContainsAny(text.String(), "\x1b") || strings.Contains(text.String(), "\nregressed") {
		t.Errorf("%v: %q", err, text.String())
	}
}
