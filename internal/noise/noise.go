// Package noise says how far each metric varies from run to run when nothing has changed: what a change must stand out from.
package noise

import (
	"errors"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Noise is how one series varies over its runs. A number that does not exist is nil, and Reason says why.
type Noise struct {
	Scenario string      `json:"scenario"`
	Metric   string      `json:"metric"`
	Unit     metric.Unit `json:"unit"`
	// Samples are the runs that count, Missing those that gave nothing that does.
	Samples int `json:"samples"`
	Missing int `json:"missing"`
	// Median, Least and Most are in the unit of the metric.
	Median *float64 `json:"median"`
	Least  *float64 `json:"least"`
	Most   *float64 `json:"most"`
	// CV is the sample's standard deviation over the mean, RobustCV 1.4826 times the median absolute deviation over the
	// median, which a few odd runs do not move. Both are ratios: 0.08 is 8 %.
	CV       *float64 `json:"cv"`
	RobustCV *float64 `json:"robust_cv"`
	// Autocorrelation is that of neighbouring runs, in [-1, 1]. Runs that do not influence one another, on a machine that does
	// not drift, give about -1/Samples, and seldom more than 2/√Samples from 0.
	Autocorrelation *float64 `json:"autocorrelation"`
	Reason          string   `json:"reason,omitempty"`
}

// Of returns the noise of each series that was measured, in their order.
func Of(r *result.Results) []Noise {
	var all []Noise
	for _, s := range r.Series {
		if s.Status == result.Measured {
			all = append(all, of(s))
		}
	}
	return all
}

func of(s result.Series) Noise {
	usable := s.Usable()
	slices.SortStableFunc(usable, func(a, b result.Sample) int { return a.Run - b.Run })
	n := Noise{Scenario: s.Scenario, Metric: s.Metric, Unit: s.Unit, Samples: len(usable), Missing: len(s.Samples) - len(usable)}
	values := make([]float64, len(usable))
	censored := 0
	for i, sample := range usable {
		values[i] = *sample.Value
		if sample.Censored {
			censored++
		}
	}
	if censored > 0 {
		n.Reason = fmt.Sprintf("%d of %d runs timed out: how long they would have taken is not known", censored, len(usable))
		return n
	}
	least, most := slices.Min(values), slices.Max(values)
	n.Least, n.Most = &least, &most
	n.note(&n.Median, stat.Median, values)
	n.note(&n.CV, stat.CV, values)
	if len(values) > 1 { // one value deviates from itself by nothing, which says nothing
		n.note(&n.RobustCV, stat.RobustCV, values)
	}
	n.note(&n.Autocorrelation, stat.Autocorrelation, values)
	return n
}

// note keeps a number, or why there is none; the first reason stands.
func (n *Noise) note(field **float64, of func([]float64) (float64, error), values []float64) {
	value, err := of(values)
	if err == nil {
		*field = &value
		return
	}
	if n.Reason != "" {
		return
	}
	switch {
	case errors.Is(err, stat.ErrTooFew):
		n.Reason = "too few runs"
	case errors.Is(err, stat.ErrZeroCenter):
		n.Reason = "a share of a center of 0 means nothing"
	case errors.Is(err, stat.ErrNoSpread):
		n.Reason = "the same in every run"
	default:
		n.Reason = err.Error()
	}
}
