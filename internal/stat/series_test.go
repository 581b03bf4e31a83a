package stat

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheilSen(t *testing.T) {
	ramp := func(n int, slope float64) (times, values []float64) {
		for i := range n {
			times = append(times, float64(i))
			values = append(values, 5+slope*float64(i))
		}
		return times, values
	}
	longTimes, longValues := ramp(3000, 0.25)
	outTimes, outValues := ramp(30, 2)
	for i := range 8 {
		outValues[3*i] = 1e6 * float64(i%3)
	}
	tests := []struct {
		name          string
		times, values []float64
		want          float64
	}{
		{"example of Sen 1968", []float64{1, 2, 3, 4, 10, 12, 18}, []float64{9, 15, 19, 20, 45, 55, 78}, 4},
		{"a constant does not rise", []float64{0, 1, 2}, []float64{7, 7, 7}, 0},
		{"a quarter of the points wrong", outTimes, outValues, 2},
		{"order of the points does not count", []float64{3, 1, 2}, []float64{9, 3, 6}, 3},
		{"points at one time are no slope", []float64{0, 0, 1, 1}, []float64{1, 3, 2, 4}, 1},
		{"more points than are used", longTimes, longValues, 0.25},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := TheilSen(tt.times, tt.values)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exactly); diff != "" {
				t.Errorf("TheilSen (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheilSenUsesBothEndsOfManyPoints(t *testing.T) {
	for _, n := range []int{1023, 1024, 1025, 5000} {
		got := spacedIndices(n, 1024)
		if got[0] != 0 || got[len(got)-1] != n-1 || len(got) != min(n, 1024) {
			t.Errorf("of %d: %d indices from %d to %d", n, len(got), got[0], got[len(got)-1])
		}
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("of %d: index %d follows %d", n, got[i], got[i-1])
			}
		}
	}
}

func TestTheilSenRefuses(t *testing.T) {
	two := []float64{1, 2}
	tests := []struct {
		name          string
		times, values []float64
		want          error
	}{
		{"nothing", nil, nil, ErrTooFew},
		{"one point", two[:1], two[:1], ErrTooFew},
		{"one time", []float64{1, 1}, two, ErrTooFew},
		{"lengths", two, two[:1], ErrLengths},
		{"a time of NaN", []float64{1, math.NaN()}, two, ErrNotFinite},
		{"an infinite value", two, []float64{1, inf}, ErrNotFinite},
		{"a slope that overflows", []float64{0, 1e-300}, []float64{0, 1e300}, ErrNotFinite},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := TheilSen(tt.times, tt.values)
			if !math.IsNaN(got) || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v; want NaN, %v", got, err, tt.want)
			}
		})
	}
}

func TestTimeWeightedMean(t *testing.T) {
	type result struct{ Mean, Covered float64 }
	tests := []struct {
		name          string
		times, values []float64
		from, to      float64
		want          result
	}{
		{"a step in the middle", []float64{0, 30}, []float64{4, 2}, 0, 60, result{3, 1}},
		{"unequal steps", []float64{0, 10, 11}, []float64{4, 0, 4}, 0, 100, result{3.96, 1}},
		{"what was before the window holds at its start", []float64{-50, 90}, []float64{4, 3}, 0, 100, result{3.9, 1}},
		{"nothing is known before the first sample", []float64{25, 75}, []float64{1, 2}, 0, 100, result{4.0 / 3, 0.75}},
		{"samples after the window do not count", []float64{0, 100, 150}, []float64{1, 50, 60}, 0, 100, result{1, 1}},
		{"of two samples at one time the last counts", []float64{0, 50, 50}, []float64{1, 9, 3}, 0, 100, result{2, 1}},
		{"one sample long ago", []float64{-1000}, []float64{7}, 0, 1, result{7, 1}},
		{"huge values", []float64{0, 1}, []float64{1.5e308, 1.7e308}, 0, 2, result{1.6e308, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mean, covered, err := TimeWeightedMean(tt.times, tt.values, tt.from, tt.to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, result{mean, covered}, exactly); diff != "" {
				t.Errorf("TimeWeightedMean (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimeWeightedMeanOfAConstantIsExact(t *testing.T) {
	for _, value := range []float64{2, 4, 0.1, 1e300} {
		var times, values []float64
		for i := range 97 {
			times, values = append(times, 0.1*float64(i)+0.013), append(values, value)
		}
		mean, _, err := TimeWeightedMean(times, values, 0.07, 9.3)
		if err != nil || mean != value {
			t.Errorf("mean of %v is %v, %v", value, mean, err)
		}
	}
}

func TestTimeWeightedMeanRefuses(t *testing.T) {
	two := []float64{1, 2}
	tests := []struct {
		name          string
		times, values []float64
		from, to      float64
		want          error
	}{
		{"nothing", nil, nil, 0, 1, ErrTooFew},
		{"only samples after the window", two, two, -1, 1, ErrTooFew},
		{"lengths", two, two[:1], 0, 3, ErrLengths},
		{"times that go backwards", []float64{2, 1}, two, 0, 3, ErrUnordered},
		{"an empty window", two, two, 2, 2, ErrOutOfRange},
		{"a window backwards", two, two, 3, 2, ErrOutOfRange},
		{"a window without end", two, two, 0, inf, ErrNotFinite},
		{"a window too long to measure", two, two, -1.7e308, 1.7e308, ErrNotFinite},
		{"a value of NaN", two, []float64{1, math.NaN()}, 0, 3, ErrNotFinite},
		{"a time of NaN", []float64{math.NaN(), 1}, two, 0, 3, ErrNotFinite},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mean, covered, err := TimeWeightedMean(tt.times, tt.values, tt.from, tt.to)
			if !math.IsNaN(mean) || covered != 0 || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v, %v; want NaN, 0, %v", mean, covered, err, tt.want)
			}
		})
	}
}

// TestTimeWeightedMeanOfWhatStoodStillInTheWindow: what was before it must not cost the last digit of the mean.
func TestTimeWeightedMeanOfWhatStoodStillInTheWindow(t *testing.T) {
	var times, values []float64
	for i := range 300 {
		at := float64(i) * 0.0337
		times, values = append(times, at), append(values, 2)
		if at < 1.1 {
			values[i] = float64(i % 2)
		}
	}
	if mean, _, err := TimeWeightedMean(times, values, 1.2345, 9.8765); mean != 2 || err != nil {
		t.Errorf("mean %v, %v", mean, err)
	}
}
