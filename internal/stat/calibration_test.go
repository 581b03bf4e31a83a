package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The truth is simulated here and the package asked about it: a test may not cry
// wolf more often than its level, an interval must cover as often as it says, and
// an effect that is said to be detectable must be found. Bounds are four standard
// errors of the simulation wide, which chance alone passes about once in 15,000;
// the seeds are fixed, so it either always does or never.

// rounds is how many times each truth is simulated. Short mode takes a fifth of
// them: the bounds widen with it, so the tests stay valid and merely see less.
func rounds(t *testing.T, full int) int {
	t.Helper()
	if testing.Short() {
		return full / 5
	}
	return full
}

// seeded returns a generator and prints its seed.
func seeded(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, seed))
}

// margin is four standard errors of a share p seen in n rounds.
func margin(p float64, n int) float64 {
	return 4 * math.Sqrt(p*(1-p)/float64(n))
}

// noise draws one value; the shapes are those of run times, heavy tails and counts.
type noise struct {
	name       string
	draw       func(rng *rand.Rand) float64
	continuous bool
}

func noises() []noise {
	return []noise{
		{"log-normal", func(rng *rand.Rand) float64 { return math.Exp(0.4 * rng.NormFloat64()) }, true},
		{"t with 3 degrees", studentT3, true},
		{"few whole values", func(rng *rand.Rand) float64 { return math.Floor(1.5 * rng.NormFloat64()) }, false},
	}
}

func studentT3(rng *rand.Rand) float64 {
	var squares float64
	for range 3 {
		z := rng.NormFloat64()
		squares += z * z
	}
	return rng.NormFloat64() / math.Sqrt(squares/3)
}

func draw(rng *rand.Rand, n int, one func(*rand.Rand) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = one(rng)
	}
	return values
}

func TestRankSumFalseAlarms(t *testing.T) {
	const alpha = 0.05
	shapes := append(noises(), noise{"time-outs", func(rng *rand.Rand) float64 {
		if rng.IntN(4) == 0 {
			return inf
		}
		return rng.ExpFloat64()
	}, false})
	for i, shape := range shapes {
		for _, size := range [][2]int{{6, 6}, {5, 10}, {12, 12}} {
			t.Run(fmt.Sprintf("%s/%dx%d", shape.name, size[0], size[1]), func(t *testing.T) {
				rng, n := seeded(t, uint64(100+10*i+size[0])), rounds(t, 2000)
				alarms := 0
				for range n {
					result, err := RankSum(draw(rng, size[0], shape.draw), draw(rng, size[1], shape.draw), Greater)
					if err != nil {
						t.Fatal(err)
					}
					if result.P <= alpha {
						alarms++
					}
				}
				rate := float64(alarms) / float64(n)
				if rate > alpha+margin(alpha, n) {
					t.Errorf("false alarms in %.4f, want at most %v", rate, alpha)
				}
				// The level that is really used, since a test that never alarms would pass too.
				_, level, _ := (*Memo)(nil).rankPoint(size[0], size[1], alpha)
				if shape.continuous && math.Abs(rate-level) > margin(level, n) {
					t.Errorf("false alarms in %.4f, want %.4f", rate, level)
				}
			})
		}
	}
}

func TestHolmKeepsTheFamilyError(t *testing.T) {
	const alpha, metrics, runs = 0.05, 8, 8
	for name, shared := range map[string]float64{"independent metrics": 0, "metrics that move together": 1} {
		t.Run(name, func(t *testing.T) {
			rng, n := seeded(t, 7), rounds(t, 1000)
			alarms := 0
			for range n {
				// Each run has a factor that all its metrics share.
				common := draw(rng, 2*runs, (*rand.Rand).NormFloat64)
				pvalues := make([]float64, metrics)
				for m := range pvalues {
					values := make([]float64, 2*runs)
					for i := range values {
						values[i] = shared*common[i] + rng.NormFloat64()
					}
					result, err := RankSum(values[:runs], values[runs:], Greater)
					if err != nil {
						t.Fatal(err)
					}
					pvalues[m] = result.P
				}
				adjusted, err := Holm(pvalues)
				if err != nil {
					t.Fatal(err)
				}
				if slices.Min(adjusted) <= alpha {
					alarms++
				}
			}
			rate := float64(alarms) / float64(n)
			if rate > alpha+margin(alpha, n) || rate < alpha/4 {
				t.Errorf("some metric alarms in %.4f, want at most %v and not never", rate, alpha)
			}
		})
	}
}

