package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// calibration is one of scenario quick here.
func calibration(sessions int, noises ...baseline.Noise) baseline.Calibration {
	return baseline.Calibration{
		Environment: here, Scenario: "quick", Configuration: "configuration", Subject: "node",
		Time: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC), Sessions: sessions, Pairs: 16 * sessions, Noise: noises,
	}
}

// with adds calibrations to a file.
func with(t testing.TB, f *baseline.File, calibrations ...baseline.Calibration) *baseline.File {
	t.Helper()
	raw, err := f.WithCalibrations(calibrations)
	if err != nil {
		t.Fatal(err)
	}
	f, err = baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestACalibratedBaselineMayConvict(t *testing.T) {
	known := baseline.Noise{Metric: "memory_private", Within: 0.01, Between: 0.01, Pair: 0.014}
	other := func(change func(*baseline.Calibration)) baseline.Calibration {
		c := calibration(5, known)
		change(&c)
		return c
	}
	for _, tc := range []struct {
		name        string
		calibration baseline.Calibration
		factor      float64
		want        compare.Outcome
		reason      string
	}{
		{"worse", calibration(5, known), 1.15, compare.Regressed, "worse: +15% [+10.1%, +20.1%], tolerance 10%"},
		{"better", calibration(5, known), 0.85, compare.Improved, "better: -15%"},
		{"unchanged", calibration(5, known), 1, compare.Pass, "stays within 10%"},
		{"less than sessions differ by", calibration(5, baseline.Noise{Metric: "memory_private", Within: 0.01, Between: 0.06}), 1.15, compare.Inconclusive, "neither proven worse"},
		{"too few sessions", calibration(2, known), 1.15, compare.Inconclusive, "the session-to-session variance is not on record"},
		{"just enough sessions", calibration(3, known), 1.3, compare.Regressed, "worse"},
		{"another metric", calibration(5, baseline.Noise{Metric: "startup_time", Within: 0.01}), 1.15, compare.Inconclusive, "is not on record"},
		{"another configuration", other(func(c *baseline.Calibration) { c.Configuration = "old" }), 1.15, compare.Inconclusive, "is not on record"},
		{"another subject", other(func(c *baseline.Calibration) { c.Subject = "old" }), 1.15, compare.Inconclusive, "is not on record"},
		{"another environment", other(func(c *baseline.Calibration) { c.Environment = elsewhere }), 1.15, compare.Inconclusive, "is not on record"},
		{"another scenario", other(func(c *baseline.Calibration) { c.Scenario = "slow" }), 1.15, compare.Inconclusive, "is not on record"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{
				Head: results(of("memory_private", scaled(tc.factor, steady...)...)), Now: now,
				Baselines: with(t, file(t, "", results(of("memory_private", steady...))), tc.calibration),
			})
			if got := v.Metrics[0]; got.Verdict != tc.want || v.Verdict != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("%s, whole %s, because %q; want %s because %q", got.Verdict, v.Verdict, got.Reason, tc.want, tc.reason)
			}
			knows := strings.Contains(v.Comparison.Reason, fmt.Sprintf("on record of %d, and in every interval", tc.calibration.Sessions))
			if tells := strings.Contains(tc.reason, "not on record"); knows == tells {
				t.Errorf("the comparison says %q", v.Comparison.Reason)
			}
		})
	}
}

// More runs help as far as they can: beside one recording sessions differ all the same.
func TestMoreRunsAcrossSessions(t *testing.T) {
	decide := func(between float64) compare.Metric {
		long := append(append(append([]float64{}, noisy...), noisy...), noisy...)
		return compare.Decide(compare.Input{
			Head: results(of("memory_private", scaled(1.12, noisy...)...)), Now: now,
			Baselines: with(t, file(t, "", results(of("memory_private", long...))),
				calibration(20, baseline.Noise{Metric: "memory_private", Within: 0.1, Between: between})),
		}).Metrics[0]
	}
	if got := decide(0.01); got.Verdict != compare.Inconclusive || got.MoreRuns < 1 || got.MoreRuns > 60 || !strings.Contains(got.Reason, "more runs would settle it") {
		t.Errorf("sessions that hardly differ: %s with %d more runs: %s", got.Verdict, got.MoreRuns, got.Reason)
	}
	if got := decide(0.1); got.Verdict != compare.Inconclusive || got.MoreRuns != 0 {
		t.Errorf("sessions that differ by as much as the change: %s with %d more runs: %s", got.Verdict, got.MoreRuns, got.Reason)
	}
}

// TestAcrossSessionsNothingIsSeenThatTheRunsCannotShow: a change has to stand out from the runs, and to matter, whatever the sessions say.
func TestAcrossSessionsNothingIsSeenThatTheRunsCannotShow(t *testing.T) {
	decide := func(runs int, factor float64, better metric.Direction) compare.Metric {
		head, base := results(), results()
		c := calibration(30)
		for i := range 8 {
			m := metric.Describe(fmt.Sprintf("custom/metric-%d", i), metric.Seconds, better)
			base.Series = append(base.Series, custom(m, steady[:runs]...))
			head.Series = append(head.Series, custom(m, scaled(factor, steady[:runs]...)...))
			c.Noise = append(c.Noise, baseline.Noise{Metric: m.Name, Within: 0.002, Between: 0.001, Pair: 0.003})
		}
		return compare.Decide(compare.Input{Head: head, Now: now, Baselines: with(t, file(t, "", base), c)}).Metrics[0]
	}
	for _, better := range []metric.Direction{metric.Lower, metric.Higher} {
		if got := decide(4, 1, better); !math.IsInf(float64(got.MDE), 1) {
			t.Errorf("better %s: MDE %v of four runs a side among eight tests, of which p is above alpha/8", better, got.MDE)
		}
		if got := decide(6, 1, better); !(got.MDE >= 0.05) || got.MDE > 0.08 {
			t.Errorf("better %s: MDE %v, want at least half the tolerance", better, got.MDE)
		}
	}
	if got := decide(4, 1.3, metric.Lower); got.Verdict != compare.Inconclusive || got.MoreRuns != 2 { // 1 of 210 ways
		t.Errorf("%s with %d more runs, want 2 beside the recording of four: %s", got.Verdict, got.MoreRuns, got.Reason)
	}
}

