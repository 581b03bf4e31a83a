package result

import (
	"cmp"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
)

// Measurement is what one run, build or benchmark says of one metric.
type Measurement struct {
	Metric metric.Metric
	// Status of this one measurement; Reason is needed unless it is Measured.
	Status Status
	Reason string
	// Value in the metric's base unit, meaningful only when Status is Measured.
	Value float64
	// Low and High bound an event seen by sampling; both nil otherwise.
	Low, High *float64
	// Censored says that the event had not happened by Value.
	Censored bool
	// Invalid, when not "", keeps the value out of statistics and says why.
	Invalid string
	// Proxy says what stands in for the exact value, "" when it is exact.
	Proxy string
}

// Value is a plain measured value.
func Value(m metric.Metric, value float64) Measurement {
	return Measurement{Metric: m, Status: Measured, Value: value}
}

// Event is a moment seen by sampling, between low and high.
func Event(m metric.Metric, low, high float64) Measurement {
	return Measurement{Metric: m, Status: Measured, Value: high, Low: &low, High: &high}
}

// Unmeasurable is a metric that this node, window or file system cannot give.
func Unmeasurable(m metric.Metric, reason string) Measurement {
	return Measurement{Metric: m, Status: NotMeasurable, Reason: reason}
}

// Failure is a metric that should have been there and is not.
func Failure(m metric.Metric, reason string) Measurement {
	return Measurement{Metric: m, Status: Failed, Reason: reason}
}

// Assembler puts the measurements of runs together into series, in the order in which metrics are first seen.
type Assembler struct {
	keys   []key
	series map[key]*Series
}

type key struct{ scenario, metric string }

// Add takes the measurements of one run of a scenario. Run and order count from 1.
func (a *Assembler) Add(scenario string, run, order int, measurements []Measurement) {
	if a.series == nil {
		a.series = map[key]*Series{}
	}
	for _, m := range measurements {
		k := key{scenario, m.Metric.Name}
		s := a.series[k]
		if s == nil {
			s = &Series{
				Scenario: scenario, Metric: m.Metric.Name, Unit: m.Metric.Unit, Better: m.Metric.Better,
				Status: NotMeasurable,
			}
			a.series[k] = s
			a.keys = append(a.keys, k)
		}
		s.take(run, order, m)
	}
}

// Series returns what was assembled so far, the samples of each series in the order of their runs, whatever the order in which
// these were measured. A series is measured when at least one sample is valid, failed when one
// should have been there and none is valid, and not measurable otherwise.
func (a *Assembler) Series() []Series {
	all := make([]Series, 0, len(a.keys))
	for _, k := range a.keys {
		s := *a.series[k]
		s.Samples = slices.SortedStableFunc(slices.Values(s.Samples), func(a, b Sample) int { return cmp.Compare(a.Run, b.Run) })
		if s.Status == NotMeasurable {
			s.Samples = []Sample{}
		}
		s.Count = len(s.Samples)
		all = append(all, s)
	}
	return all
}

func (s *Series) take(run, order int, m Measurement) {
	sample := Sample{
		Run: run, Order: order, Low: m.Low, High: m.High, Censored: m.Censored,
		Valid: m.Status == Measured && m.Invalid == "", Reason: m.Reason,
	}
	if m.Status == Measured {
		sample.Value = &m.Value
		sample.Reason = m.Invalid
	}
	if m.Proxy != "" {
		s.Proxy = m.Proxy
	}
	s.Samples = append(s.Samples, sample)
	switch {
	case sample.Valid:
		if s.Status != Measured {
			s.Status, s.Reason = Measured, ""
		}
	case s.Status == Measured:
	case m.Status != NotMeasurable && s.Status == NotMeasurable:
		s.Status, s.Reason = Failed, sample.Reason
	case s.Reason == "":
		s.Reason = sample.Reason
	}
}
