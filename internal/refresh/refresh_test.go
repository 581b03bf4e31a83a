package refresh_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/refresh"
	"github.com/communitas/perfgate/internal/result"
)

const (
	here      = "fingerprint-of-this-machine"
	elsewhere = "fingerprint-of-another-machine"
	older     = "0123456789abcdef0123456789abcdef01234567"
	newer     = "89abcdef0123456789abcdef0123456789abcdef"
)

var (
	monday = time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)
	now    = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	steady = []float64{1.003, 0.991, 1.012, 0.985, 0.998, 1.009}
)

func of(name string, values ...float64) result.Series {
	m, ok := metric.Lookup(name)
	if !ok {
		panic("no metric " + name)
	}
	s := result.Series{Scenario: "quick", Metric: m.Name, Unit: m.Unit, Better: m.Better, Status: result.Measured, Count: len(values)}
	for i, v := range values {
		s.Samples = append(s.Samples, result.Sample{Run: i + 1, Value: &v, Valid: true})
	}
	return s
}

func scaled(factor float64) []float64 {
	var out []float64
	for _, v := range steady {
		out = append(out, factor*v)
	}
	return out
}

func results(commit string, days int, series ...result.Series) *result.Results {
	r := &result.Results{
		Schema: result.Schema, Created: monday.AddDate(0, 0, days),
		Subject:     result.Subject{Name: "node", Commit: commit},
		Environment: result.Environment{Fingerprint: here, OS: "linux", Arch: "amd64"},
		Scenarios:   []result.Scenario{{Name: "quick", Nodes: 5, Runs: 6, Configuration: "configuration"}},
		Series:      series,
	}
	for run := range 6 {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: run + 1, Order: run + 1, Formed: true})
	}
	return r
}

// recorded is what most tests begin with.
func recorded() *result.Results {
	return results(older, 0, of("memory_private", steady...), of("disconnections", 0, 0, 0, 0, 0, 0), of("binary_size", 1e6))
}

