package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// These tests list every labelling, or every sign, that the package only counts.

// pairsAbove is U by its definition.
func pairsAbove(base, head []float64) float64 {
	var u float64
	for _, h := range head {
		for _, b := range base {
			switch {
			case h > b:
				u++
			case h == b:
				u += 0.5
			}
		}
	}
	return u
}

// rankSumByListing tries every choice of len(head) of the values.
func rankSumByListing(base, head []float64) (less, greater RankTest) {
	all := slices.Concat(base, head)
	seen := pairsAbove(base, head)
	var us []float64
	for mask := range 1 << len(all) {
		var some, others []float64
		for i, v := range all {
			if mask&(1<<i) != 0 {
				some = append(some, v)
			} else {
				others = append(others, v)
			}
		}
		if len(some) == len(head) {
			us = append(us, pairsAbove(others, some))
		}
	}
	share := func(holds func(u float64) bool) float64 {
		count := 0
		for _, u := range us {
			if holds(u) {
				count++
			}
		}
		return float64(count) / float64(len(us))
	}
	least, most := slices.Min(us), slices.Max(us)
	less = RankTest{
		U: seen, Exact: true,
		P:      share(func(u float64) bool { return u <= seen }),
		LeastP: share(func(u float64) bool { return u == least }),
	}
	greater = RankTest{
		U: seen, Exact: true,
		P:      share(func(u float64) bool { return u >= seen }),
		LeastP: share(func(u float64) bool { return u == most }),
	}
	return less, greater
}

// fewValues draws values of which many are equal, and some are censored.
func fewValues(rng *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(rng.IntN(6))
		if values[i] == 5 {
			values[i] = inf
		}
	}
	return values
}

func TestRankSumAgainstListing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draws := map[string]func(n int) []float64{
		"with ties": func(n int) []float64 { return fewValues(rng, n) },
		"without ties": func(n int) []float64 {
			values := make([]float64, n)
			for i := range values {
				values[i] = rng.NormFloat64()
			}
			return values
		},
	}
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= 6; n++ {
				for m := 1; m <= 6; m++ {
					base, head := draw(m), draw(n)
					wantLess, wantGreater := rankSumByListing(base, head)
					for alternative, want := range map[Alternative]RankTest{Less: wantLess, Greater: wantGreater} {
						got, err := RankSum(base, head, alternative)
						if err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(want, got, exactly); diff != "" {
							t.Errorf("RankSum(%v, %v, %d) (-want +got):\n%s", base, head, alternative, diff)
						}
					}
				}
			}
		})
	}
}

func TestSignedRankAgainstListing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		values := make([]float64, 1+rng.IntN(9))
		for i := range values {
			values[i] = float64(rng.IntN(9) - 4)
			if rng.IntN(12) == 0 {
				values[i] = inf
			}
		}
		ranks, doubled := signedMidranks(values, 0)
		less, greater := 0, 0
		for mask := range 1 << len(ranks) {
			sum := 0
			for i, rank := range ranks {
				if mask&(1<<i) != 0 {
					sum += rank
				}
			}
			if sum <= doubled {
				less++
			}
			if sum >= doubled {
				greater++
			}
		}
		all := float64(int(1) << len(ranks))
		for alternative, want := range map[Alternative]float64{Less: float64(less) / all, Greater: float64(greater) / all} {
			got, err := SignedRank(values, 0, alternative)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.P, exactly); diff != "" {
				t.Errorf("SignedRank(%v, 0, %d).P (-want +got):\n%s", values, alternative, diff)
			}
		}
	}
}

