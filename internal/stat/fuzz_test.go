package stat

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// The fuzz tests feed every bit pattern that a float64 can have. Whatever comes
// in, nothing panics, nothing is changed, no NaN leaves without an error, and what
// must hold between results holds.

// floats reads eight bytes a value, at most 48 of them.
func floats(data []byte) []float64 {
	values := make([]float64, min(len(data)/8, 48))
	for i := range values {
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return values
}

func bytesOf(values ...float64) []byte {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return data
}

// awkward are the seeds: nothing, constants, time-outs, NaN, and the ends of the
// range of a float64.
func awkward() [][]byte {
	return [][]byte{
		nil,
		bytesOf(1),
		bytesOf(0, 0, 0, 0, 0, 0),
		bytesOf(math.Copysign(0, -1), 0, 1),
		bytesOf(0.1, 0.1, 0.1, 0.1, 0.1),
		bytesOf(1, 2, 3, 4, 5, 6),
		bytesOf(1, 2, inf, inf, 3, 9, 2),
		bytesOf(-inf, 1, inf),
		bytesOf(inf, inf, inf, inf),
		bytesOf(math.NaN(), 1, 2),
		bytesOf(math.MaxFloat64, -math.MaxFloat64, 1, 2),
		bytesOf(math.SmallestNonzeroFloat64, 2*math.SmallestNonzeroFloat64, 0, 1e-310),
		bytesOf(1e308, 1.5e308, 1.7e308, 1e-308),
	}
}

// sound checks a p-value.
func sound(t *testing.T, p float64, err error) {
	t.Helper()
	if !(p >= 0 && p <= 1) || err != nil && p != 1 {
		t.Errorf("p-value %v beside error %v", p, err)
	}
}

// bounded checks an estimate.
func bounded(t *testing.T, value, low, high float64, err error) {
	t.Helper()
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		t.Errorf("interval from %v to %v", low, high)
	case err != nil && !math.IsNaN(value):
		t.Errorf("value %v beside error %v", value, err)
	case err == nil && !(low <= value && value <= high):
		t.Errorf("%v is not between %v and %v", value, low, high)
	}
}

func FuzzTwoSamples(f *testing.F) {
	for _, base := range awkward() {
		for _, head := range awkward() {
			f.Add(base, head, 60.0, 0.9)
		}
	}
	f.Fuzz(func(t *testing.T, baseData, headData []byte, limit, confidence float64) {
		base, head := floats(baseData), floats(headData)
		before := bytesOf(slices.Concat(base, head)...)

		greater, err := RankSum(base, head, Greater)
		sound(t, greater.P, err)
		if less, err := RankSum(head, base, Less); less.P != greater.P && math.Abs(less.P-greater.P) > 1e-12 {
			t.Errorf("p-value %v seen from head, %v from base (%v)", greater.P, less.P, err)
		}
		if greater.LeastP > greater.P*(1+1e-12) {
			t.Errorf("p-value %v is below the least possible, %v", greater.P, greater.LeastP)
		}
		shift, err := ShiftCensored(base, head, limit, confidence)
		bounded(t, shift.Value, shift.Low, shift.High, err)
		absolute, err := AbsoluteChange(base, head, confidence)
		bounded(t, absolute.Change, absolute.Low, absolute.High, err)
		ratio, err := RatioChange(base, head, confidence)
		bounded(t, ratio.Change, ratio.Low, ratio.High, err)
		if ratio.Low < -1 {
			t.Errorf("a positive quantity changed by %v", ratio.Low)
		}
		paired, err := PairedRatioChangeCensored(base, head, limit, confidence)
		bounded(t, paired.Change, paired.Low, paired.High, err)
		if got, err := PooledLogDeviation(base, head); math.IsNaN(got) != (err != nil) {
			t.Errorf("PooledLogDeviation = %v beside error %v", got, err)
		}
		if after := bytesOf(slices.Concat(base, head)...); !slices.Equal(before, after) {
			t.Error("the input was changed")
		}
	})
}

