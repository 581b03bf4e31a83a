package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// series is one metric of one scenario in the form that the rules take, wherever it comes from.
type series struct {
	unit   metric.Unit
	better metric.Direction
	status result.Status
	// reason says why it is not measured.
	reason string
	// values are the valid samples in their order, +Inf for one that timed out.
	values []float64
	// runs are the numbers of the runs that gave values; nil for a recording.
	runs []int
	// timeouts is how many of values are +Inf, limit the smallest of their time-outs; 0 when none timed out.
	timeouts int
	limit    float64
	// leftOut are the samples that were kept out, with their reasons.
	leftOut []result.Sample
	// samples are all of a results directory, as they are there; nil for a recording.
	samples []result.Sample
	proxy   string
}

// fromResults takes a series of a results directory.
func fromResults(s result.Series) series {
	out := series{unit: s.Unit, better: s.Better, status: s.Status, reason: s.Reason, proxy: s.Proxy, samples: s.Samples}
	for _, sample := range s.Samples {
		if !sample.Valid || sample.Value == nil {
			out.leftOut = append(out.leftOut, sample)
			continue
		}
		out.runs = append(out.runs, sample.Run)
		if sample.Censored {
			out.timeout(*sample.Value)
			continue
		}
		out.values = append(out.values, *sample.Value)
	}
	return out
}

// fromRecording takes a recorded series.
func fromRecording(s baseline.Series) series {
	out := series{unit: s.Unit, better: s.Better, status: result.Measured, values: slices.Clone(s.Samples)}
	for _, limit := range s.Censored {
		out.timeout(limit)
	}
	if len(out.values) == 0 {
		out.status, out.reason = result.Failed, "the recording has no sample"
	}
	return out
}

func (s *series) timeout(limit float64) {
	s.values = append(s.values, math.Inf(1))
	if s.timeouts == 0 || limit < s.limit {
		s.limit = limit
	}
	s.timeouts++
}

// impossible names what no series of samples may hold, whatever its kind; "" when it holds none of it.
func (s series) impossible() string {
	if s.timeouts > 0 && s.better == metric.Higher {
		return "timed-out samples of a metric that is better when higher"
	}
	measured := s.measured()
	if len(measured)+s.timeouts != len(s.values) || slices.ContainsFunc(measured, func(v float64) bool { return !finite(v) }) {
		return "samples that are no finite numbers"
	}
	return ""
}

// measured are the values that did not time out.
func (s series) measured() []float64 {
	return slices.DeleteFunc(slices.Clone(s.values), func(v float64) bool { return math.IsInf(v, 1) })
}

// constant tells whether there are several values and all are equal.
func (s series) constant() bool {
	return len(s.values) > 1 && slices.Min(s.values) == slices.Max(s.values)
}

func (s series) median() float64 {
	m, err := stat.Median(s.values)
	if err != nil {
		return math.NaN()
	}
	return m
}

func (s series) mean() float64 {
	m, err := stat.Mean(s.values)
	if err != nil {
		return math.NaN()
	}
	return m
}

// worst is the value furthest in the bad direction; NaN when there is none.
func (s series) worst() float64 {
	switch {
	case len(s.values) == 0:
		return math.NaN()
	case s.better == metric.Higher:
		return slices.Min(s.values)
	default:
		return slices.Max(s.values)
	}
}

func (s series) sum() float64 {
	total := 0.0
	for _, v := range s.values {
		total += v
	}
	return total
}

// run names the run of the i-th value.
func (s series) run(i int) string {
	if i < len(s.runs) {
		return fmt.Sprintf("run %d", s.runs[i])
	}
	return fmt.Sprintf("sample %d", i+1)
}

// worse turns a change into one that is positive when it is for the worse.
func worse(change float64, better metric.Direction) float64 {
	if better == metric.Higher {
		return -change
	}
	return change
}
