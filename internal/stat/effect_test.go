package stat

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRatioChange(t *testing.T) {
	five := []float64{100, 101, 102, 103, 104}
	double := []float64{200, 202, 204, 206, 208}
	tests := []struct {
		name string
		got  func() (Effect, error)
		want Effect
	}{
		{
			name: "doubled is +100 %",
			got:  func() (Effect, error) { return RatioChange(five, double, 0.9) },
			// Five and five at 90 %: the fifth ratio from either end.
			want: Effect{
				Change: 1, Low: 2*101/103.0 - 1, High: 2*103/101.0 - 1,
				Confidence: 1 - 2*12.0/252, Reached: true, Exact: true,
			},
		},
		{
			name: "equal and constant is 0",
			got: func() (Effect, error) {
				return RatioChange([]float64{3, 3, 3, 3}, []float64{3, 3, 3, 3}, 0.9)
			},
			want: Effect{Confidence: 1 - 2*2.0/70, Reached: true, Exact: true},
		},
		{
			name: "too few exclude nothing",
			got:  func() (Effect, error) { return RatioChange([]float64{1, 1}, []float64{2, 2}, 0.9) },
			want: Effect{Change: 1, Low: -1, High: inf, Confidence: 1, Exact: true},
		},
		{
			name: "one time-out in head leaves the top open",
			got: func() (Effect, error) {
				return RatioChangeCensored([]float64{1, 1, 1}, []float64{2, 2, inf}, 60, 0.9)
			},
			want: Effect{Change: 1, Low: 1, High: inf, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "nothing but time-outs in head: at least limit over base",
			got: func() (Effect, error) {
				return RatioChangeCensored([]float64{1, 2, 3}, []float64{inf, inf, inf}, 60, 0.9)
			},
			want: Effect{Change: inf, Low: 19, High: inf, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "nothing but time-outs in head, limit not known: no less than the greatest of base",
			got: func() (Effect, error) {
				return RatioChange([]float64{1, 2, 3}, []float64{inf, inf, inf}, 0.9)
			},
			want: Effect{Change: inf, Low: 0, High: inf, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "nothing but time-outs in base: at most head over limit",
			got: func() (Effect, error) {
				return RatioChangeCensored([]float64{inf, inf, inf}, []float64{1, 2, 3}, 60, 0.9)
			},
			want: Effect{Change: -1, Low: -1, High: 3.0/60 - 1, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "time-outs on both sides leave both ends open",
			got: func() (Effect, error) {
				return RatioChangeCensored([]float64{1, 1, inf}, []float64{1, 1, inf}, 60, 0.9)
			},
			want: Effect{Change: 0, Low: -1, High: inf, Confidence: 0.9, Reached: true, Exact: true},
		},
		{
			name: "pairs: each twice its partner, whatever the pair",
			got: func() (Effect, error) {
				return PairedRatioChange([]float64{1, 7, 20, 300, 5}, []float64{2, 14, 40, 600, 10}, 0.9)
			},
			want: Effect{Change: 1, Low: 1, High: 1, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name: "pairs: one with two time-outs says nothing either way",
			got: func() (Effect, error) {
				return PairedRatioChange([]float64{1, 7, 20, 300, inf}, []float64{2, 14, 40, 600, inf}, 0.9)
			},
			want: Effect{Change: 1, Low: -1, High: inf, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name: "pairs: one with two time-outs counts half on each side of the middle",
			got: func() (Effect, error) {
				return PairedRatioChange([]float64{1, 1, 1, inf}, []float64{2, 4, 8, inf}, 0.9)
			},
			want: Effect{Change: 3, Low: -1, High: inf, Confidence: 1, Exact: true},
		},
		{
			name: "pairs: a head that timed out is at least the limit over its base",
			got: func() (Effect, error) {
				return PairedRatioChangeCensored([]float64{2, 2, 2, 2, 2}, []float64{inf, inf, inf, inf, inf}, 60, 0.9)
			},
			want: Effect{Change: inf, Low: 29, High: inf, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name: "absolute: zeros are welcome",
			got:  func() (Effect, error) { return AbsoluteChange([]float64{0, 0, 0}, []float64{0, 1, 2}, 0.9) },
			want: Effect{Change: 1, Low: 0, High: 2, Confidence: 0.9, Reached: true, Exact: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(1e-12, 1e-12)); diff != "" {
				t.Errorf("effect (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangesRefuse(t *testing.T) {
	ones := []float64{1, 1, 1}
	tests := []struct {
		name string
		got  func() (Effect, error)
		want error
	}{
		{"nothing in base", func() (Effect, error) { return RatioChange(nil, ones, 0.9) }, ErrTooFew},
		{"nothing in head", func() (Effect, error) { return RatioChange(ones, nil, 0.9) }, ErrTooFew},
		{"NaN", func() (Effect, error) { return RatioChange(ones, []float64{1, math.NaN()}, 0.9) }, ErrNotFinite},
		{"zero", func() (Effect, error) { return RatioChange([]float64{0, 1}, ones, 0.9) }, ErrNotPositive},
		{"-Inf", func() (Effect, error) { return RatioChange(ones, []float64{-inf}, 0.9) }, ErrNotPositive},
		{"confidence of 1", func() (Effect, error) { return RatioChange(ones, ones, 1) }, ErrOutOfRange},
		{"confidence of NaN", func() (Effect, error) { return RatioChange(ones, ones, math.NaN()) }, ErrOutOfRange},
		{"a limit of NaN", func() (Effect, error) { return RatioChangeCensored(ones, ones, math.NaN(), 0.9) }, ErrOutOfRange},
		{"a limit of +Inf", func() (Effect, error) { return RatioChangeCensored(ones, ones, inf, 0.9) }, ErrOutOfRange},
		{"all censored", func() (Effect, error) { return RatioChange([]float64{inf}, []float64{inf, inf}, 0.9) }, ErrCensored},
		{"pairs of different length", func() (Effect, error) { return PairedRatioChange(ones, ones[:2], 0.9) }, ErrLengths},
		{"no pairs", func() (Effect, error) { return PairedRatioChange(nil, nil, 0.9) }, ErrTooFew},
		{"all pairs censored", func() (Effect, error) { return PairedRatioChange([]float64{inf}, []float64{inf}, 0.9) }, ErrCensored},
		{"zero in a pair", func() (Effect, error) { return PairedRatioChange(ones, []float64{1, 0, 1}, 0.9) }, ErrNotPositive},
		{"a confidence of 0 for pairs", func() (Effect, error) { return PairedRatioChange(ones, ones, 0) }, ErrOutOfRange},
		{"-Inf as an absolute value", func() (Effect, error) { return AbsoluteChange(ones, []float64{-inf}, 0.9) }, ErrNotFinite},
		{"too many pairs", func() (Effect, error) {
			return AbsoluteChange(make([]float64, 2049), make([]float64, 2049), 0.9)
		}, ErrTooMany},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if !math.IsNaN(got.Change) || got.Low > -1 || !math.IsInf(got.High, 1) || got.Reached {
				t.Errorf("%+v beside an error, want NaN and the widest interval", got)
			}
		})
	}
}

func TestPseudoMedianCensored(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		limit  float64
		want   Estimate
	}{
		{
			name:   "every run timed out: at least the limit",
			values: []float64{inf, inf, inf, inf, inf}, limit: 60,
			want: Estimate{Value: inf, Low: 60, High: inf, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name:   "every run timed out at a limit that is not known",
			values: []float64{inf, inf, inf, inf, inf}, limit: -inf,
			want: Estimate{Value: inf, Low: -inf, High: inf, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
		{
			name:   "one run timed out",
			values: []float64{1, 2, 3, 4, inf}, limit: 60,
			want: Estimate{Value: 3, Low: 1, High: inf, Confidence: 1 - 2.0/32, Reached: true, Exact: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := PseudoMedianCensored(tt.values, tt.limit, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("PseudoMedianCensored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOneSampleRefuses(t *testing.T) {
	tests := []struct {
		name       string
		values     []float64
		confidence float64
		want       error
	}{
		{"nothing", nil, 0.9, ErrTooFew},
		{"NaN", []float64{1, math.NaN()}, 0.9, ErrNotFinite},
		{"-Inf", []float64{1, -inf}, 0.9, ErrNotFinite},
		{"confidence of 0", []float64{1, 2}, 0, ErrOutOfRange},
		{"too many", make([]float64, 2896), 0.9, ErrTooMany},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := PseudoMedian(tt.values, tt.confidence)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(noEstimate(), got, exactly); diff != "" {
				t.Errorf("beside the error (-want +got):\n%s", diff)
			}
		})
	}
	for name, call := range map[string]func() (SignedRankTest, error){
		"nothing":      func() (SignedRankTest, error) { return SignedRank(nil, 0, Less) },
		"NaN":          func() (SignedRankTest, error) { return SignedRank([]float64{math.NaN()}, 0, Less) },
		"mu of +Inf":   func() (SignedRankTest, error) { return SignedRank([]float64{1}, inf, Less) },
		"no direction": func() (SignedRankTest, error) { return SignedRank([]float64{1}, 0, 0) },
	} {
		if got, err := call(); err == nil || got.P != 1 {
			t.Errorf("signed rank with %s = %+v, %v; want P = 1 and an error", name, got, err)
		}
	}
	for name, call := range map[string]func() (RankTest, error){
		"no base":      func() (RankTest, error) { return RankSum(nil, []float64{1}, Less) },
		"no head":      func() (RankTest, error) { return RankSum([]float64{1}, nil, Less) },
		"NaN":          func() (RankTest, error) { return RankSum([]float64{1}, []float64{math.NaN()}, Less) },
		"no direction": func() (RankTest, error) { return RankSum([]float64{1}, []float64{1}, 0) },
	} {
		if got, err := call(); err == nil || got.P != 1 {
			t.Errorf("rank sum with %s = %+v, %v; want P = 1 and an error", name, got, err)
		}
	}
}

// TestInputsStayAsTheyWere runs everything that sorts over unsorted values.
func TestInputsStayAsTheyWere(t *testing.T) {
	values, others := []float64{3, 1, inf, 2, 5, 4}, []float64{6, 2, 9, 1, inf, 3}
	before := slices.Concat(values, others)
	calls := map[string]func() error{
		"Median":       func() error { _, err := Median(values); return err },
		"Quantile":     func() error { _, err := Quantile(values, 0.3); return err },
		"MAD":          func() error { _, err := MAD(values); return err },
		"RankSum":      func() error { _, err := RankSum(values, others, Less); return err },
		"SignedRank":   func() error { _, err := SignedRank(values, 2, Less); return err },
		"Shift":        func() error { _, err := Shift(values, others, 0.9); return err },
		"RatioChange":  func() error { _, err := RatioChange(values, others, 0.9); return err },
		"paired":       func() error { _, err := PairedRatioChange(values, others, 0.9); return err },
		"PseudoMedian": func() error { _, err := PseudoMedian(values, 0.9); return err },
		"TheilSen":     func() error { _, err := TheilSen(values[:2], others[:2]); return err },
		"Holm":         func() error { _, err := Holm([]float64{0.2, 0.1}); return err },
	}
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, slices.Concat(values, others)); diff != "" {
			t.Fatalf("%s changed its input (-before +after):\n%s", name, diff)
		}
	}
}
