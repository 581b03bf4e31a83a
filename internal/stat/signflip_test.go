package stat

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// listed counts all ways to sign the weights one by one.
func listed(weights []float64, above float64) (greater, less float64) {
	n := len(weights)
	for way := range 1 << n {
		s := 0.0
		for i, w := range weights {
			if way>>i&1 == 1 {
				s += w
			}
		}
		if s >= above-1e-9 {
			greater++
		}
		if s <= above+1e-9 {
			less++
		}
	}
	return greater / math.Exp2(float64(n)), less / math.Exp2(float64(n))
}

func TestSignFlipAgainstListing(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	inf := math.Inf(1)
	cases := map[string][]float64{
		"ties":             {1, 1, -1, 2, 2, -2, 3},
		"zeros":            {0, 0, 1, -2, 3, 4, 5},
		"a wild value":     {1, 2, -3, 4, 2.5, 1e9},
		"a time-out":       {1, 2, -3, 4, inf, 2},
		"mostly time-outs": {inf, inf, -inf, inf, 2, 1},
		"mostly zeros":     {0, 0, 0, 0, 1, -2, 3},
		"one value":        {3},
		"all above":        {1, 2, 3, 4, 5, 6},
	}
	random := make([]float64, 13)
	for i := range random {
		random[i] = rng.NormFloat64() + 0.4
	}
	cases["random"] = random
	for name, values := range cases {
		t.Run(name, func(t *testing.T) {
			weights := flipWeights(values, 0)
			above := sumAbove(values, weights, 0)
			got, err := SignFlip(values, 0)
			if err != nil {
				t.Fatal(err)
			}
			greater, less := listed(weights, above)
			if math.Abs(got.Greater-greater) > 1e-12 || math.Abs(got.Less-less) > 1e-12 || !got.Exact {
				t.Errorf("%+v, listed %v and %v", got, greater, less)
			}
		})
	}
}

// Fisher (1935, section 21) on Darwin's fifteen pairs of maize: of 32768 ways to sign the differences, 835 have a sum as great as
// the one seen and 28 more just as great, 863 in all. None is so large that it would be clipped.
func TestSignFlipOfDarwinsMaize(t *testing.T) {
	values := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	got, err := SignFlip(values, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := 863.0 / 32768; math.Abs(got.Greater-want) > 1e-12 {
		t.Errorf("p %v, want %v (%v of 32768)", got.Greater, want, got.Greater*32768)
	}
}

func TestSignFlipScoresAreAboutSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	for _, n := range []int{25, 60, 128, 129, 400} {
		values := make([]float64, n)
		mean, square := 0.0, 0.0
		for i := range values {
			values[i] = rng.NormFloat64() + 1.5/math.Sqrt(float64(n))
			mean += values[i]
		}
		mean /= float64(n)
		for _, v := range values {
			square += (v - mean) * (v - mean)
		}
		z := mean / math.Sqrt(square/float64(n)/float64(n-1))
		got, err := SignFlip(values, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := normalCDF(-z); math.Abs(got.Greater-want) > 0.04 || math.Abs(got.Greater+got.Less-1) > 0.01 || got.Exact != (n <= 128) {
			t.Errorf("%d values: %+v, Student's is about %.3f", n, got, want)
		}
	}
}

func TestSignFlipRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		values []float64
		mu     float64
		want   error
	}{
		"nothing":     {nil, 0, ErrTooFew},
		"NaN":         {[]float64{1, math.NaN()}, 0, ErrNotFinite},
		"no constant": {[]float64{1}, math.Inf(1), ErrNotFinite},
	} {
		if got, err := SignFlip(tc.values, tc.mu); !errors.Is(err, tc.want) || got.Greater != 1 || got.Less != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// The whole error of a sequence of tests is counted: for sizes of several shapes, all signs are listed, and the looks gone
// through with each. The share of the ways that cross must not exceed alpha, and comes near to it where sizes differ.
func TestLooksSpendAtMostAlphaOfAllSigns(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 1))
	plan := SequentialPlan{Exponent: 2, Fractions: []float64{7.0 / 13, 10.0 / 13, 1}, Values: []int{7, 10, 13}}
	for _, shape := range []struct {
		name  string
		size  func() float64
		least float64 // of alpha that is used
	}{
		{"normal", func() float64 { return math.Abs(rng.NormFloat64()) }, 0.97},
		{"heavy tails", func() float64 { return math.Abs(rng.NormFloat64()) / rng.Float64() }, 0.97},
		{"equal", func() float64 { return 1 }, 0.3},
		{"some zeros", func() float64 { return math.Floor(3 * rng.Float64()) }, 0.3},
		{"mostly time-outs", func() float64 { return []float64{1, 2, math.Inf(1)}[min(2, rng.IntN(5))] }, 0.3},
	} {
		for _, plan.Alpha = range []float64{0.05, 0.2} {
			sizes, values := make([]float64, 13), make([]float64, 13)
			for i := range sizes {
				sizes[i] = shape.size()
			}
			crossed := 0
			for way := range 1 << 13 {
				for i, size := range sizes {
					values[i] = size * float64(1-2*(way>>i&1))
				}
				look, err := plan.Crosses(values)
				if err != nil {
					t.Fatal(err)
				}
				if look >= 0 {
					crossed++
				}
			}
			share := float64(crossed) / (1 << 13) / plan.Alpha
			if share > 1 || share < shape.least {
				t.Errorf("%s, alpha %v: %.3f of it is spent", shape.name, plan.Alpha, share)
			}
		}
	}
}

