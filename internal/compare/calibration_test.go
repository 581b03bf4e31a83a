package compare_test

import (
	"math/rand/v2"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/stat"
)

// TestUnchangedSubjectsAreRarelyCalledRegressed draws pairs of results of one subject, eight gated metrics with a
// coefficient of variation of 8 %, and counts how often any metric is called regressed: the budget of 5 % must lie
// above the lower bound of the count's exact interval.
func TestUnchangedSubjectsAreRarelyCalledRegressed(t *testing.T) {
	const seed, metrics, cv = 20261120, 8, 0.08
	pairs := 2000
	if testing.Short() {
		pairs = 200
	}
	for _, runs := range []int{6, 10} {
		random := rand.New(rand.NewPCG(seed, uint64(runs)))
		red := stat.Trials{}
		for range pairs {
			base, head := wide(random, metrics, runs, 1, cv), wide(random, metrics, runs, 1, cv)
			if compare.Decide(compare.Input{Base: base, Head: head, Now: now}).Verdict == compare.Regressed {
				red.Successes++
			} else {
				red.Failures++
			}
		}
		share, err := stat.Proportion(red, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %d runs a side: %.2f %% of %d red [%.2f, %.2f]", seed, runs, 100*share.Value, pairs, 100*share.Low, 100*share.High)
		if share.Low > compare.DefaultAlpha {
			t.Errorf("%d runs a side: more than %v are called regressed without a change", runs, compare.DefaultAlpha)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	in := compare.Input{Base: wide(random, 64, 64, 1, 0.08), Head: wide(random, 64, 64, 1, 0.08), Now: now}
	b.ReportAllocs()
	for b.Loop() {
		compare.Decide(in)
	}
}