// TestShiftInvertsTheTest moves head and finds, by the test alone, the shifts
// that are not rejected: the ends of the interval.
func TestShiftInvertsTheTest(t *testing.T) {
	const confidence = 0.9
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		base, head := make([]float64, 4+rng.IntN(6)), make([]float64, 4+rng.IntN(6))
		for i := range base {
			base[i] = rng.NormFloat64()
		}
		for i := range head {
			head[i] = 1 + rng.NormFloat64()
		}
		estimate, err := Shift(base, head, confidence)
		if err != nil {
			t.Fatal(err)
		}
		rejected := func(shift float64, alternative Alternative) bool {
			moved := slices.Clone(head)
			for i := range moved {
				moved[i] -= shift
			}
			result, err := RankSum(base, moved, alternative)
			if err != nil {
				t.Fatal(err)
			}
			return result.P <= (1-confidence)/2+1e-9
		}
		const near = 1e-9
		if !rejected(estimate.Low-near, Greater) || rejected(estimate.Low+near, Greater) {
			t.Errorf("%v is not where the test above begins to reject, for %v and %v", estimate.Low, base, head)
		}
		if !rejected(estimate.High+near, Less) || rejected(estimate.High-near, Less) {
			t.Errorf("%v is not where the test below begins to reject, for %v and %v", estimate.High, base, head)
		}
	}
}

// TestPseudoMedianInvertsTheTest does the same with one sample.
func TestPseudoMedianInvertsTheTest(t *testing.T) {
	const confidence, near = 0.9, 1e-9
	rng := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		values := make([]float64, 5+rng.IntN(10))
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		estimate, err := PseudoMedian(values, confidence)
		if err != nil {
			t.Fatal(err)
		}
		rejected := func(mu float64, alternative Alternative) bool {
			result, err := SignedRank(values, mu, alternative)
			if err != nil {
				t.Fatal(err)
			}
			return result.P <= (1-confidence)/2+1e-9
		}
		if !rejected(estimate.Low-near, Greater) || rejected(estimate.Low+near, Greater) {
			t.Errorf("%v is not where the test above begins to reject, for %v", estimate.Low, values)
		}
		if !rejected(estimate.High+near, Less) || rejected(estimate.High-near, Less) {
			t.Errorf("%v is not where the test below begins to reject, for %v", estimate.High, values)
		}
	}
}

// TestApproximationsMeetTheCounts compares the two at the greatest size that is
// counted, so that nothing jumps where the counting ends.
func TestApproximationsMeetTheCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	near := cmpopts.EquateApprox(0, 2e-3)
	type tails struct{ Lower, Upper float64 }

	// Six different values: without the correction for ties the tails are off by
	// far more.
	base, head := make([]float64, 64), make([]float64, 64)
	for i := range base {
		base[i] = float64(rng.IntN(4) * rng.IntN(2))
		head[i] = float64(rng.IntN(4)*rng.IntN(2)) + float64(rng.IntN(5)/4)
	}
	ties, doubled := tieGroups(base, head)
	var got, want tails
	got.Lower, got.Upper = approximateTails(ties, 64, 64, float64(doubled)/2)
	want.Lower, want.Upper = countRanks(ties, 64, 64).tails(doubled)
	if want.Upper > 0.3 || want.Upper < 0.02 {
		t.Fatalf("an upper tail of %v shows nothing", want.Upper)
	}
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("rank-sum tails (-counted +approximated):\n%s", diff)
	}

	values := make([]float64, exactSigns)
	for i := range values {
		values[i] = float64(rng.IntN(30)) - 12
	}
	ranks, positive := signedMidranks(values, 0)
	got.Lower, got.Upper = approximateSigns(ranks, positive)
	counts := countSigns(ranks)
	want.Lower, want.Upper = share(counts, 0, positive), share(counts, positive, len(counts)-1)
	if want.Upper > 0.3 || want.Upper < 0.02 {
		t.Fatalf("an upper tail of %v shows nothing", want.Upper)
	}
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("signed-rank tails (-counted +approximated):\n%s", diff)
	}
}