func parse(t *testing.T, raw []byte) *baseline.File {
	t.Helper()
	f, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// file records results below a people's part, with sessions that are known to differ little.
func file(t *testing.T, people string, all ...*result.Results) *baseline.File {
	t.Helper()
	f := parse(t, []byte("schema = \"perfgate.baselines/1\"\n"+people))
	for _, r := range all {
		recordings, err := baseline.FromResults(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := f.WithRecordings(recordings)
		if err != nil {
			t.Fatal(err)
		}
		f = parse(t, raw)
	}
	raw, err := f.WithCalibrations([]baseline.Calibration{{
		Environment: here, Scenario: "quick", Configuration: "configuration", Subject: "node", Time: monday, Sessions: 8, Pairs: 128,
		Noise: []baseline.Noise{{Metric: "memory_private", Within: 0.01, Between: 0.005}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, raw)
}

func decide(t *testing.T, f *baseline.File, all ...*result.Results) refresh.Plan {
	t.Helper()
	in := refresh.Input{File: f, Now: now, Suite: refresh.Suite{Scenarios: []string{"quick"}, Benchmarks: []string{}}}
	for i, r := range all {
		in.Sources = append(in.Sources, refresh.Source{Name: string(rune('a' + i)), Results: r})
	}
	plan, err := refresh.Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func fates(p refresh.Plan) map[string]refresh.Fate {
	all := map[string]refresh.Fate{}
	for _, m := range p.Metrics {
		all[m.Metric] = m.Fate
	}
	return all
}

func TestWhatBecomesOfEachMetric(t *testing.T) {
	same := of("disconnections", 0, 0, 0, 0, 0, 0)
	for _, tc := range []struct {
		name    string
		people  string
		head    []result.Series
		outcome refresh.Outcome
		verdict compare.Outcome
		fates   map[string]refresh.Fate
	}{
		{
			"nothing moved", "", []result.Series{of("memory_private", scaled(1.001)...), same, of("binary_size", 1e6)}, refresh.Unchanged, compare.Pass,
			map[string]refresh.Fate{"memory_private": refresh.Kept, "disconnections": refresh.Kept, "binary_size": refresh.Kept},
		},
		{
			"proven better", "", []result.Series{of("memory_private", scaled(0.8)...), same, of("binary_size", 1e6)}, refresh.Refreshed, compare.Improved,
			map[string]refresh.Fate{"memory_private": refresh.TakenOver, "disconnections": refresh.Kept, "binary_size": refresh.Kept},
		},
		{
			"a little better", "", []result.Series{of("memory_private", scaled(0.99)...), same, of("binary_size", 1e6)}, refresh.Unchanged, compare.Pass,
			map[string]refresh.Fate{"memory_private": refresh.Kept, "disconnections": refresh.Kept, "binary_size": refresh.Kept},
		},
		{
			"a metric more", "", []result.Series{of("memory_private", steady...), same, of("binary_size", 1e6), of("startup_time", steady...)}, refresh.Refreshed, compare.Inconclusive,
			map[string]refresh.Fate{"memory_private": refresh.Kept, "disconnections": refresh.Kept, "binary_size": refresh.Kept, "startup_time": refresh.New},
		},
		{
			"red, and better elsewhere", "", []result.Series{of("memory_private", scaled(0.8)...), of("disconnections", 9, 9, 9, 9, 9, 9), of("binary_size", 2e6)},
			refresh.Refused, compare.Regressed,
			map[string]refresh.Fate{"memory_private": refresh.Kept, "disconnections": refresh.Worse, "binary_size": refresh.Worse},
		},
		{
			"worse where that only warns", "[metric.binary_size]\npolicy = \"warn\"\n", []result.Series{of("memory_private", scaled(0.8)...), same, of("binary_size", 2e6)},
			refresh.Refreshed, compare.Improved,
			map[string]refresh.Fate{"memory_private": refresh.TakenOver, "disconnections": refresh.Kept, "binary_size": refresh.Worse},
		},
		{
			"a waived regression stays worse", "[[waiver]]\nmetric = \"binary_size\"\nuntil = 2026-12-31\nmax = \"200%\"\nreason = \"bigger\"\n",
			[]result.Series{of("memory_private", scaled(0.8)...), same, of("binary_size", 2e6)}, refresh.Refreshed, compare.Improved,
			map[string]refresh.Fate{"memory_private": refresh.TakenOver, "disconnections": refresh.Kept, "binary_size": refresh.Worse},
		},
		{
			"not measured, where that does not block", "[metric.binary_size]\npolicy = \"info\"\n", []result.Series{of("memory_private", scaled(0.8)...), same}, refresh.Refreshed, compare.Improved,
			map[string]refresh.Fate{"memory_private": refresh.TakenOver, "disconnections": refresh.Kept, "binary_size": refresh.Gone},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := file(t, tc.people, recorded())
			plan := decide(t, f, results(newer, 4, tc.head...))
			if plan.Outcome != tc.outcome || plan.Verdict != tc.verdict {
				t.Errorf("%s (%s), %s; want %s, %s", plan.Outcome, plan.Reason, plan.Verdict, tc.outcome, tc.verdict)
			}
			if diff := cmp.Diff(tc.fates, fates(plan)); diff != "" {
				t.Errorf("fates (-want +got):\n%s", diff)
			}
			for _, m := range plan.Metrics {
				if m.Reason == "" {
					t.Errorf("%s: %s without a reason", m.Metric, m.Fate)
				}
			}
			if (len(plan.Recordings) > 0) != (tc.outcome == refresh.Refreshed) {
				t.Errorf("%d recordings change", len(plan.Recordings))
			}
			for _, rec := range plan.Recordings {
				holds(t, f, rec, plan)
			}
		})
	}
}

// holds wants that a recording has new samples of what is taken over, and the old ones with their origin of all else.
func holds(t *testing.T, f *baseline.File, rec baseline.Recording, plan refresh.Plan) {
	t.Helper()
	raw, err := f.WithRecordings([]baseline.Recording{rec})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := parse(t, raw).Recording(here, "quick")
	if got.Commit != newer {
		t.Errorf("the recording is of %s", got.Commit)
	}
	was, _ := f.Recording(here, "quick")
	for _, s := range got.Series {
		fate := fates(plan)[s.Metric]
		fresh := fate == refresh.TakenOver || fate == refresh.New
		if fresh != (s.Commit == "" && s.Time.IsZero()) || !fresh && s.Commit != older {
			t.Errorf("%s is %s, and of %q %s", s.Metric, fate, s.Commit, s.Time)
		}
		for _, old := range was.Series {
			if s.Metric == old.Metric && fresh == cmp.Equal(s.Samples, old.Samples) {
				t.Errorf("%s is %s, and has the samples %v", s.Metric, fate, s.Samples)
			}
		}
	}
	if len(got.Series) < len(was.Series) {
		t.Errorf("%d of %d series are left", len(got.Series), len(was.Series))
	}
}

// What is kept twice still says where it comes from.
func TestSamplesKeepTheirOrigin(t *testing.T) {
	f := file(t, "", recorded())
	for i, commit := range []string{newer, strings.Repeat("7", 40)} {
		plan := decide(t, f, results(commit, 4+i, of("memory_private", scaled(0.8-0.2*float64(i))...), of("disconnections", 0, 0, 0, 0, 0, 0), of("binary_size", 1e6)))
		raw, err := f.WithRecordings(plan.Recordings)
		if err != nil {
			t.Fatal(err)
		}
		f = parse(t, raw)
	}
	rec, _ := f.Recording(here, "quick")
	for _, s := range rec.Series {
		want := older
		if s.Metric == "memory_private" {
			want = ""
		}
		if s.Commit != want {
			t.Errorf("%s is of %q, want %q", s.Metric, s.Commit, want)
		}
	}
}

// With another configuration nothing recorded compares any more: it begins anew, and no old sample stays beside the new ones.
func TestAnotherConfigurationBeginsAnew(t *testing.T) {
	f := file(t, "", recorded())
	head := results(newer, 4, of("memory_private", scaled(3)...), of("disconnections", 0, 0, 0, 0, 0, 0))
	head.Scenarios[0].Configuration = "another"
	plan := decide(t, f, head)
	want := map[string]refresh.Fate{"memory_private": refresh.Anew, "disconnections": refresh.Anew, "binary_size": refresh.Gone}
	if diff := cmp.Diff(want, fates(plan)); diff != "" || plan.Outcome != refresh.Refreshed {
		t.Fatalf("%s: %s", plan.Outcome, diff)
	}
	if n := len(plan.Recordings[0].Series); n != 2 {
		t.Errorf("%d series, want the two that were measured", n)
	}
	head.Series[1] = of("disconnections", 1, 1, 1, 1, 1, 1)
	if plan := decide(t, f, head); plan.Outcome != refresh.Refused {
		t.Errorf("a broken target does not keep it from beginning anew: %s", plan.Reason)
	}
}

func TestAWeekOfResults(t *testing.T) {
	zero := of("disconnections", 0, 0, 0, 0, 0, 0)
	better := func(commit string, day int) *result.Results {
		return results(commit, day, of("memory_private", scaled(0.8)...), zero, of("binary_size", 1e6))
	}
	red := func(commit string, day int) *result.Results {
		return results(commit, day, of("memory_private", scaled(0.8)...), zero, of("binary_size", 2e6))
	}
	for _, tc := range []struct {
		name    string
		week    []*result.Results
		outcome refresh.Outcome
		reason  string
	}{
		{"it was red and is mended", []*result.Results{better(newer, 4), red(older, 2)}, refresh.Refreshed, "1 taken over"},
		{"it was green and is red", []*result.Results{better(older, 2), red(newer, 4)}, refresh.Refused, "b is regressed: binary_size"},
		{"red once, on the commit that is newest", []*result.Results{better(newer, 4), red(newer, 2)}, refresh.Refused, "b is regressed"},
		{"within a second, named first", []*result.Results{red(older, 4), better(newer, 4)}, refresh.Refreshed, "1 taken over"},
		{"within a second, named last", []*result.Results{better(older, 4), red(newer, 4)}, refresh.Refused, "b is regressed"},
		{"the same without commits", []*result.Results{better("", 4), red("", 2)}, refresh.Refreshed, "1 taken over"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan := decide(t, file(t, "", recorded()), tc.week...)
			if plan.Outcome != tc.outcome || !strings.Contains(plan.Reason, tc.reason) {
				t.Errorf("%s: %s; want %s: %s", plan.Outcome, plan.Reason, tc.outcome, tc.reason)
			}
		})
	}
}

func TestOthersAreLeftAlone(t *testing.T) {
	there := recorded()
	there.Environment.Fingerprint = elsewhere
	old := recorded()
	old.Scenarios[0].Name = "dropped"
	for i := range old.Series {
		old.Series[i].Scenario = "dropped"
	}
	for i := range old.Runs {
		old.Runs[i].Scenario = "dropped"
	}
	f := file(t, "", recorded(), there, old)
	plan := decide(t, f, results(newer, 4, of("memory_private", scaled(0.8)...), of("disconnections", 0, 0, 0, 0, 0, 0), of("binary_size", 1e6)))
	var reasons []string
	for _, u := range plan.Untouched {
		reasons = append(reasons, u.Scenario+" "+strings.SplitN(u.Reason, ":", 2)[0])
	}
	if diff := cmp.Diff([]string{"quick environment", "dropped gone"}, reasons); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(plan.Recordings) != 1 || plan.Recordings[0].Environment != here {
		t.Errorf("%d recordings change", len(plan.Recordings))
	}
}

func TestWhatWasMeasuredWronglyTeachesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*result.Results){
		"interrupted":                    func(r *result.Results) { r.Interrupted = "SIGINT" },
		"changes that are not committed": func(r *result.Results) { r.Subject.Dirty = true },
		"--nodes 7":                      func(r *result.Results) { r.Overrides = []string{"--nodes 7"} },
		"did not form":                   func(r *result.Results) { r.Runs[2].Formed = false },
	} {
		head := results(newer, 4, of("memory_private", scaled(0.8)...), of("disconnections", 0, 0, 0, 0, 0, 0), of("binary_size", 1e6))
		spoil(head)
		_, err := refresh.Decide(refresh.Input{File: file(t, "", recorded()), Sources: []refresh.Source{{Name: "a", Results: head}}, Now: now})
		if _, unfit := errors.AsType[*baseline.UnfitError](err); !unfit || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMachineWithoutRecordings(t *testing.T) {
	plan := decide(t, file(t, ""), recorded())
	if plan.Outcome != refresh.Refreshed || len(plan.Recordings) != 1 {
		t.Fatalf("%s: %s", plan.Outcome, plan.Reason)
	}
	for _, m := range plan.Metrics {
		if m.Fate != refresh.New || m.Recorded.Present() || !m.Measured.Present() {
			t.Errorf("%+v", m)
		}
	}
}
