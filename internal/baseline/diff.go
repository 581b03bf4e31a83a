package baseline

import (
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// Change is how one recorded metric moved. It compares medians and judges nothing: that is the business of a comparison.
type Change struct {
	Environment string
	Scenario    string
	// Release tells that the recordings are those of releases.
	Release bool
	Metric  string
	// Unit and Better are those of the newer recording that has the metric.
	Unit   metric.Unit
	Better metric.Direction
	// Old and New are medians in the base unit, +Inf where at least half of the runs timed out; nil where there is no
	// recording.
	Old, New *float64
	// Relative is New/Old - 1 (0.1 is +10 %); nil without both, with another unit, at an old value of 0, and where one of
	// them is infinite.
	Relative *float64
}

// Diff tells of each metric of two sets of recordings how its median moved, in the order of recordings: by environment,
// scenario and metric.
func Diff(earlier, later []Recording) []Change {
	var union []Recording
	for _, r := range sortedBySlot(append(append([]Recording(nil), later...), earlier...)) {
		if n := len(union); n > 0 && union[n-1].slot() == r.slot() {
			continue
		}
		union = append(union, r)
	}
	var changes []Change
	for _, r := range union {
		before, after := find(earlier, r.slot()), find(later, r.slot())
		both := Recording{Series: after.Series}
		for _, s := range before.Series {
			if _, there := after.series(s.Metric); !there {
				both.Series = append(both.Series, s)
			}
		}
		for _, s := range both.normal().Series {
			changes = append(changes, change(r.slot(), before, after, s))
		}
	}
	return changes
}

func change(at slot, before, after Recording, s Series) Change {
	c := Change{Environment: at.environment, Scenario: at.scenario, Release: at.release, Metric: s.Metric, Unit: s.Unit, Better: s.Better}
	was, hasOld := before.series(s.Metric)
	is, hasNew := after.series(s.Metric)
	c.Old, c.New = median(was, hasOld), median(is, hasNew)
	if c.Old == nil || c.New == nil || was.Unit != is.Unit || *c.Old == 0 || math.IsInf(*c.Old, 0) || math.IsInf(*c.New, 0) {
		return c
	}
	relative := *c.New / *c.Old - 1
	c.Relative = &relative
	return c
}

// median is over values and time-outs, which rank above all values.
func median(s Series, there bool) *float64 {
	if !there {
		return nil
	}
	m, err := stat.Median(s.ranked())
	if err != nil {
		return nil
	}
	return &m
}

func find(all []Recording, at slot) Recording {
	for _, r := range all {
		if r.slot() == at {
			return r
		}
	}
	return Recording{}
}

func (r Recording) series(name string) (Series, bool) {
	for _, s := range r.Series {
		if s.Metric == name {
			return s, true
		}
	}
	return Series{}, false
}