func FuzzOneSample(f *testing.F) {
	for _, values := range awkward() {
		f.Add(values, 1.0, 0.9)
	}
	f.Fuzz(func(t *testing.T, data []byte, mu, confidence float64) {
		values := floats(data)
		before := bytesOf(values...)
		test, err := SignedRank(values, mu, Greater)
		sound(t, test.P, err)
		center, err := PseudoMedian(values, confidence)
		bounded(t, center.Value, center.Low, center.High, err)
		for name, of := range map[string]func([]float64) (float64, error){
			"Median": Median, "Mean": Mean, "StandardDeviation": StandardDeviation, "CV": CV,
			"MAD": MAD, "RobustCV": RobustCV, "Autocorrelation": Autocorrelation,
			"Quantile":           func(v []float64) (float64, error) { return Quantile(v, mu) },
			"PooledDeviation":    func(v []float64) (float64, error) { return PooledDeviation(v) },
			"PooledLogDeviation": func(v []float64) (float64, error) { return PooledLogDeviation(v) },
		} {
			if got, err := of(values); math.IsNaN(got) != (err != nil) {
				t.Errorf("%s = %v beside error %v", name, got, err)
			}
		}
		if adjusted, err := Holm(values); err == nil {
			for i, p := range values {
				if adjusted[i] < p || adjusted[i] > 1 {
					t.Errorf("%v adjusted to %v", p, adjusted[i])
				}
			}
		}
		if !slices.Equal(before, bytesOf(values...)) {
			t.Error("the input was changed")
		}
	})
}

func FuzzSeries(f *testing.F) {
	for _, times := range awkward() {
		for _, values := range awkward() {
			f.Add(times, values, 0.0, 10.0)
		}
	}
	f.Fuzz(func(t *testing.T, timeData, valueData []byte, from, to float64) {
		times, values := floats(timeData), floats(valueData)
		if slope, err := TheilSen(times, values); isFinite(slope) != (err == nil) {
			t.Errorf("slope %v beside error %v", slope, err)
		}
		mean, covered, err := TimeWeightedMean(times, values, from, to)
		if isFinite(mean) != (err == nil) || !(covered >= 0 && covered <= 1) {
			t.Errorf("mean %v over a share of %v beside error %v", mean, covered, err)
		}
		if err == nil && (mean < slices.Min(values)-rounding(values) || mean > slices.Max(values)+rounding(values)) {
			t.Errorf("mean %v of %v", mean, values)
		}
	})
}

// rounding is the error that a weighted mean of values may have.
func rounding(values []float64) float64 {
	return 1e-13 * max(math.Abs(slices.Min(values)), math.Abs(slices.Max(values)))
}

func FuzzCounts(f *testing.F) {
	f.Add(3, 1, 1, 3, 1.0, 2.0, 0.9)
	f.Add(0, 0, 0, 0, 0.0, 0.0, 0.0)
	f.Add(-1, 5, 1<<62, 3, math.NaN(), inf, 1.0)
	f.Add(0, maxCount, maxCount, 0, 1e-12, 1.0, 0.5)
	f.Add(maxCount, maxCount, maxCount, maxCount, 1e300, 1e-300, 0.999999)
	f.Fuzz(func(t *testing.T, a, b, c, d int, baseExposure, headExposure, confidence float64) {
		base, head := Trials{a, b}, Trials{c, d}
		p, err := FisherExact(base, head, Greater)
		sound(t, p, err)
		p, err = BinomialTest(base, baseExposure, Less)
		sound(t, p, err)
		share, err := Proportion(head, confidence)
		bounded(t, share.Value, share.Low, share.High, err)
		baseEvents, headEvents := Events{a, baseExposure}, Events{c, headExposure}
		p, err = PoissonTest(baseEvents, headEvents, Greater)
		sound(t, p, err)
		ratio, err := RateRatio(baseEvents, headEvents, confidence)
		if err == nil && a == 0 && c == 0 {
			return // no events: no ratio
		}
		bounded(t, ratio.Value, ratio.Low, ratio.High, err)
	})
}

func FuzzDesign(f *testing.F) {
	f.Add(5, 5, 0.05, 0.8, 0.08, 0.1)
	f.Add(0, 1<<40, math.NaN(), 2.0, inf, -1.0)
	f.Add(1, 1_000_000, 1e-300, 0.999999999, 1e-300, 1e300)
	f.Fuzz(func(t *testing.T, base, head int, alpha, power, spread, shift float64) {
		design := Design{alpha, power, spread}
		if mde, err := design.RankMDE(base, head); math.IsNaN(mde) != (err != nil) || mde < 0 {
			t.Errorf("RankMDE = %v beside error %v", mde, err)
		}
		if mde, err := design.PairedMDE(head); math.IsNaN(mde) != (err != nil) || mde < 0 {
			t.Errorf("PairedMDE = %v beside error %v", mde, err)
		}
		if p, err := design.RankPower(base, head, shift); math.IsNaN(p) != (err != nil) || p < 0 || p > 1 {
			t.Errorf("RankPower = %v beside error %v", p, err)
		}
		if base <= 64 { // the search costs what its answer is
			if runs, err := design.RankRuns(base, shift); (runs < 1) != (err != nil) {
				t.Errorf("RankRuns = %v beside error %v", runs, err)
			}
		}
	})
}