// TestApproximateCriticalValuesMeetTheCounts wants them no further out, which
// would be too sure, and at most three steps further in.
func TestApproximateCriticalValuesMeetTheCounts(t *testing.T) {
	uCounts := countUntied(64, 64).counts
	ranks := make([]int, exactSigns)
	for i := range ranks {
		ranks[i] = i + 1
	}
	tCounts := countSigns(ranks)
	for _, tail := range []float64{0.05, 0.025, 0.01} {
		wantU, wantBelow := lowerPoint(uCounts, tail)
		gotU, gotBelow := rankNormalPoint(64, 64, tail)
		if gotU > wantU || gotU < wantU-3 || math.Abs(gotBelow-wantBelow) > 1e-3 {
			t.Errorf("critical U at %v: %d with %v, counted %d with %v", tail, gotU, gotBelow, wantU, wantBelow)
		}
		wantT, wantBelow := lowerPoint(tCounts, tail)
		gotT, gotBelow := signNormalPoint(exactSigns, tail)
		if gotT > wantT || gotT < wantT-3 || math.Abs(gotBelow-wantBelow) > 1e-3 {
			t.Errorf("critical T at %v: %d with %v, counted %d with %v", tail, gotT, gotBelow, wantT, wantBelow)
		}
	}
}

func TestLargeSamplesSayTheyAreApproximate(t *testing.T) {
	values := make([]float64, 200)
	for i := range values {
		values[i] = float64(i)
	}
	test, err := RankSum(values, values, Greater)
	if err != nil || test.Exact || test.P < 0.49 || test.P > 0.51 {
		t.Errorf("RankSum of 200 and the same 200 = %+v, %v; want P near 0.5, not exact", test, err)
	}
	shift, err := Shift(values, values, 0.95)
	if err != nil || shift.Exact || !shift.Reached || shift.Value != 0 || shift.Low != -shift.High {
		t.Errorf("Shift of 200 and the same 200 = %+v, %v; want 0 in the middle, not exact", shift, err)
	}
	signed, err := SignedRank(values, 99.5, Less)
	if err != nil || signed.Exact || signed.P < 0.49 || signed.P > 0.51 {
		t.Errorf("SignedRank of 200 = %+v, %v; want P near 0.5, not exact", signed, err)
	}
	center, err := PseudoMedian(values, 0.95)
	if err != nil || center.Exact || center.Value != 99.5 || center.Low >= 99.5 || center.High <= 99.5 {
		t.Errorf("PseudoMedian of 200 = %+v, %v; want 99.5 inside, not exact", center, err)
	}
}

// What is remembered must be what would be counted anew, and must not be touched by those who use it.
func TestMemoRemembersWhatIsCounted(t *testing.T) {
	memo := &Memo{}
	rng := rand.New(rand.NewPCG(41, 1))
	for range 20 {
		base, head := make([]float64, 3+rng.IntN(4)), make([]float64, 3+rng.IntN(4))
		for _, side := range [][]float64{base, head} {
			for i := range side {
				side[i] = 1 + math.Floor(20*rng.Float64())
			}
		}
		wantTest, _ := RankSum(base, head, Greater)
		gotTest, err := memo.RankSum(base, head, Greater)
		if err != nil || gotTest != wantTest {
			t.Errorf("%v, %v: %+v, %v, want %+v", base, head, gotTest, err, wantTest)
		}
		wantEffect, _ := RatioChangeCensored(base, head, 0, 0.9)
		gotEffect, err := memo.RatioChangeCensored(base, head, 0, 0.9)
		if err != nil || gotEffect != wantEffect {
			t.Errorf("%v, %v: %+v, %v, want %+v", base, head, gotEffect, err, wantEffect)
		}
	}
}

func TestOrderedDifferencesAreInOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	for _, size := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {5, 6}, {8, 3}, {64, 64}} {
		base, head := make([]float64, size[0]), make([]float64, size[1])
		for _, side := range [][]float64{base, head} {
			for i := range side {
				side[i] = math.Floor(50 * rng.Float64())
			}
		}
		want := differences(base, head)
		slices.Sort(want)
		if got := orderedDifferences(base, head); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", size, got, want)
		}
	}
}
