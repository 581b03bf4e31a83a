package stat

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// exactly compares numbers to twelve digits.
var exactly = cmp.Options{
	cmpopts.EquateApprox(1e-12, 0),
	cmpopts.EquateNaNs(),
}

var inf = math.Inf(1)

// Permeability of the human chorioamnion at 12 to 26 weeks and at term, and the
// depression scale factor at two visits: tables 4.1 and 3.1 of Hollander and Wolfe
// (1973), which are also the examples of R's wilcox.test.
var (
	permeabilityEarly = []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	permeabilityTerm  = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	depressionFirst   = []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	depressionSecond  = []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
)

func depressionChange() []float64 {
	change := make([]float64, len(depressionFirst))
	for i := range change {
		change[i] = depressionSecond[i] - depressionFirst[i]
	}
	return change
}

func TestRankSumPublished(t *testing.T) {
	tests := []struct {
		name        string
		base, head  []float64
		alternative Alternative
		want        RankTest
	}{
		{
			name: "permeability, Hollander and Wolfe 1973: W = 35, p = 0.1272",
			base: permeabilityEarly, head: permeabilityTerm, alternative: Greater,
			want: RankTest{U: 35, P: 382.0 / 3003, LeastP: 1.0 / 3003, Exact: true},
		},
		{
			name: "the same seen from the other side",
			base: permeabilityTerm, head: permeabilityEarly, alternative: Less,
			want: RankTest{U: 15, P: 382.0 / 3003, LeastP: 1.0 / 3003, Exact: true},
		},
		{
			name: "complete separation of four and four is 1 in 70",
			base: []float64{1, 2, 3, 4}, head: []float64{5, 6, 7, 8}, alternative: Greater,
			want: RankTest{U: 16, P: 1.0 / 70, LeastP: 1.0 / 70, Exact: true},
		},
		{
			name: "three against three can not go below 1 in 20",
			base: []float64{1, 2, 3}, head: []float64{3, 1, 2}, alternative: Greater,
			// Of two 1s, two 2s and two 3s, 8 labellings have U = 4.5 and 6 more.
			want: RankTest{U: 4.5, P: 14.0 / 20, LeastP: 2.0 / 20, Exact: true},
		},
		{
			name: "equal values show nothing",
			base: []float64{7, 7, 7}, head: []float64{7, 7, 7, 7}, alternative: Greater,
			want: RankTest{U: 6, P: 1, LeastP: 1, Exact: true},
		},
		{
			name: "time-outs tie with each other and rank above all",
			base: []float64{1, 2, inf}, head: []float64{inf, inf, 3}, alternative: Greater,
			// U = 2.5 + 2.5 + 2; of the 20 labellings, those of two or three Inf.
			want: RankTest{U: 7, P: 4.0 / 20, LeastP: 1.0 / 20, Exact: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := RankSum(tt.base, tt.head, tt.alternative)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("RankSum (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRankSumFrequenciesOfMannAndWhitney(t *testing.T) {
	// How many of the 70 labellings of four and four give U = 0, 1, ... 16: the
	// coefficients of the Gaussian binomial (8 over 4).
	want := []float64{1, 1, 2, 3, 5, 5, 7, 7, 8, 7, 7, 5, 5, 3, 2, 1, 1}
	if diff := cmp.Diff(want, countUntied(4, 4).counts); diff != "" {
		t.Errorf("countUntied(4, 4) (-want +got):\n%s", diff)
	}
}

func TestRankSumCriticalValues(t *testing.T) {
	// The greatest U that is significant one-sided, n = m = 3 to 20, from the
	// usual tables (-1: none).
	tables := map[float64][]int{
		0.05:  {0, 1, 4, 7, 11, 15, 21, 27, 34, 42, 51, 61, 72, 83, 96, 109, 123, 138},
		0.025: {-1, 0, 2, 5, 8, 13, 17, 23, 30, 37, 45, 55, 64, 75, 87, 99, 113, 127},
		0.01:  {-1, -1, 1, 3, 6, 9, 14, 19, 25, 31, 39, 47, 56, 66, 77, 88, 101, 114},
	}
	for alpha, want := range tables {
		var got []int
		for n := 3; n <= 20; n++ {
			k, _, _ := (*Memo)(nil).rankPoint(n, n, alpha)
			got = append(got, k-1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("critical values at %v (-want +got):\n%s", alpha, diff)
		}
	}
}

func TestSignedRankPublished(t *testing.T) {
	tests := []struct {
		name        string
		values      []float64
		mu          float64
		alternative Alternative
		want        SignedRankTest
	}{
		{
			name:   "depression, Hollander and Wolfe 1973: T = 5, p = 0.01953",
			values: depressionChange(), alternative: Less,
			want: SignedRankTest{T: 5, P: 10.0 / 512, Nonzero: 9, Exact: true},
		},
		{
			name:   "first visit above 3, R: V = 1, p = 0.998",
			values: depressionFirst, mu: 3, alternative: Greater,
			want: SignedRankTest{T: 1, P: 511.0 / 512, Nonzero: 9, Exact: true},
		},
		{
			name:   "five above are 1 in 32",
			values: []float64{31, 32, 33, 34, 35}, mu: 30, alternative: Greater,
			want: SignedRankTest{T: 15, P: 1.0 / 32, Nonzero: 5, Exact: true},
		},
		{
			name:   "a zero keeps its rank but has no sign (Pratt)",
			values: []float64{0, 1, 2, -3}, alternative: Greater,
			// Ranks 2, 3, 4 remain; sums of at least 5: 5, 6, 7, 9.
			want: SignedRankTest{T: 5, P: 4.0 / 8, Nonzero: 3, Exact: true},
		},
		{
			name:   "values at the constant show nothing",
			values: []float64{4, 4, 4}, mu: 4, alternative: Less,
			want: SignedRankTest{T: 0, P: 1, Nonzero: 0, Exact: true},
		},
		{
			name:   "time-outs are the most extreme, and tied",
			values: []float64{inf, inf, -1, -2}, alternative: Greater,
			// Ranks 3.5, 3.5, 1, 2: sums of at least 7: 7, 8, 9, 10.
			want: SignedRankTest{T: 7, P: 4.0 / 16, Nonzero: 4, Exact: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := SignedRank(tt.values, tt.mu, tt.alternative)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("SignedRank (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignedRankCriticalValues(t *testing.T) {
	// The greatest T that is significant one-sided, n = 5 to 15, 20 and 25, from
	// the usual tables (-1: none).
	sizes := []int{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 25}
	tables := map[float64][]int{
		0.05:  {0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 30, 60, 100},
		0.025: {-1, 0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 52, 89},
		0.01:  {-1, -1, 0, 1, 3, 5, 7, 9, 12, 15, 19, 43, 76},
	}
	for alpha, want := range tables {
		var got []int
		for _, n := range sizes {
			k, _, _ := signPoint(n, alpha)
			got = append(got, k-1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("critical values at %v (-want +got):\n%s", alpha, diff)
		}
	}
}

func TestIntervalsPublished(t *testing.T) {
	tests := []struct {
		name string
		got  func() (Estimate, error)
		want Estimate
	}{
		{
			name: "shift of the permeability, Hollander and Wolfe: -0.305, 96 % from -0.76 to 0.15",
			got:  func() (Estimate, error) { return Shift(permeabilityTerm, permeabilityEarly, 0.95) },
			// 60 of the 3003 labellings have U <= 8.
			want: Estimate{Value: -0.305, Low: -0.76, High: 0.15, Confidence: 1 - 2*60.0/3003, Reached: true, Exact: true},
		},
		{
			name: "depression, Hollander and Wolfe: -0.46, 96 % from -0.786 to -0.010",
			got:  func() (Estimate, error) { return PseudoMedian(depressionChange(), 0.95) },
			// 10 of the 512 signs have T <= 5.
			want: Estimate{Value: -0.46, Low: -0.786, High: -0.01, Confidence: 1 - 2*10.0/512, Reached: true, Exact: true},
		},
		{
			name: "three and three reach 90 % exactly, rounding or not",
			got:  func() (Estimate, error) { return Shift([]float64{1, 2, 3}, []float64{11, 12, 13}, 0.9) },
			want: Estimate{Value: 10, Low: 8, High: 12, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "three and three do not reach 95 %",
			got:  func() (Estimate, error) { return Shift([]float64{1, 2, 3}, []float64{11, 12, 13}, 0.95) },
			want: Estimate{Value: 10, Low: -inf, High: inf, Confidence: 1, Exact: true},
		},
		{
			name: "a constant series long enough",
			got:  func() (Estimate, error) { return PseudoMedian([]float64{0.1, 0.1, 0.1, 0.1, 0.1}, 0.9) },
			want: Estimate{Value: 0.1, Low: 0.1, High: 0.1, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name: "huge values do not overflow",
			got:  func() (Estimate, error) { return PseudoMedian([]float64{1.6e308, 1.7e308}, 0.5) },
			want: Estimate{Value: 1.65e308, Low: 1.6e308, High: 1.7e308, Confidence: 0.5, Reached: true, Exact: true},
		},
		{
			name: "a constant series too short",
			got:  func() (Estimate, error) { return PseudoMedian([]float64{0.1, 0.1, 0.1, 0.1}, 0.9) },
			want: Estimate{Value: 0.1, Low: -inf, High: inf, Confidence: 1, Exact: true},
		},
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

func TestHolmKnown(t *testing.T) {
	tests := []struct {
		name     string
		in, want []float64
	}{
		{"five tests, example of pingouin's manual", []float64{0.50, 0.003, 0.32, 0.054, 0.0003}, []float64{0.64, 0.012, 0.64, 0.162, 0.0015}},
		{"a later one is raised to an earlier", []float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{"capped at 1", []float64{0.6, 0.9}, []float64{1, 1}},
		{"ties stay ties", []float64{0.02, 0.02, 0.02}, []float64{0.06, 0.06, 0.06}},
		{"one alone is itself", []float64{0.04}, []float64{0.04}},
		{"none", nil, []float64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Holm(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("Holm (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHolmRefusesWhatIsNoProbability(t *testing.T) {
	for _, p := range []float64{math.NaN(), -0.1, 1.1, inf} {
		got, err := Holm([]float64{0.1, p})
		if got != nil || !errors.Is(err, ErrOutOfRange) {
			t.Errorf("Holm with %v = %v, %v; want nil, ErrOutOfRange", p, got, err)
		}
	}
}
