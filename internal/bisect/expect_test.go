package bisect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestThePredictionIsOfTheRightSize compares sums over several searches: one by itself may end early or late.
func TestThePredictionIsOfTheRightSize(t *testing.T) {
	manySearches(t)
	for name, c := range map[string]struct{ effect, sd float64 }{
		"an effect of the noise's size": {0.05, 0.05},
		"twice of it":                   {0.1, 0.05},
	} {
		t.Run(name, func(t *testing.T) {
			var said, was, before Cost
			for seed := range uint64(6) {
				rng := rand.New(rand.NewPCG(seed, 41))
				w := NewWorld(256, rng)
				w.Changes[1+rng.IntN(256)], w.SD = math.Log1p(c.effect), c.sd
				task := w.Task(math.Log1p(c.effect), seed)
				task.Parameters.OffsetSD = leastOffset
				fresh, err := New(task)
				if err != nil {
					t.Fatal(err)
				}
				before = before.plus(fresh.Forecast(c.sd))
				s, _ := search(t, w, task)
				o := s.Outcome()
				said.Builds, said.Runs, said.Seconds = said.Builds+o.Predicted.Builds, said.Runs+o.Predicted.Runs, said.Seconds+o.Predicted.Seconds
				was.Builds, was.Runs, was.Seconds = was.Builds+o.Builds, was.Runs+o.Runs, was.Seconds+o.Seconds
			}
			if ratio := was.Seconds / before.Seconds; ratio < 0.6 || ratio > 1.5 {
				t.Errorf("it took %.2f of what was foreseen before anything was measured: %+v, foreseen %+v", ratio, was, before)
			}
			for what, ratio := range map[string]float64{
				"builds": float64(was.Builds) / float64(said.Builds), "runs": float64(was.Runs) / float64(said.Runs), "seconds": was.Seconds / said.Seconds,
			} {
				if ratio < 0.6 || ratio > 1.5 {
					t.Errorf("%s were %.2f of what was predicted: %+v, predicted %+v", what, ratio, was, said)
				}
			}
		})
	}
}
