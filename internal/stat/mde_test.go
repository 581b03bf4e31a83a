package stat

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestMomentsUnderAShift compares the mean and the variance that the power rests
// on with simulated ones.
func TestMomentsUnderAShift(t *testing.T) {
	const n, m, shift = 5, 7, 0.8
	rng, draws := seeded(t, 800), 20000
	us, ts := make([]float64, draws), make([]float64, draws)
	for i := range draws {
		head := draw(rng, n, func(rng *rand.Rand) float64 { return shift + rng.NormFloat64() })
		_, doubled := tieGroups(draw(rng, m, (*rand.Rand).NormFloat64), head)
		_, positive := signedMidranks(head, 0)
		us[i], ts[i] = float64(doubled)/2, float64(positive)/2
	}
	check := func(name string, values []float64, mean, variance float64) {
		t.Helper()
		gotMean, err := Mean(values)
		if err != nil {
			t.Fatal(err)
		}
		deviation, err := StandardDeviation(values)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(gotMean-mean) > 4*math.Sqrt(variance/float64(draws)) {
			t.Errorf("mean of %s: %v simulated, %v computed", name, gotMean, mean)
		}
		// The relative standard error of a variance is at most √(2/draws) here.
		if math.Abs(deviation*deviation/variance-1) > 4*math.Sqrt(2/float64(draws)) {
			t.Errorf("variance of %s: %v simulated, %v computed", name, deviation*deviation, variance)
		}
	}
	mean, variance := rankMoments(n, m, shift)
	check("U", us, mean, variance)
	mean, variance = signedMoments(n, shift)
	check("T", ts, mean, variance)
}

func TestMomentsOfTwoValues(t *testing.T) {
	// T of two values is 3 when both are above 0, 2 when only their sum is, 0 when
	// neither is, and 1 else.
	const shift = 0.8
	one, sum := normalCDF(shift), normalCDF(shift*math.Sqrt2)
	three, zero := one*one, (1-one)*(1-one)
	two := sum - three
	mean := 3*three + 2*two + (1 - three - two - zero)
	variance := 9*three + 4*two + (1 - three - two - zero) - mean*mean
	gotMean, gotVariance := signedMoments(2, shift)
	if math.Abs(gotMean-mean) > 1e-12 || math.Abs(gotVariance-variance) > 1e-12 {
		t.Errorf("mean %v and variance %v, want %v and %v", gotMean, gotVariance, mean, variance)
	}
}

func TestRankMDEBehaves(t *testing.T) {
	design := Design{Alpha: 0.05, Power: 0.8, Spread: 0.08}
	mde := func(d Design, base, head int) float64 {
		t.Helper()
		shift, err := d.RankMDE(base, head)
		if err != nil {
			t.Fatal(err)
		}
		return shift
	}
	reference := mde(design, 10, 10)
	if got := mde(design, 12, 12); got >= reference {
		t.Errorf("with more runs %v, want less than %v", got, reference)
	}
	if got := mde(Design{0.01, 0.8, 0.08}, 10, 10); got <= reference {
		t.Errorf("with a stricter alpha %v, want more than %v", got, reference)
	}
	if got := mde(Design{0.05, 0.95, 0.08}, 10, 10); got <= reference {
		t.Errorf("with more power %v, want more than %v", got, reference)
	}
	if got := mde(Design{0.05, 0.8, 0.16}, 10, 10); math.Abs(got-2*reference) > 1e-12 {
		t.Errorf("with twice the noise %v, want twice %v", got, reference)
	}
	if a, b := mde(design, 6, 12), mde(design, 12, 6); math.Abs(a-b) > 1e-9 {
		t.Errorf("6 against 12 gives %v, 12 against 6 %v; want the same", a, b)
	}
	if got := mde(design, 3, 3); math.IsInf(got, 1) {
		t.Error("3 against 3 reach 1/20 exactly, want a finite effect")
	}
	if got := mde(Design{0.049, 0.8, 0.08}, 3, 3); !math.IsInf(got, 1) {
		t.Errorf("3 against 3 can not reach 0.049, got an effect of %v", got)
	}
}

