// Package bench runs the command of a benchmark and reads the numbers that it gives: Go benchmarks, Criterion, libtest,
// hyperfine, and a plain JSON list. One execution is one run and gives one value of each metric: what the tool repeats
// inside of it are sub-samples, and their median is the value.
//
// Each format is a pure function on what the command left. It reads all of it or refuses it with a reason that names the
// place: a number that cannot be read is never left out, and never 0.
package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// MaxMetrics is how many metrics one benchmark may give: results are for people, and each test takes its share of the error
// budget.
const MaxMetrics = 1000

// Value is what one execution says of one metric.
type Value struct {
	// Metric has a name of the form BENCHMARK/NAME and a base unit of perfgate's, or a word of the benchmark's own.
	Metric metric.Metric
	// Value is finite, in that unit: the median of the sub-samples.
	Value float64
	// Repeats is how many sub-samples there were, at least 1.
	Repeats int
}

// ErrNothing says that there was no result to read.
var ErrNothing = errors.New("no result")

// reading is one number as a format has read it.
type reading struct {
	// name is what the tool calls the benchmark; part is which of its values this is, "" for the chief one.
	name, part string
	// written is the unit as the tool wrote it, where a benchmark has several values and it alone tells them apart.
	written string
	unit    metric.Unit
	better  metric.Direction
	value   float64
	// place is where it was read, for errors.
	place string
}

// collection puts the readings of one execution together.
type collection struct {
	benchmark string
	order     []string // metric names as they came
	metrics   map[string]*gathered
}

// gathered is all that was read for one metric.
type gathered struct {
	first  reading
	values []float64
}

func newCollection(benchmark string) *collection {
	return &collection{benchmark: benchmark, metrics: map[string]*gathered{}}
}

// add takes a reading. It refuses what is no number, a metric that changes its unit or direction, and two that would have
// one name.
func (c *collection) add(r reading) error {
	if math.IsNaN(r.value) || math.IsInf(r.value, 0) {
		return fmt.Errorf("%s: %q has the value %v, which is no finite number", r.place, r.name, r.value)
	}
	name := MetricName(c.benchmark, r.name, r.part)
	g, known := c.metrics[name]
	if !known {
		if len(c.order) == MaxMetrics {
			return fmt.Errorf("%s: more than %d metrics (select some of them in the benchmark's command)", r.place, MaxMetrics)
		}
		c.order = append(c.order, name)
		c.metrics[name] = &gathered{first: r, values: []float64{r.value}}
		return nil
	}
	switch {
	case g.first.name != r.name || g.first.written != r.written:
		return fmt.Errorf("%s: %q and %q (%s) would both be called %s: give one of them another name",
			r.place, label(r), label(g.first), g.first.place, name)
	case g.first.unit != r.unit:
		return fmt.Errorf("%s: %q is in %q, and in %q at %s", r.place, r.name, r.unit, g.first.unit, g.first.place)
	case g.first.better != r.better:
		return fmt.Errorf("%s: %q is better when %s, and %s at %s", r.place, r.name, r.better, g.first.better, g.first.place)
	}
	g.values = append(g.values, r.value)
	return nil
}

func label(r reading) string {
	if r.written == "" {
		return r.name
	}
	return r.name + " in " + r.written
}

// values are what was read, in the order in which it first came.
func (c *collection) values() ([]Value, error) {
	if len(c.order) == 0 {
		return nil, ErrNothing
	}
	all := make([]Value, 0, len(c.order))
	for _, name := range c.order {
		g := c.metrics[name]
		middle, err := stat.Median(slices.Clone(g.values))
		if err != nil {
			return nil, fmt.Errorf("median of %s: %w", name, err)
		}
		all = append(all, Value{Metric: metric.Describe(name, g.first.unit, g.first.better), Value: middle, Repeats: len(g.values)})
	}
	return all, nil
}