// covers simulates how often an interval holds the truth, and wants at least the
// confidence; without ties, what the interval itself claims.
func covers(t *testing.T, n int, confidence float64, continuous bool, truth float64, once func() (Estimate, error)) {
	t.Helper()
	covered, claimed := 0, 0.0
	for range n {
		estimate, err := once()
		if err != nil {
			t.Fatal(err)
		}
		claimed = estimate.Confidence
		if claimed < confidence-1e-12 || !estimate.Reached {
			t.Fatalf("claims %v, want at least %v", claimed, confidence)
		}
		// A computed end may miss an equal truth by a rounding error.
		near := 1e-12 * (1 + math.Abs(truth))
		if estimate.Low <= truth+near && truth-near <= estimate.High {
			covered++
		}
	}
	rate := float64(covered) / float64(n)
	if rate < confidence-margin(confidence, n) {
		t.Errorf("covers in %.4f, want at least %v", rate, confidence)
	}
	if continuous && math.Abs(rate-claimed) > margin(claimed, n) {
		t.Errorf("covers in %.4f, claims %.4f", rate, claimed)
	}
}

func TestShiftCovers(t *testing.T) {
	const confidence, truth = 0.9, 2.0
	for i, shape := range noises() {
		for size := 6; size <= 12; size += 3 {
			t.Run(fmt.Sprintf("%s/%d", shape.name, size), func(t *testing.T) {
				rng, n := seeded(t, uint64(200+20*i+size)), rounds(t, 2000)
				covers(t, n, confidence, shape.continuous, truth, func() (Estimate, error) {
					head := draw(rng, size, shape.draw)
					for j := range head {
						head[j] += truth
					}
					return Shift(draw(rng, size, shape.draw), head, confidence)
				})
			})
		}
	}
}

func TestPseudoMedianCovers(t *testing.T) {
	const confidence, truth = 0.9, 3.0
	symmetric := []noise{
		{"normal", (*rand.Rand).NormFloat64, true},
		{"t with 3 degrees", studentT3, true},
		{"few whole values", func(rng *rand.Rand) float64 { return float64(rng.IntN(3) + rng.IntN(3) - 2) }, false},
	}
	for i, shape := range symmetric {
		for size := 6; size <= 12; size += 3 {
			t.Run(fmt.Sprintf("%s/%d", shape.name, size), func(t *testing.T) {
				rng, n := seeded(t, uint64(300+20*i+size)), rounds(t, 2000)
				covers(t, n, confidence, shape.continuous, truth, func() (Estimate, error) {
					values := draw(rng, size, shape.draw)
					for j := range values {
						values[j] += truth
					}
					return PseudoMedian(values, confidence)
				})
			})
		}
	}
}

// asEstimate lets covers see an effect.
func asEstimate(e Effect, err error) (Estimate, error) {
	return Estimate{Value: e.Change, Low: e.Low, High: e.High, Confidence: e.Confidence, Reached: e.Reached}, err
}

func TestPairedRatioChangeCovers(t *testing.T) {
	// Pairs share a slow or a fast minute that is far larger than the change.
	const confidence, truth, size = 0.9, 0.1, 9
	rng, n := seeded(t, 400), rounds(t, 2000)
	covers(t, n, confidence, true, truth, func() (Estimate, error) {
		base, head := make([]float64, size), make([]float64, size)
		for i := range base {
			minute := math.Exp(rng.NormFloat64())
			base[i] = minute * math.Exp(0.1*rng.NormFloat64())
			head[i] = minute * math.Exp(0.1*rng.NormFloat64()) * (1 + truth)
		}
		return asEstimate(PairedRatioChange(base, head, confidence))
	})
}

