package stat_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/communitas/perfgate/internal/stat"
)

// The percentage points of Student's distribution that every table prints.
func TestTailsOfSessionsAreStudents(t *testing.T) {
	for _, tc := range []struct {
		sessions      int
		p, deviations float64
	}{
		{2, 0.05, 6.314}, {3, 0.05, 2.920}, {3, 0.005, 9.925}, {6, 0.025, 2.571}, {10, 0.01, 2.821}, {31, 0.05, 1.697},
	} {
		s := stat.Sessions{Count: tc.sessions, Runs: 1}
		if got := s.Boundary(tc.p); math.Abs(got-tc.deviations) > 6e-4 {
			t.Errorf("%d sessions: %v of the shifts exceed %.4f, want %.3f", tc.sessions, tc.p, got, tc.deviations)
		}
		if got := s.Tail(s.Boundary(tc.p)); math.Abs(got-tc.p) > 1e-9 {
			t.Errorf("%d sessions: the tail at the boundary of %v is %v", tc.sessions, tc.p, got)
		}
		if got := s.Tail(-tc.deviations) + s.Tail(tc.deviations); math.Abs(got-1) > 1e-12 {
			t.Errorf("%d sessions: both tails add up to %v", tc.sessions, got)
		}
	}
	if got := (stat.Sessions{Count: 3, Runs: 1}).Tail(math.Inf(1)); got != 0 {
		t.Errorf("the tail at infinity is %v", got)
	}
}

func TestDeviationOfSessions(t *testing.T) {
	s := stat.Sessions{Within: 0.08, Between: 0.03, Count: 5, Runs: 32}
	const runs = 6
	want := math.Sqrt(2*(0.03*0.03+0.08*0.08/32) + math.Pi/3*0.08*0.08/3)
	if got, err := s.Deviation(runs, runs, 0.01); err != nil || math.Abs(got-want) > 1e-15 {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if got, err := s.Deviation(runs, runs, 0.2); err != nil || got <= want {
		t.Errorf("runs that vary more than the calibration's give %v, %v", got, err)
	}
	none := s
	none.Between = 0
	if got, err := none.Deviation(1e9, 1e9, 0); err != nil || math.Abs(got-0.08/4) > 1e-9 {
		t.Errorf("sessions that do not differ give %v, %v: how well that is known must be left", got, err)
	}
	for _, bad := range []stat.Sessions{{Count: 1, Runs: 1}, {Count: 3}, {Count: 3, Runs: 1, Between: math.NaN()}, {Count: 3, Runs: 1, Within: -1}} {
		if got, err := bad.Deviation(runs, runs, 0); err == nil || !math.IsNaN(got) {
			t.Errorf("%+v: %v, %v", bad, got, err)
		}
	}
	if got := s.HeadRuns(want, runs, 0); math.Abs(got-runs) > 1e-6 {
		t.Errorf("%v runs of head give the deviation of %d", got, runs)
	}
	if got := s.HeadRuns(0.03*math.Sqrt2, 1e9, 0); !math.IsInf(got, 1) {
		t.Errorf("%v runs of head undo the difference of sessions", got)
	}
	if _, err := s.Deviation(0, 1, 0); !errors.Is(err, stat.ErrTooFew) {
		t.Errorf("no base: %v", err)
	}
}

// TestSessionsRarelyCallNoChangeAChange draws calibrations and then two further sessions, from the same truth. The shift is the
// Hodges-Lehmann estimate, as in a comparison.
func TestSessionsRarelyCallNoChangeAChange(t *testing.T) {
	const seed, within, perSession, runs, alpha = 20261125, 0.08, 24, 6, 0.05
	rounds := 4000
	if testing.Short() {
		rounds = 400
	}
	for _, between := range []float64{0, 0.02, 0.05, 0.15} {
		for _, sessions := range []int{3, 5, 10} {
			random := rand.New(rand.NewPCG(seed, uint64(sessions)))
			session := func(n int) []float64 {
				values, center := make([]float64, n), between*random.NormFloat64()
				for i := range values {
					values[i] = center + within*random.NormFloat64()
				}
				return values
			}
			var alarms stat.Trials
			for range rounds {
				var groups [][]float64
				for range sessions {
					groups = append(groups, session(perSession))
				}
				w, b, err := stat.Components(groups...)
				if err != nil {
					t.Fatal(err)
				}
				s := stat.Sessions{Within: w, Between: b, Count: sessions, Runs: perSession}
				base, head := session(runs), session(runs)
				shift, errShift := stat.Shift(base, head, 0.95)
				deviation, err := s.Deviation(runs, runs, 0)
				if err := errors.Join(errShift, err); err != nil {
					t.Fatal(err)
				}
				if s.Tail(shift.Value/deviation) <= alpha {
					alarms.Successes++
				} else {
					alarms.Failures++
				}
			}
			share, err := stat.Proportion(alarms, 0.99)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("seed %d: between %.2f, %2d sessions: %.2f %% of %d", seed, between, sessions, 100*share.Value, rounds)
			if share.Low > alpha {
				t.Errorf("between %v, %d sessions: %.2f %% false alarms, more than %v", between, sessions, 100*share.Value, alpha)
			}
		}
	}
}
