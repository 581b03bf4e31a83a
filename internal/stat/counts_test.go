package stat

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestExactTestsOfCountsPublished(t *testing.T) {
	// Trials{4, 0}: of four cups with milk first, all were called so.
	tests := []struct {
		name string
		got  func() (float64, error)
		want float64
	}{
		{"Fisher 1935, tea: three or four cups of four right", func() (float64, error) {
			return FisherExact(Trials{1, 3}, Trials{3, 1}, Greater)
		}, 17.0 / 70},
		{"Fisher 1935, tea: all four right", func() (float64, error) {
			return FisherExact(Trials{0, 4}, Trials{4, 0}, Greater)
		}, 1.0 / 70},
		{"Fisher 1935, convictions of twins: 619 in 1330665", func() (float64, error) {
			return FisherExact(Trials{10, 3}, Trials{2, 15}, Less)
		}, 619.0 / 1330665},
		{"no failures at all show nothing", func() (float64, error) {
			return FisherExact(Trials{5, 0}, Trials{5, 0}, Less)
		}, 1},
		{"Mendel in Conover 1971: 682 of 925 against 3/4, below", func() (float64, error) {
			return BinomialTest(Trials{682, 243}, 0.75, Less)
		}, 0.19600926705388308},
		{"the same, above", func() (float64, error) {
			return BinomialTest(Trials{682, 243}, 0.75, Greater)
		}, 0.8240891223524226},
		{"one failure against certainty", func() (float64, error) {
			return BinomialTest(Trials{9, 1}, 1, Less)
		}, 0},
		{"no failure against certainty", func() (float64, error) {
			return BinomialTest(Trials{10, 0}, 1, Less)
		}, 1},
		{"one success against impossibility", func() (float64, error) {
			return BinomialTest(Trials{1, 9}, 0, Greater)
		}, 0},
		{"Tukey's leukemia counts, example of R's poisson.test", func() (float64, error) {
			return PoissonTest(Events{21, 3011}, Events{11, 800}, Greater)
		}, 0.05600865978769968},
		{"three events against none in the same time", func() (float64, error) {
			return PoissonTest(Events{0, 120}, Events{3, 120}, Greater)
		}, 1.0 / 8},
		{"no events", func() (float64, error) {
			return PoissonTest(Events{0, 120}, Events{0, 60}, Greater)
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(1e-11, 0)); diff != "" {
				t.Errorf("p-value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIntervalsOfCountsPublished(t *testing.T) {
	estimate := func(value, low, high, confidence float64) Estimate {
		return Estimate{Value: value, Low: low, High: high, Confidence: confidence, Reached: true, Exact: true}
	}
	tests := []struct {
		name string
		got  func() (Estimate, error)
		want Estimate
	}{
		{"Mendel, R's binom.test: 0.7076683 to 0.7654066", func() (Estimate, error) {
			return Proportion(Trials{682, 243}, 0.95)
		}, estimate(682.0/925, 0.707668264079039, 0.7654065582414781, 0.95)},
		{"10 of 100", func() (Estimate, error) {
			return Proportion(Trials{10, 90}, 0.95)
		}, estimate(0.1, 0.04900468922148595, 0.17622259774017532, 0.95)},
		{"19 of 20 at 90 %", func() (Estimate, error) {
			return Proportion(Trials{19, 1}, 0.9)
		}, estimate(0.95, 0.7838938357931302, 0.9974386212234697, 0.9)},
		{"none of ten, in closed form", func() (Estimate, error) {
			return Proportion(Trials{0, 10}, 0.95)
		}, estimate(0, 0, 1-math.Pow(0.025, 0.1), 0.95)},
		{"ten of ten, in closed form", func() (Estimate, error) {
			return Proportion(Trials{10, 0}, 0.95)
		}, estimate(1, math.Pow(0.025, 0.1), 1, 0.95)},
		{"Tukey's leukemia counts, R's poisson.test: 0.8584264 to 4.2772659", func() (Estimate, error) {
			return RateRatio(Events{21, 3011}, Events{11, 800}, 0.95)
		}, estimate(11.0/800/(21.0/3011), 0.858426403391619, 4.277265943654079, 0.95)},
		{"only head has events", func() (Estimate, error) {
			return RateRatio(Events{0, 1}, Events{3, 1}, 0.9)
		}, estimate(inf, math.Pow(0.05, 1.0/3)/(1-math.Pow(0.05, 1.0/3)), inf, 0.9)},
		{"only base has events", func() (Estimate, error) {
			return RateRatio(Events{3, 1}, Events{0, 1}, 0.9)
		}, estimate(0, 0, (1-math.Pow(0.05, 1.0/3))/math.Pow(0.05, 1.0/3), 0.9)},
		{"no events at all", func() (Estimate, error) {
			return RateRatio(Events{0, 1}, Events{0, 1}, 0.9)
		}, estimate(math.NaN(), 0, inf, 0.9)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("estimate (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBinomialTailsAgainstSums adds up every term, which shows that summing
// outward from the peak loses nothing.
func TestBinomialTailsAgainstSums(t *testing.T) {
	for _, share := range []float64{0.001, 0.2, 0.5, 0.97} {
		for tries := 1; tries <= 40; tries++ {
			ways := binomials(tries, tries)
			upper := 0.0
			for k := tries; k >= 0; k-- {
				upper += ways[k] * math.Pow(share, float64(k)) * math.Pow(1-share, float64(tries-k))
				got, err := BinomialTest(Trials{k, tries - k}, share, Greater)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(upper, got, exactly); diff != "" {
					t.Fatalf("P(X >= %d) of %d at %v (-want +got):\n%s", k, tries, share, diff)
				}
			}
		}
	}
}

// TestProportionCovers adds up the probability that the interval covers, for each
// true share: it must never be below the confidence.
func TestProportionCovers(t *testing.T) {
	const tries, confidence = 12, 0.9
	ways := binomials(tries, tries)
	for share := 0.01; share < 1; share += 0.01 {
		covered := 0.0
		for k := range tries + 1 {
			estimate, err := Proportion(Trials{k, tries - k}, confidence)
			if err != nil {
				t.Fatal(err)
			}
			if estimate.Low <= share && share <= estimate.High {
				covered += ways[k] * math.Pow(share, float64(k)) * math.Pow(1-share, float64(tries-k))
			}
		}
		if covered < confidence {
			t.Errorf("true share %.2f is covered with probability %.4f, want at least %v", share, covered, confidence)
		}
	}
}

func TestExposuresMayDifferByTwelveOrders(t *testing.T) {
	for _, sides := range [][2]Events{{{1, 1e12}, {1, 1}}, {{1, 1}, {1, 1e12}}} {
		if p, err := PoissonTest(sides[0], sides[1], Greater); err != nil || !(p > 0 && p <= 1) {
			t.Errorf("%v: %v, %v", sides, p, err)
		}
	}
}

func TestCountsRefuse(t *testing.T) {
	good := Events{1, 1}
	tests := []struct {
		name string
		got  func() (float64, error)
		want error
	}{
		{"a side without tries", func() (float64, error) { return FisherExact(Trials{}, Trials{1, 1}, Less) }, ErrTooFew},
		{"a negative count", func() (float64, error) { return FisherExact(Trials{-1, 2}, Trials{1, 1}, Less) }, ErrOutOfRange},
		{"a huge count", func() (float64, error) { return FisherExact(Trials{maxCount + 1, 2}, Trials{1, 1}, Less) }, ErrTooMany},
		{"no direction", func() (float64, error) { return FisherExact(Trials{1, 1}, Trials{1, 1}, 0) }, ErrOutOfRange},
		{"a share above 1", func() (float64, error) { return BinomialTest(Trials{1, 1}, 1.5, Less) }, ErrOutOfRange},
		{"a share of NaN", func() (float64, error) { return BinomialTest(Trials{1, 1}, math.NaN(), Less) }, ErrOutOfRange},
		{"no direction of a share", func() (float64, error) { return BinomialTest(Trials{1, 1}, 0.5, 7) }, ErrOutOfRange},
		{"an exposure of zero", func() (float64, error) { return PoissonTest(good, Events{1, 0}, Less) }, ErrNotPositive},
		{"an exposure of NaN", func() (float64, error) { return PoissonTest(good, Events{1, math.NaN()}, Less) }, ErrNotFinite},
		{"an exposure without end", func() (float64, error) { return PoissonTest(Events{1, inf}, good, Less) }, ErrNotFinite},
		{"exposures out of proportion", func() (float64, error) { return PoissonTest(Events{1, 1e300}, good, Less) }, ErrOutOfRange},
		{"a negative number of events", func() (float64, error) { return PoissonTest(Events{-1, 1}, good, Less) }, ErrOutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if p, err := tt.got(); p != 1 || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v; want 1, %v", p, err, tt.want)
			}
		})
	}
}
