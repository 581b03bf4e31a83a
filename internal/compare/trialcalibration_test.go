package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// drawn are the pairs of several metrics with log-normal run noise of the given coefficient of variation; the first one is
// changed.
func drawn(random *rand.Rand, metrics, pairs int, cv, change float64) []compare.PairedSample {
	sigma := math.Sqrt(math.Log1p(cv * cv))
	all := make([]compare.PairedSample, metrics)
	for i := range all {
		all[i].Tolerance = 0.1
		for range pairs {
			all[i].LogRatios = append(all[i].LogRatios, sigma*(random.NormFloat64()-random.NormFloat64()))
		}
	}
	for k := range all[0].LogRatios {
		all[0].LogRatios[k] += math.Log1p(change)
	}
	return all
}

// TestTrialsKeepTheirPromises simulates trials of eight metrics. Few are drawn, so each promise is held against the far end of what
// chance allows: 99.9 % intervals.
func TestTrialsKeepTheirPromises(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of trials")
	}
	const seed, trials = 20261125, 120
	rule := compare.Sequential{Looks: compare.DefaultLooks()}
	type outcomes = []compare.PairedOutcome
	for _, tc := range []struct {
		change   float64
		promises map[string]func(outcomes) bool
		between  map[string][2]float64 // the least and the most that is promised
	}{
		{0, map[string]func(outcomes) bool{"false alarms": func(all outcomes) bool {
			return slices.ContainsFunc(all, func(o compare.PairedOutcome) bool { return o.Verdict == compare.Regressed })
		}}, map[string][2]float64{"false alarms": {0, 0.05}}},
		{0.1, map[string]func(outcomes) bool{
			"found":          func(all outcomes) bool { return all[0].Verdict == compare.Regressed },
			"taken as clean": func(all outcomes) bool { return all[0].Verdict == compare.Pass },
			"covered":        func(all outcomes) bool { return all[0].Low <= 0.1 && 0.1 <= all[0].High },
		}, map[string][2]float64{"found": {0.9, 1}, "taken as clean": {0, 0.01}, "covered": {0.93, 0.97}}},
	} {
		random := rand.New(rand.NewPCG(seed, 1))
		got := map[string]int{}
		for range trials {
			decided := rule.Decide(drawn(random, 8, 24, 0.08, tc.change))
			for name, holds := range tc.promises {
				if holds(decided) {
					got[name]++
				}
			}
		}
		for name, promised := range tc.between {
			interval, err := stat.Proportion(stat.Trials{Successes: got[name], Failures: trials - got[name]}, 0.999)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("change %v: %d of %d %s", tc.change, got[name], trials, name)
			if interval.Low > promised[1] || interval.High < promised[0] {
				t.Errorf("change %v: %d of %d %s (seed %d), promised %v", tc.change, got[name], trials, name, seed, promised)
			}
		}
	}
}

// What is said to be detectable is what is found with a power of 80 %, within a fifth.
func TestTheMDEOfATrialIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of trials")
	}
	const trials = 100
	rule := compare.Sequential{Looks: compare.DefaultLooks(), MDE: true}
	random := rand.New(rand.NewPCG(20261126, 1))
	told := 0.0
	for range 20 {
		told += rule.Decide(drawn(random, 8, 24, 0.08, 0))[1].MDE / 20
	}
	rule.MDE = false
	power := func(change float64) float64 {
		found := 0.0
		for range trials {
			if rule.Decide(drawn(random, 8, 24, 0.08, change))[0].Verdict == compare.Regressed {
				found++
			}
		}
		return found / trials
	}
	if below, above := power(told/1.2), power(told*1.2); below > 0.8 || above < 0.8 {
		t.Errorf("MDE %.3f: a fifth less is found in %.2f, a fifth more in %.2f", told, below, above)
	}
}

// BenchmarkDecideTrial decides trials without a change, which go through the most looks.
func BenchmarkDecideTrial(b *testing.B) {
	for _, size := range [][2]int{{8, 24}, {64, 24}, {64, 64}} {
		b.Run(fmt.Sprintf("%d metrics, %d pairs", size[0], size[1]), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			var base, head []result.Series
			for i := range size[0] {
				m := metric.Describe(fmt.Sprintf("custom/metric-%02d", i), metric.Seconds, metric.Lower)
				base = append(base, custom(m, lognormal(random, size[1], 1, 0.08)...))
				head = append(head, custom(m, lognormal(random, size[1], 1, 0.08)...))
			}
			first, second := trialOf(base, head)
			if size[1] > 24 {
				first.Trial.Looks = append(first.Trial.Looks, size[1])
				second.Trial.Looks = append(second.Trial.Looks, size[1])
			}
			in := compare.Input{Base: first, Head: second, Now: now}
			b.ReportAllocs()
			for b.Loop() {
				compare.Decide(in)
			}
		})
	}
}
