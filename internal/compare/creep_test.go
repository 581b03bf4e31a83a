package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// released adds results to a file as those of a release.
func released(t testing.TB, f *baseline.File, r *result.Results) *baseline.File {
	t.Helper()
	recordings := record(r)
	for i := range recordings {
		recordings[i].Release = "v1.2.0"
	}
	raw, err := f.WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	f, err = baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Fifteen commits make everything worse by 1 % each. None is worse than its parent; against the release they are.
func TestFifteenSmallStepsEndRed(t *testing.T) {
	const commits = 15
	random := rand.New(rand.NewPCG(7, 7))
	// commit n is measured in a session of its own, all of which differ.
	commit := func(n int) *result.Results {
		worse, session := math.Pow(1.01, float64(n)), math.Exp(0.005*random.NormFloat64())
		noise := func() []float64 { return lognormal(random, 6, worse*session, 0.01) }
		return results(of("binary_size", 1e6*worse), of("memory_private", noise()...), of("startup_time", noise()...))
	}
	parent := commit(0)
	calibrated := calibration(10, baseline.Noise{Metric: "memory_private", Within: 0.01, Between: 0.005, Pair: 0.014})
	baselines := with(t, released(t, file(t, ""), parent), calibrated)
	const people = "[metric.binary_size]\ntolerance = \"8%\"\n"
	var sizes, memories []compare.Outcome
	for n := range commits {
		head := commit(n + 1)
		current := with(t, released(t, file(t, people, parent), mustRelease(t, baselines)), calibrated)
		v := compare.Decide(compare.Input{Head: head, Baselines: current, Now: now})
		for _, name := range []string{"binary_size", "memory_private", "startup_time"} {
			m := entry(v, name)
			if m.RelativeVerdict != compare.Pass || m.Release != "v1.2.0" {
				t.Errorf("commit %d: %s is %s against its parent and held against %q: %s", n+1, name, m.RelativeVerdict, m.Release, m.Reason)
			}
		}
		size, memory, startup := entry(v, "binary_size"), entry(v, "memory_private"), entry(v, "startup_time")
		sizes, memories = append(sizes, size.ReleaseVerdict), append(memories, memory.ReleaseVerdict)
		if got := float64(size.ReleaseChange); math.Abs(got-(math.Pow(1.01, float64(n+1))-1)) > 1e-9 {
			t.Errorf("commit %d: the size is %v since the release", n+1, got)
		}
		if startup.ReleaseVerdict != compare.NotJudged || startup.Verdict != compare.Pass {
			t.Errorf("commit %d: without calibrated sessions the startup is %s: %s", n+1, startup.Verdict, startup.Reason)
		}
		if n+1 == commits {
			if v.Verdict != compare.Regressed || memory.Verdict != compare.Regressed || !strings.Contains(memory.Reason, "since release v1.2.0 worse: +") {
				t.Errorf("the last commit: %s, memory %s because %q", v.Verdict, memory.Verdict, memory.Reason)
			}
			if !strings.Contains(strings.Join(startup.Notes, "\n"), "since release v1.2.0, which is not proven") {
				t.Errorf("nothing is told of the startup: %q", startup.Notes)
			}
			if next := strings.Join(v.Next, "\n"); !strings.Contains(next, "perfgate check --against v1.2.0") || !strings.Contains(v.Comparison.Release, "release v1.2.0 of ") {
				t.Errorf("next %q, compared with %q", next, v.Comparison.Release)
			}
		}
		parent = head
	}
	// 1.01^7 is the last below 8 %.
	for n, size := range sizes {
		if want := map[bool]compare.Outcome{true: compare.Regressed, false: compare.NotJudged}[n+1 > 7]; size != want {
			t.Errorf("commit %d: the size is %q since the release, want %q", n+1, size, want)
		}
	}
	if memories[0] != compare.NotJudged || memories[commits-1] != compare.Regressed {
		t.Errorf("the memory since the release: %q", memories)
	}
}

// mustRelease are the results that the release of a file was recorded from, as far as a recording keeps them.
func mustRelease(t testing.TB, f *baseline.File) *result.Results {
	t.Helper()
	r, ok := f.OfRelease(here, "quick", "")
	if !ok {
		t.Fatal("there is no release")
	}
	back := results()
	for _, s := range r.Series {
		back.Series = append(back.Series, of(s.Metric, s.Samples...))
	}
	return back
}

func TestHeldAgainstARelease(t *testing.T) {
	zero, many := make([]float64, 6), []float64{3, 2, 4, 3, 2, 3}
	other := func(change func(*result.Results)) *result.Results {
		r := results(of("binary_size", 1e6))
		change(r)
		return r
	}
	for _, tc := range []struct {
		name          string
		release, head *result.Results
		metric        string
		want          compare.Outcome // since the release
		note, warning string
	}{
		{"a size", results(of("binary_size", 1e6)), results(of("binary_size", 1.05e6)), "binary_size", compare.Regressed, "", ""},
		{"a smaller size", results(of("binary_size", 1e6)), results(of("binary_size", 9e5)), "binary_size", compare.NotJudged, "", ""},
		{"a count", results(of("disconnections", zero...)), results(of("disconnections", many...)), "disconnections", compare.Regressed, "", ""},
		{"a noisy metric", results(of("memory_private", steady...)), results(of("memory_private", scaled(1.5, steady...)...)), "memory_private", compare.NotJudged, "looks +50% [", "memory_private of quick looks +50% ["},
		{"a level", results(of("average_peers", 4, 4, 4, 4, 4, 4)), results(of("average_peers", 3, 3, 3, 3, 3, 3)), "average_peers", compare.NotJudged, "looks -25% since release v1.2.0", "average_peers of quick looks -25% since release v1.2.0, which is not proven"},
		{"a metric that it does not have", results(of("binary_size", 1e6)), results(of("memory_private", steady...)), "memory_private", compare.NotJudged, "", ""},
		{"a metric that was stuck in it", results(of("memory_private", 1, 1, 1, 1, 1, 1)), results(of("memory_private", steady...)), "memory_private", compare.NotJudged, "not held against release v1.2.0: the base: all 6 samples are equal", ""},
		{"another configuration", other(func(r *result.Results) { r.Scenarios[0].Configuration = "old" }), results(of("binary_size", 2e6)), "binary_size", compare.NotJudged, "", "not held against release v1.2.0: the baseline is of another configuration"},
		{"another subject", other(func(r *result.Results) { r.Subject.Name = "old" }), results(of("binary_size", 2e6)), "binary_size", compare.NotJudged, "", "not held against release v1.2.0: the baseline is of another subject"},
		{"another environment", other(func(r *result.Results) { r.Environment.Fingerprint = elsewhere }), results(of("binary_size", 2e6)), "binary_size", compare.NotJudged, "", ""},
		{"an overridden head", results(of("binary_size", 1e6)), func() *result.Results {
			r := results(of("binary_size", 2e6))
			r.Overrides = []string{"--nodes 3"}
			return r
		}(), "binary_size", compare.NotJudged, "", ""},
	} {
		// The base is head itself, or nothing: what has become of head since the release does not depend on it.
		for _, base := range []*result.Results{tc.head, nil} {
			t.Run(fmt.Sprintf("%s, with a base: %v", tc.name, base != nil), func(t *testing.T) {
				v := compare.Decide(compare.Input{Head: tc.head, Base: base, Baselines: released(t, file(t, "[metric.disconnections]\ntarget = \"none\"\n[metric.average_peers]\ntarget = \"none\"\n"), tc.release), Now: now})
				m := entry(v, tc.metric)
				if m.ReleaseVerdict != tc.want || (tc.want == compare.Regressed) != (m.Verdict == compare.Regressed) || (tc.want == compare.Regressed) != (v.Verdict == compare.Regressed) {
					t.Errorf("%q since the release, %q in all, whole %q: %s", m.ReleaseVerdict, m.Verdict, v.Verdict, m.Reason)
				}
				notes, warnings := strings.Join(m.Notes, "\n"), strings.Join(v.Warnings, "\n")
				if !strings.Contains(notes, tc.note) || tc.note == "" && strings.Contains(notes, "release") {
					t.Errorf("notes %q, want %q", notes, tc.note)
				}
				if !strings.Contains(warnings, tc.warning) || tc.warning == "" && strings.Contains(warnings, "release") {
					t.Errorf("warnings %q, want %q", warnings, tc.warning)
				}
			})
		}
	}
}

// What is as good as the release still has to be as good as its base.
func TestAReleaseExcusesNothing(t *testing.T) {
	for name, m := range map[string]compare.Metric{
		"a size": compare.Decide(compare.Input{
			Head: results(of("binary_size", 1e6)), Base: results(of("binary_size", 5e5)), Baselines: released(t, file(t, ""), results(of("binary_size", 2e6))), Now: now,
		}).Metrics[0],
		"a count": compare.Decide(compare.Input{
			Head: results(of("disconnections", 3, 2, 4, 3, 2, 3)), Base: results(of("disconnections", 0, 0, 0, 0, 0, 0)), Now: now,
			Baselines: released(t, file(t, "[metric.disconnections]\ntarget = \"none\"\n"), results(of("disconnections", 9, 9, 9, 9, 9, 9))),
		}).Metrics[0],
	} {
		if m.Verdict != compare.Regressed || m.ReleaseVerdict != compare.NotJudged {
			t.Errorf("%s: %s, since the release %q: %s", name, m.Verdict, m.ReleaseVerdict, m.Reason)
		}
	}
}

// Each test against the release is one more in the error budget, and only where it may convict.
func TestTestsAgainstAReleaseShareTheBudget(t *testing.T) {
	head := results(of("memory_private", scaled(1.2, noisy...)...), of("disconnections", 0, 0, 0, 0, 0, 0))
	base := results(of("memory_private", noisy...), of("disconnections", 0, 0, 0, 0, 0, 0))
	adjusted := func(f *baseline.File) (p, since float64) {
		v := compare.Decide(compare.Input{Head: head, Base: base, Baselines: f, Now: now})
		m := entry(v, "memory_private")
		return float64(m.PAdjusted) / float64(m.PValue), float64(m.ReleasePAdjusted)
	}
	if tests, since := adjusted(file(t, "")); math.Abs(tests-2) > 1e-9 || !math.IsNaN(since) {
		t.Errorf("without a release there are %v tests, and p is %v", tests, since)
	}
	if tests, since := adjusted(released(t, file(t, ""), base)); math.Abs(tests-3) > 1e-9 || !math.IsNaN(since) {
		t.Errorf("with a release there are %v tests, one more for the count; p of the noisy metric is %v", tests, since)
	}
	noise := baseline.Noise{Metric: "memory_private", Within: 0.1, Between: 0.1}
	if tests, since := adjusted(with(t, released(t, file(t, ""), base), calibration(5, noise))); math.Abs(tests-4) > 1e-9 || math.IsNaN(since) {
		t.Errorf("with calibrated sessions there are %v tests; p of the noisy metric is %v", tests, since)
	}
}

// A trial goes on, and what was held against the release does not change: it is the runs up to the first look.
func TestATrialIsHeldAgainstTheReleaseOnce(t *testing.T) {
	m := metric.Describe("custom/a", metric.Seconds, metric.Lower)
	base, head := timed("a", 24, 3, always(1))
	release := results(custom(m, scaled(0.5, noisy...)...))
	f := with(t, released(t, file(t, ""), release), calibration(10, baseline.Noise{Metric: "custom/a", Within: 0.05, Between: 0.05, Pair: 0.02, MDE: 0.05}))
	var first compare.Metric
	for _, pairs := range []int{5, 6, 8, 12, 24} {
		cut := func(s result.Series) []result.Series {
			s.Samples, s.Count = s.Samples[:pairs], pairs
			return []result.Series{s}
		}
		b, h := trialOf(cut(base), cut(head))
		got := entry(compare.Decide(compare.Input{Head: h, Base: b, Baselines: f, Now: now}), "custom/a")
		switch {
		case pairs < 6:
			if got.Release != "" {
				t.Errorf("before the first look it is held against %q", got.Release)
			}
		case pairs == 6:
			first = got
			if got.ReleaseVerdict != compare.Regressed || got.Verdict != compare.Regressed {
				t.Errorf("%q since the release, %q: %s", got.ReleaseVerdict, got.Verdict, got.Reason)
			}
		case got.ReleaseChange != first.ReleaseChange || got.ReleasePValue != first.ReleasePValue || got.ReleaseVerdict != first.ReleaseVerdict:
			t.Errorf("after %d pairs: %v with p %v, %q; at the first look %v with p %v, %q", pairs,
				got.ReleaseChange, got.ReleasePValue, got.ReleaseVerdict, first.ReleaseChange, first.ReleasePValue, first.ReleaseVerdict)
		}
		if pairs == 24 && got.RelativeVerdict != compare.Pass {
			t.Errorf("against its base: %s", got.Reason)
		}
	}
}
