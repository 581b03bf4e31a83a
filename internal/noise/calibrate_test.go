package noise_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/noise"
	"github.com/communitas/perfgate/internal/result"
)

// side are results of one side with these formation times.
func side(times ...float64) *result.Results {
	s := series("formation_time", times...)
	success := series("formation_success", make([]float64, len(times))...)
	return &result.Results{
		Subject: result.Subject{Name: "node"}, Environment: result.Environment{Fingerprint: "e", Kernel: "6.1"},
		Created:   time.Date(2026, 11, len(times), 0, 0, 0, 0, time.UTC),
		Scenarios: []result.Scenario{{Name: "s", Configuration: "c"}}, Series: []result.Series{s, success},
	}
}

func verdict(pairs int, outcome compare.Outcome, mde float64) compare.Verdict {
	return compare.Verdict{Metrics: []compare.Metric{
		{Scenario: "s", Metric: "formation_time", RelativeVerdict: outcome, Policy: "block", HeadSamples: pairs, MDE: compare.Number(mde)},
		{Scenario: "s", Metric: "log_slow", RelativeVerdict: compare.Regressed, Policy: "info", HeadSamples: pairs},
	}}
}

func TestCalibrateTellsNoiseWithinAndBetweenSessions(t *testing.T) {
	e := math.Exp
	got, err := noise.Calibrate([]noise.Session{
		{Base: side(e(1), e(3)), Head: side(e(1), e(3)), Verdict: verdict(2, compare.Pass, 0.1)},
		{Base: side(e(5), e(7), e(5)), Head: side(e(7), e(5), e(7)), Verdict: verdict(3, compare.Regressed, 0.3)},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Within: 4 and 6 values one from their centers, over 3 + 5 degrees of freedom. Pairs: none apart in the first, and 2, -2, 2
	// in the second session. Centers 2 and 6: the mean square between is 4·6/10·(6-2)² = 38.4, the size of a group 10 - 52/10.
	within := math.Sqrt(10. / 8)
	want := []baseline.Calibration{{
		Environment: "e", Scenario: "s", Configuration: "c", Subject: "node", Time: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC),
		Sessions: 2, Pairs: 5, FalseAlarms: 1,
		Noise: []baseline.Noise{{
			Metric: "formation_time", Within: within, Between: math.Sqrt((38.4 - within*within) / 4.8), Pair: math.Sqrt((16. / 3 * 2) / 3), Lag1: -2. / 3, MDE: 0.2,
		}},
	}}
	round := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, got, round); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCalibrateRefusesWhatHasNoCommonNoise(t *testing.T) {
	for want, change := range map[string]func(*result.Results){
		"different subjects":                   func(r *result.Results) { r.Subject.Name = "other" },
		"environments: kernel 6.2 (there 6.1)": func(r *result.Results) { r.Environment.Kernel = "6.2" },
		`different configurations of "s"`:      func(r *result.Results) { r.Scenarios[0].Configuration = "d" },
	} {
		odd := side(1, 2)
		change(odd)
		sessions := []noise.Session{{Base: side(1, 2), Head: side(1, 2)}, {Base: side(1, 2), Head: odd}}
		if got, err := noise.Calibrate(sessions); err == nil || got != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v, want %q", got, err, want)
		}
	}
	if _, err := noise.Calibrate(nil); err == nil {
		t.Error("no session is no error")
	}
}

// A metric that timed out, or that a session does not have, has no figure rather than a wrong one.
func TestCalibrateLeavesOutWhatItCannotTell(t *testing.T) {
	late, zero := side(1, 2), side(1, 0)
	late.Series[0].Samples[1].Censored = true
	gone := side(1, 2)
	gone.Series = gone.Series[1:]
	for name, odd := range map[string]*result.Results{"timed out": late, "zero": zero, "gone": gone} {
		got, err := noise.Calibrate([]noise.Session{{Base: side(1, 2), Head: odd}})
		if err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Calibrated: what was simulated is found on average.
func TestCalibrateFindsWhatWasSimulated(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	const rounds, sessions, pairs, within, between = 300, 6, 8, 0.08, 0.05
	var sumWithin, sumBetween float64
	for range rounds {
		var all []noise.Session
		for range sessions {
			shift := between * random.NormFloat64()
			draw := func() *result.Results {
				times := make([]float64, pairs)
				for i := range times {
					times[i] = math.Exp(shift + within*random.NormFloat64())
				}
				return side(times...)
			}
			all = append(all, noise.Session{Base: draw(), Head: draw()})
		}
		got, err := noise.Calibrate(all)
		if err != nil {
			t.Fatal(err)
		}
		sumWithin += got[0].Noise[0].Within * got[0].Noise[0].Within
		sumBetween += got[0].Noise[0].Between * got[0].Noise[0].Between
	}
	if got := math.Sqrt(sumWithin / rounds); math.Abs(got-within) > 0.003 {
		t.Errorf("within %.4f, want %.4f", got, within)
	}
	if got := math.Sqrt(sumBetween / rounds); math.Abs(got-between) > 0.005 {
		t.Errorf("between %.4f, want %.4f", got, between)
	}
}