func TestRunsAreTheFewestThatReachTheEffect(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.01, 0.05 / 8} {
		for _, change := range []float64{0.05, 0.1, 0.2} {
			design := Design{Alpha: alpha, Power: 0.8, Spread: 0.08}
			shift := math.Log1p(change)
			runs, err := design.RankRuns(0, shift)
			if err != nil {
				t.Fatal(err)
			}
			enough, err := design.RankPower(runs, runs, shift)
			if err != nil {
				t.Fatal(err)
			}
			short, err := design.RankPower(runs-1, runs-1, shift)
			if err != nil {
				t.Fatal(err)
			}
			if enough < 0.8 || short >= 0.8 {
				t.Errorf("alpha %v, change %v: power %.3f with %d runs, %.3f with one less; want 0.8 in between", alpha, change, enough, runs, short)
			}
			pairs, err := design.PairedRuns(shift)
			if err != nil {
				t.Fatal(err)
			}
			if mde, err := design.PairedMDE(pairs); err != nil || mde > shift {
				t.Errorf("alpha %v, change %v: %d pairs see %v, %v; want at most %v", alpha, change, pairs, mde, err, shift)
			}
		}
	}
}

func TestRunsAgainstAFixedBase(t *testing.T) {
	design := Design{Alpha: 0.05, Power: 0.8, Spread: 0.08}
	shift := math.Log1p(0.1)
	even, err := design.RankRuns(0, shift)
	if err != nil {
		t.Fatal(err)
	}
	fewer, err := design.RankRuns(3*even, shift)
	if err != nil {
		t.Fatal(err)
	}
	if fewer >= even {
		t.Errorf("against %d of base head needs %d runs, want fewer than the %d against as many", 3*even, fewer, even)
	}
	if runs, err := design.RankRuns(2, math.Log1p(0.01)); runs != 0 || !errors.Is(err, ErrUnreachable) {
		t.Errorf("1 %% against two runs of base: %d, %v; want ErrUnreachable", runs, err)
	}
}

func TestDesignRefuses(t *testing.T) {
	good := Design{Alpha: 0.05, Power: 0.8, Spread: 0.1}
	tests := []struct {
		name   string
		design Design
		runs   int
		want   error
	}{
		{"no runs", good, 0, ErrTooFew},
		{"too many runs", good, 1_000_001, ErrTooMany},
		{"alpha of 0", Design{0, 0.8, 0.1}, 5, ErrOutOfRange},
		{"alpha of NaN", Design{math.NaN(), 0.8, 0.1}, 5, ErrOutOfRange},
		{"power of 1", Design{0.05, 1, 0.1}, 5, ErrOutOfRange},
		{"power below a half", Design{0.05, 0.4, 0.1}, 5, ErrOutOfRange},
		{"no spread", Design{0.05, 0.8, 0}, 5, ErrNoSpread},
		{"negative spread", Design{0.05, 0.8, -1}, 5, ErrOutOfRange},
		{"infinite spread", Design{0.05, 0.8, inf}, 5, ErrOutOfRange},
		{"spread of NaN", Design{0.05, 0.8, math.NaN()}, 5, ErrOutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.design.RankMDE(tt.runs, tt.runs); !math.IsNaN(got) || !errors.Is(err, tt.want) {
				t.Errorf("RankMDE = %v, %v; want NaN, %v", got, err, tt.want)
			}
			if got, err := tt.design.PairedMDE(tt.runs); !math.IsNaN(got) || !errors.Is(err, tt.want) {
				t.Errorf("PairedMDE = %v, %v; want NaN, %v", got, err, tt.want)
			}
		})
	}
	for _, shift := range []float64{0, -1, inf, math.NaN()} {
		if _, err := good.RankRuns(0, shift); !errors.Is(err, ErrOutOfRange) {
			t.Errorf("RankRuns(0, %v) error %v, want ErrOutOfRange", shift, err)
		}
		if _, err := good.PairedRuns(shift); !errors.Is(err, ErrOutOfRange) {
			t.Errorf("PairedRuns(%v) error %v, want ErrOutOfRange", shift, err)
		}
	}
	if _, err := good.RankPower(5, 5, -1); !errors.Is(err, ErrOutOfRange) {
		t.Errorf("RankPower at -1: error %v, want ErrOutOfRange", err)
	}
	if _, err := good.RankPower(0, 5, 1); !errors.Is(err, ErrTooFew) {
		t.Errorf("RankPower without base: error %v, want ErrTooFew", err)
	}
}

func TestNormalMean(t *testing.T) {
	// P(X < Z and Y < Z) of three like variables is 1/3, whatever the method; the
	// second moment is 1.
	third := normalMean(func(z float64) float64 { p := normalCDF(z); return p * p })
	if math.Abs(third-1.0/3) > 1e-14 {
		t.Errorf("mean of Φ² = %v, want 1/3", third)
	}
	if one := normalMean(func(z float64) float64 { return z * z }); math.Abs(one-1) > 1e-14 {
		t.Errorf("second moment = %v, want 1", one)
	}
}