// TestCensoredRatioChangeCovers cuts off about a fifth of head, and with it the
// slowest of base, and still wants the true ratio covered.
func TestCensoredRatioChangeCovers(t *testing.T) {
	const confidence, truth, size, limit = 0.9, 0.5, 8, 2.5
	cut := func(values []float64) []float64 {
		for i, v := range values {
			if v > limit {
				values[i] = inf
			}
		}
		return values
	}
	change := map[string]func(base, head []float64) (Effect, error){
		"limit known": func(base, head []float64) (Effect, error) {
			return RatioChangeCensored(base, head, limit, confidence)
		},
		"limit not known": func(base, head []float64) (Effect, error) {
			return RatioChange(base, head, confidence)
		},
		"pairs, limit known": func(base, head []float64) (Effect, error) {
			return PairedRatioChangeCensored(base, head, limit, confidence)
		},
	}
	for name, change := range change {
		t.Run(name, func(t *testing.T) {
			rng, n := seeded(t, 500), rounds(t, 2000)
			covers(t, n, confidence, false, truth, func() (Estimate, error) {
				base := draw(rng, size, func(rng *rand.Rand) float64 { return math.Exp(0.6 * rng.NormFloat64()) })
				head := draw(rng, size, func(rng *rand.Rand) float64 { return (1 + truth) * math.Exp(0.6*rng.NormFloat64()) })
				return asEstimate(change(cut(base), cut(head)))
			})
		})
	}
}

// TestMDEIsFound compares the effect that is said to be found with the wanted power
// with the one that is. In each round the test rejects from one shift on, which the
// interval's lower end tells; that shift's quantile at the power is the truth.
func TestMDEIsFound(t *testing.T) {
	const power, within = 0.8, 0.12
	check := func(t *testing.T, got, want float64) {
		t.Helper()
		t.Logf("says %.3f, found %.3f: %+.1f %%", got, want, 100*(got/want-1))
		if math.Abs(got/want-1) > within {
			t.Errorf("says that %.3f is found with power %v, but that takes %.3f", got, power, want)
		}
	}
	thresholds := func(t *testing.T, once func() (Estimate, error)) float64 {
		t.Helper()
		shifts := make([]float64, rounds(t, 3000))
		for i := range shifts {
			estimate, err := once()
			if err != nil {
				t.Fatal(err)
			}
			shifts[i] = -estimate.Low
		}
		shift, err := Quantile(shifts, power)
		if err != nil {
			t.Fatal(err)
		}
		return shift
	}
	for _, alpha := range []float64{0.05, 0.05 / 8} {
		design := Design{Alpha: alpha, Power: power, Spread: 1}
		for _, size := range [][2]int{{5, 5}, {6, 12}, {12, 12}} {
			t.Run(fmt.Sprintf("alpha %.4f/%dx%d", alpha, size[0], size[1]), func(t *testing.T) {
				rng := seeded(t, uint64(600+size[1]))
				got, err := design.RankMDE(size[0], size[1])
				if err != nil {
					t.Fatal(err)
				}
				check(t, got, thresholds(t, func() (Estimate, error) {
					base, head := draw(rng, size[0], (*rand.Rand).NormFloat64), draw(rng, size[1], (*rand.Rand).NormFloat64)
					return Shift(base, head, 1-2*alpha)
				}))
			})
		}
		for _, pairs := range []int{8, 12, 24} {
			t.Run(fmt.Sprintf("alpha %.4f/%d pairs", alpha, pairs), func(t *testing.T) {
				rng := seeded(t, uint64(700+pairs))
				got, err := design.PairedMDE(pairs)
				if err != nil {
					t.Fatal(err)
				}
				check(t, got, thresholds(t, func() (Estimate, error) {
					return PseudoMedian(draw(rng, pairs, (*rand.Rand).NormFloat64), 1-2*alpha)
				}))
			})
		}
	}
}