// The account against a list of all ways that is gone through anew at each look.
func TestAccountAgainstListing(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 1))
	values := make([]float64, 12)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	a := flipAccount{}
	gone := map[uint32]bool{} // ways of 12 values that crossed
	for _, look := range []struct {
		values int
		may    float64
	}{{6, 0.04}, {9, 0.07}, {12, 0.1}} {
		a.look(values[:look.values], look.may)
		// By hand: of all ways, in falling order of their sum, as many as there is room for.
		weights := flipWeights(values[:look.values], 0)
		of := func(way uint32) float64 {
			s := 0.0
			for i, w := range weights {
				if way>>i&1 == 1 {
					s += w
				}
			}
			return s
		}
		ways := make([]uint32, 1<<12)
		for way := range ways {
			ways[way] = uint32(way)
		}
		slices.SortFunc(ways, func(a, b uint32) int {
			return cmp.Or(cmp.Compare(of(b), of(a)), cmp.Compare(a&(1<<look.values-1), b&(1<<look.values-1)))
		})
		room := look.may * (1 << 12)
		step := 1 << (12 - look.values) // ways with the same signs so far
		for i := 0; i < len(ways); i += step {
			fresh := 0
			for _, way := range ways[i : i+step] {
				if !gone[way] {
					fresh++
				}
			}
			if float64(len(gone)+fresh) > room {
				break
			}
			for _, way := range ways[i : i+step] {
				gone[way] = true
			}
		}
		if got := a.spent * (1 << 12); math.Abs(got-float64(len(gone))) > 1e-6 {
			t.Errorf("%d values: %v ways spent, listed %d, room %v", look.values, got, len(gone), room)
		}
	}
}

func TestWaysMissingUpToASum(t *testing.T) {
	for most, want := range map[float64]int{-1: 0, 0: 1, 0.9: 1, 1: 2, 2: 3, 3: 5, 6: 8} {
		if got := waysMissing([]float64{2, 1, 3}, most); len(got) != want {
			t.Errorf("up to %v: %b, want %d", most, got, want)
		}
	}
}

// Sums that are equal cross together or not at all, whatever their rounding: of 0.1 added in any order.
func TestEqualSumsAreSpentTogether(t *testing.T) {
	values := make([]float64, 9)
	for i := range values {
		values[i] = 0.1
	}
	a := flipAccount{}
	a.look(values[:6], 0.05) // room for 3 of 64 ways: all above is one, all but one are six more
	if got := a.spent * 64; got != 1 {
		t.Errorf("%v ways of 64 are spent", got)
	}
	a.look(values, 0.08) // room for 32 more of 512: all but one are six of which no six came first, and all but two 33 more
	if got := a.spent * 512; got != 8+6 {
		t.Errorf("%v ways of 512 are spent", got)
	}
}
