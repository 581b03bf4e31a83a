package stat

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// number drops the parameters of a call, so that calls fit in a table.
type number func() (float64, error)

func of(f func([]float64) (float64, error), values ...float64) number {
	return func() (float64, error) { return f(values) }
}

func quantile(p float64, values ...float64) number {
	return func() (float64, error) { return Quantile(values, p) }
}

func pooled(f func(...[]float64) (float64, error), groups ...[]float64) number {
	return func() (float64, error) { return f(groups...) }
}

func TestDescriptive(t *testing.T) {
	// One to ten, whose quantiles R's manual shows for each type.
	ten := []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	tests := []struct {
		name string
		got  number
		want float64
	}{
		{"median of an odd number", of(Median, 3, 1, 2), 2},
		{"median of an even number", of(Median, 4, 1, 3, 2), 2.5},
		{"median of one", of(Median, 7), 7},
		{"median under time-outs", of(Median, inf, 1, 2), 2},
		{"median of time-outs", of(Median, inf, inf, 1), inf},
		{"median between a value and a time-out", of(Median, 1, inf), inf},
		{"median of huge values", of(Median, 1.7e308, 1.5e308), 1.6e308},
		{"quantile type 7, 90 %", quantile(0.9, ten...), 9.1},
		{"quantile type 7, 5 %", quantile(0.05, ten...), 1.45},
		{"quantile at the median of one to four", quantile(0.5, 1, 2, 3, 4), 2.5},
		{"quantile 0 is the minimum", quantile(0, ten...), 1},
		{"quantile 1 is the maximum", quantile(1, ten...), 10},
		{"quantile below a time-out", quantile(0.5, 1, 2, inf), 2},
		{"quantile partly a time-out", quantile(0.75, 1, 2, inf), inf},
		{"quantile among time-outs", quantile(0.9, 1, inf, inf, inf), inf},
		{"mean", of(Mean, 1, 2, 6), 3},
		{"mean of huge values", of(Mean, 1.5e308, 1.7e308), 1.6e308},
		{"sample standard deviation, not the population's", of(StandardDeviation, 2, 4, 4, 4, 5, 5, 7, 9), math.Sqrt(32.0 / 7)},
		{"standard deviation of a constant is exactly 0", of(StandardDeviation, 0.1, 0.1, 0.1), 0},
		{"coefficient of variation", of(CV, 9, 11), math.Sqrt2 / 10},
		{"coefficient of variation of negative values", of(CV, -9, -11), math.Sqrt2 / 10},
		{"median absolute deviation", of(MAD, 1, 1, 2, 2, 4, 6, 9), 1},
		{"median absolute deviation with a time-out", of(MAD, 1, 2, 3, 4, inf), 1},
		{"robust coefficient of variation", of(RobustCV, 1, 1, 2, 2, 4, 6, 9), 1.4826 / 2},
		{"autocorrelation of a ramp", of(Autocorrelation, 1, 2, 3, 4, 5), 0.4},
		{"autocorrelation of a zigzag", of(Autocorrelation, 1, -1, 1, -1), -0.75},
		{"pooled deviation", pooled(PooledDeviation, []float64{1, 3}, []float64{10, 14, 12}), math.Sqrt((2 + 8) / 3.0)},
		{"pooled deviation ignores a lone value", pooled(PooledDeviation, []float64{1, 3}, []float64{99}), math.Sqrt2},
		{"pooled deviation of constants", pooled(PooledDeviation, []float64{1, 1}, []float64{2, 2}), 0},
		{"pooled log deviation", pooled(PooledLogDeviation, []float64{1, math.E * math.E}), math.Sqrt2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDescriptiveRefuses(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name string
		got  number
		want error
	}{
		{"median of nothing", of(Median), ErrTooFew},
		{"median of NaN", of(Median, 1, nan), ErrNotFinite},
		{"median between the infinities", of(Median, -inf, inf), ErrNotFinite},
		{"quantile of nothing", quantile(0.5), ErrTooFew},
		{"quantile of NaN", quantile(0.5, nan), ErrNotFinite},
		{"quantile between the infinities", quantile(0.5, -inf, inf), ErrNotFinite},
		{"quantile below 0", quantile(-0.1, 1), ErrOutOfRange},
		{"quantile in percent", quantile(99, 1), ErrOutOfRange},
		{"quantile at NaN", quantile(nan, 1), ErrOutOfRange},
		{"mean of nothing", of(Mean), ErrTooFew},
		{"mean with a time-out", of(Mean, 1, inf), ErrNotFinite},
		{"standard deviation of one", of(StandardDeviation, 1), ErrTooFew},
		{"standard deviation with a time-out", of(StandardDeviation, 1, inf), ErrNotFinite},
		{"standard deviation that overflows", of(StandardDeviation, -1.7e308, 1.7e308), ErrNotFinite},
		{"coefficient of variation around 0", of(CV, -1, 1), ErrZeroCenter},
		{"coefficient of variation of one", of(CV, 1), ErrTooFew},
		{"coefficient of variation that overflows", of(CV, -1e300, 1e300, 1e-300), ErrNotFinite},
		{"median absolute deviation of nothing", of(MAD), ErrTooFew},
		{"median absolute deviation of time-outs", of(MAD, 1, inf, inf), ErrNotFinite},
		{"median absolute deviation that is infinite", of(MAD, -inf, 1, inf), ErrNotFinite},
		{"robust coefficient of variation around 0", of(RobustCV, -1, 0, 1), ErrZeroCenter},
		{"robust coefficient of variation of nothing", of(RobustCV), ErrTooFew},
		{"autocorrelation of two", of(Autocorrelation, 1, 2), ErrTooFew},
		{"autocorrelation of a constant", of(Autocorrelation, 0.1, 0.1, 0.1), ErrNoSpread},
		{"autocorrelation with a time-out", of(Autocorrelation, 1, 2, inf), ErrNotFinite},
		{"pooled deviation of lone values", pooled(PooledDeviation, []float64{1}, []float64{2}), ErrTooFew},
		{"pooled deviation of no groups", pooled(PooledDeviation), ErrTooFew},
		{"pooled deviation with NaN", pooled(PooledDeviation, []float64{1, nan}), ErrNotFinite},
		{"pooled log deviation with 0", pooled(PooledLogDeviation, []float64{1, 0}), ErrNotPositive},
		{"pooled log deviation with a time-out", pooled(PooledLogDeviation, []float64{1, inf}), ErrNotFinite},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			if !math.IsNaN(got) || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v; want NaN, %v", got, err, tt.want)
			}
		})
	}
}