// What times out had no sessions to be calibrated with.
func TestTimeOutsAreNotConvictedAcrossSessions(t *testing.T) {
	head := timedOut(of("formation_time", scaled(2, steady...)...), 60, 0, 1, 2, 3, 4)
	v := compare.Decide(compare.Input{
		Head: results(head), Now: now,
		Baselines: with(t, file(t, "", results(of("formation_time", steady...))), calibration(5, baseline.Noise{Metric: "formation_time", Within: 0.01})),
	})
	if got := v.Metrics[0]; got.RelativeVerdict != compare.Inconclusive || !strings.Contains(got.Reason, "is not on record") {
		t.Errorf("%s because %q", got.RelativeVerdict, got.Reason)
	}
}

// drifting is a machine whose sessions differ: of each metric by its own deviation of logarithms.
type drifting struct {
	random          *rand.Rand
	metrics         int
	within, between float64
}

// session are results of one session with every metric changed by a factor.
func (m drifting) session(runs int, factor float64) *result.Results {
	r := results()
	r.Scenarios[0].Runs, r.Runs = runs, nil
	for i := range m.metrics {
		center := factor * math.Exp(m.between*m.random.NormFloat64())
		name := metric.Describe(fmt.Sprintf("custom/metric-%02d", i), metric.Seconds, metric.Lower)
		values := make([]float64, runs)
		for k := range values {
			values[k] = center * math.Exp(m.within*m.random.NormFloat64())
		}
		r.Series = append(r.Series, custom(name, values...))
	}
	return r
}

// calibrate measures the machine as sessions of unchanged work do.
func (m drifting) calibrate(t testing.TB, sessions, pairs int) baseline.Calibration {
	t.Helper()
	logs := make([][][]float64, m.metrics)
	for range sessions {
		for i, s := range m.session(2*pairs, 1).Series {
			group := make([]float64, len(s.Samples))
			for k, sample := range s.Samples {
				group[k] = math.Log(*sample.Value)
			}
			logs[i] = append(logs[i], group)
		}
	}
	c := calibration(sessions)
	c.Pairs = sessions * pairs
	for i, groups := range logs {
		within, between, err := stat.Components(groups...)
		if err != nil {
			t.Fatal(err)
		}
		c.Noise = append(c.Noise, baseline.Noise{
			Metric: fmt.Sprintf("custom/metric-%02d", i), Within: within, Between: between, Pair: math.Sqrt2 * within,
		})
	}
	return c
}

// check draws a calibration, a recording and a head, and decides.
func (m drifting) check(t testing.TB, sessions, runs int, factor float64) compare.Outcome {
	t.Helper()
	baselines := with(t, file(t, "", m.session(runs, 1)), m.calibrate(t, sessions, 12))
	return compare.Decide(compare.Input{Head: m.session(runs, factor), Baselines: baselines, Now: now}).Verdict
}

// TestCalibratedBaselinesRarelyConvictNoChange draws eight metrics with run noise of 8 % and sessions that differ by far more, where
// next to nothing else is in the test, and counts verdicts that call any of them regressed.
func TestCalibratedBaselinesRarelyConvictNoChange(t *testing.T) {
	const seed = 20261125
	rounds := 200
	if testing.Short() {
		rounds = 40
	}
	for _, sessions := range []int{3, 5, 10} {
		m := drifting{random: rand.New(rand.NewPCG(seed, uint64(sessions))), metrics: 8, within: 0.08, between: 0.3}
		red := stat.Trials{}
		for range rounds {
			if m.check(t, sessions, 6, 1) == compare.Regressed {
				red.Successes++
			} else {
				red.Failures++
			}
		}
		share, err := stat.Proportion(red, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %d sessions: %.2f %% of %d red", seed, sessions, 100*share.Value, rounds)
		if share.Low > compare.DefaultAlpha {
			t.Errorf("%d sessions: more than %v are called regressed without a change", sessions, compare.DefaultAlpha)
		}
	}
}

// BenchmarkPowerOfACalibratedBaseline prints how often one metric that got worse by 20 % is found, by the number of sessions.
func BenchmarkPowerOfACalibratedBaseline(b *testing.B) {
	for _, sessions := range []int{3, 5, 10, 20} {
		for _, change := range []float64{0.1, 0.2, 0.3} {
			b.Run(fmt.Sprintf("sessions=%d/change=%v", sessions, change), func(b *testing.B) {
				m := drifting{random: rand.New(rand.NewPCG(1, 2)), metrics: 1, within: 0.05, between: 0.03}
				found, n := 0, 0
				for b.Loop() {
					for range 50 {
						n++
						if m.check(b, sessions, 10, 1+change) == compare.Regressed {
							found++
						}
					}
				}
				b.ReportMetric(100*float64(found)/float64(n), "%found")
			})
		}
	}
}
