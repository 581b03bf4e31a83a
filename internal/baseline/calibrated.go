package baseline

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// Calibration is what base against base has shown of one scenario or benchmark in one environment. A file has at most one of
// each.
type Calibration struct {
	// Environment is the fingerprint, never "".
	Environment string
	// Scenario is "" for builds and benchmarks, Benchmark the name of the benchmark, "" for scenarios and builds.
	Scenario  string
	Benchmark string
	// Configuration is the hash over what was measured, Subject the name of the program.
	Configuration string
	Subject       string
	// Time is when the last session began, in UTC.
	Time time.Time
	// Sessions is how many trials of base against base there were, above 0; Pairs how many pairs of runs they took together,
	// and FalseAlarms in how many of them a gated metric was called regressed.
	Sessions    int
	Pairs       int
	FalseAlarms int
	// Noise has an entry for each metric that varies, in the order of the built-in metrics, then by name.
	Noise []Noise
}

// Noise is how far one metric varies when nothing has changed. All figures are on the scale of natural logarithms, where
// a deviation of 0.05 is about 5 %, finite and, but for Lag1, at least 0.
type Noise struct {
	Metric string
	// Within is the standard deviation of a run inside of its session, Between that of the centers of sessions beyond what Within
	// explains.
	Within, Between float64
	// Pair is the standard deviation of the log ratio of a pair of runs, as the test of pairs sees it (stat.ClippedDeviation): below √2
	// times Within where the two share a state of the machine, or the noise has long tails.
	Pair float64
	// Lag1 is the correlation of each run with the next inside of a session, in [-1, 1]: far from 0 where the machine drifts.
	Lag1 float64
	// MDE is the smallest relative change for the worse (0.05 is +5 %) that a trial of the size of the calibration sees with 80 %
	// power; 0 when it is not known.
	MDE float64
}

// Calibration returns what is known of a scenario ("" for builds) in an environment.
func (f *File) Calibration(environment, scenario string) (Calibration, bool) {
	return f.calibration(slot{environment: environment, scenario: scenario})
}

// BenchmarkCalibration returns what is known of a benchmark in an environment.
func (f *File) BenchmarkCalibration(environment, benchmark string) (Calibration, bool) {
	return f.calibration(slot{environment: environment, benchmark: benchmark})
}

// Calibrations returns all of them, by environment and scenario. Their noises are the file's own: not to be changed.
func (f *File) Calibrations() []Calibration {
	if f == nil {
		return nil
	}
	return slices.Clone(f.calibrations)
}

func (f *File) calibration(at slot) (Calibration, bool) {
	for _, c := range f.Calibrations() {
		if c.slot() == at {
			return c, true
		}
	}
	return Calibration{}, false
}

// Of returns the noise of a metric.
func (c Calibration) Of(name string) (Noise, bool) {
	for _, n := range c.Noise {
		if n.Metric == name {
			return n, true
		}
	}
	return Noise{}, false
}

func (r *resolver) calibrations(wire []wireCalibration) []Calibration {
	var all []Calibration
	lines := map[slot]int{}
	for i, w := range wire {
		at := tomlfile.At("calibrated").Index(i)
		c := Calibration{
			Environment: w.Environment, Scenario: w.Scenario, Benchmark: w.Benchmark, Configuration: w.Configuration, Subject: w.Subject,
			Time: w.Time, Sessions: w.Sessions, Pairs: w.Pairs, FalseAlarms: w.FalseAlarms,
		}
		for _, name := range slices.Sorted(maps.Keys(w.Noise)) {
			n := w.Noise[name]
			c.Noise = append(c.Noise, Noise{Metric: name, Within: n.Within, Between: n.Between, Pair: n.Pair, Lag1: n.Lag1, MDE: n.MDE})
		}
		c = c.normal()
		if err := c.validate(); err != nil {
			r.problems.Add(at, "calibrate again", "%v", err)
		}
		if first, doubled := lines[c.slot()]; doubled {
			r.problems.Add(at, "delete one of the two", "environment and %s are those of line %d", c.slot().kind(), first)
		}
		lines[c.slot()] = r.doc.Line(at)
		all = append(all, c)
	}
	return sortedBySlot(all)
}

func (c Calibration) slot() slot {
	return slot{environment: c.Environment, scenario: c.Scenario, benchmark: c.Benchmark}
}

// normal is the calibration as it is after having been written and read.
func (c Calibration) normal() Calibration {
	c.Time = c.Time.UTC().Round(0)
	c.Noise = append([]Noise(nil), c.Noise...)
	slices.SortStableFunc(c.Noise, func(a, b Noise) int {
		return cmp.Or(cmp.Compare(place(a.Metric), place(b.Metric)), cmp.Compare(a.Metric, b.Metric))
	})
	return c
}

func (c Calibration) validate() error {
	if err := c.slot().validate(); err != nil {
		return err
	}
	switch {
	case !utf8.ValidString(c.Environment + c.Scenario + c.Benchmark + c.Configuration + c.Subject):
		return fmt.Errorf("a text is no UTF-8 text")
	case !writable(c.Time):
		return fmt.Errorf("the time is in the year %d", c.Time.Year())
	case c.Sessions < 1 || min(c.Pairs, c.FalseAlarms) < 0 || c.FalseAlarms > c.Sessions:
		return fmt.Errorf("%d false alarms in %d sessions of %d pairs cannot be", c.FalseAlarms, c.Sessions, c.Pairs)
	}
	for i, n := range c.Noise {
		if i > 0 && c.Noise[i-1].Metric == n.Metric {
			return fmt.Errorf("%s is there twice", n.Metric)
		}
		if err := n.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (n Noise) validate() error {
	if !metric.ValidName(n.Metric) {
		return fmt.Errorf("%q is no metric's name", n.Metric)
	}
	for _, v := range []float64{n.Within, n.Between, n.Pair, n.MDE} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %v is no finite number of at least 0", n.Metric, v)
		}
	}
	if !(math.Abs(n.Lag1) <= 1) {
		return fmt.Errorf("%s: a correlation of %v cannot be", n.Metric, n.Lag1)
	}
	return nil
}

// print writes a calibration as a table with one line for each metric.
func (c Calibration) print(b *strings.Builder) {
	b.WriteString("[[calibrated]]\n")
	what := Recording{Scenario: c.Scenario, Benchmark: c.Benchmark}.what()
	for _, pair := range []struct{ key, value string }{
		{"environment", c.Environment}, what, {"configuration", c.Configuration}, {"subject", c.Subject},
	} {
		fmt.Fprintf(b, "%s = %s\n", pair.key, quote(pair.value))
	}
	fmt.Fprintf(b, "time = %s\nsessions = %d\npairs = %d\nfalse_alarms = %d\n", writtenTime(c.Time), c.Sessions, c.Pairs, c.FalseAlarms)
	for _, n := range c.Noise {
		fmt.Fprintf(b, "%s = { within = %s, between = %s, pair = %s, lag1 = %s, mde = %s }\n",
			tomlfile.At("noise", n.Metric), number(n.Within), number(n.Between), number(n.Pair), number(n.Lag1), number(n.MDE))
	}
}
