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
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/tomlfile"
)

func (r *resolver) recordings(wire []wireRecording) []Recording {
	var all []Recording
	lines := map[slot]int{}
	for i, w := range wire {
		at := tomlfile.At("recorded").Index(i)
		rec := Recording{
			Environment: w.Environment, EnvironmentNote: w.Note, Scenario: w.Scenario, Benchmark: w.Benchmark, Release: w.Release,
			Configuration: w.Configuration, Subject: w.Subject, Commit: w.Commit, BinarySHA256: w.BinarySHA256, Time: w.Time,
		}
		for _, name := range slices.Sorted(maps.Keys(w.Traits)) {
			rec.Traits = append(rec.Traits, result.Trait{Name: strings.ReplaceAll(name, "_", " "), Value: w.Traits[name]})
		}
		for _, name := range slices.Sorted(maps.Keys(w.Series)) {
			s := w.Series[name]
			rec.Series = append(rec.Series, Series{
				Metric: name, Unit: metric.Unit(s.Unit), Better: metric.Direction(s.Better), Samples: s.Samples, Censored: s.Censored,
				Commit: s.Commit, Time: s.Time,
			})
		}
		rec = rec.normal()
		for _, s := range rec.Series {
			if err := s.validate(); err != nil {
				r.problems.Add(at.Key("series").Key(s.Metric), "record again", "%v", err)
			}
		}
		if err := rec.validate(); err != nil {
			r.problems.Add(at, "record again", "%v", err)
		}
		if first, doubled := lines[rec.slot()]; doubled {
			r.problems.Add(at, "delete one of the two", "environment and %s are those of line %d", rec.slot().kind(), first)
		}
		lines[rec.slot()] = r.doc.Line(at)
		all = append(all, rec)
	}
	return sortedBySlot(all)
}

// slot is what a file has at most one recording of.
type slot struct {
	environment, scenario, benchmark string
	release                          bool
}

func (r Recording) slot() slot { return slot{r.Environment, r.Scenario, r.Benchmark, r.Release != ""} }

// String names what a slot is for: scenario "mesh", benchmark "codec", scenario "mesh" of a release.
func (s slot) String() string {
	text := fmt.Sprintf("%s %q", s.kind(), s.scenario+s.benchmark)
	if s.release {
		text += " of a release"
	}
	return text
}

// kind says what a slot is for.
func (s slot) kind() string {
	if s.benchmark != "" {
		return "benchmark"
	}
	return "scenario"
}

func (s slot) rank() int {
	if s.release {
		return 1
	}
	return 0
}

func (s slot) validate() error {
	if s.environment == "" {
		return fmt.Errorf("the environment is missing")
	}
	if s.scenario != "" && s.benchmark != "" {
		return fmt.Errorf("it is of scenario %q and of benchmark %q", s.scenario, s.benchmark)
	}
	return nil
}

// normal is the recording as it is after having been written and read.
func (r Recording) normal() Recording {
	r.Time = r.Time.UTC().Round(0)
	r.Traits = known(r.Traits)
	series := make([]Series, 0, len(r.Series))
	for _, s := range r.Series {
		s.Samples = append([]float64(nil), s.Samples...)
		s.Censored = append([]float64(nil), s.Censored...)
		s.Time = s.Time.UTC().Round(0)
		series = append(series, s)
	}
	slices.SortStableFunc(series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(place(a.Metric), place(b.Metric)), cmp.Compare(a.Metric, b.Metric))
	})
	r.Series = series
	return r
}

// known are the traits that have a value, by name; nil for none.
func known(traits []result.Trait) []result.Trait {
	var all []result.Trait
	for _, t := range traits {
		if t.Value != "" {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b result.Trait) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// place is the rank of a metric among the built-in ones; all others come after them.
func place(name string) int {
	builtin := metric.Builtin()
	if i := slices.IndexFunc(builtin, func(m metric.Metric) bool { return m.Name == name }); i >= 0 {
		return i
	}
	return len(builtin)
}

// slotted is what stands in a slot of the file.
type slotted interface{ slot() slot }

// sortedBySlot orders by environment, scenario and benchmark.
func sortedBySlot[T slotted](all []T) []T {
	slices.SortStableFunc(all, func(x, y T) int {
		a, b := x.slot(), y.slot()
		return cmp.Or(cmp.Compare(a.environment, b.environment), cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.benchmark, b.benchmark),
			cmp.Compare(x.slot().rank(), y.slot().rank()))
	})
	return all
}

// validateWhole asks for the series too, which a file's reader does one by one, to name the line of each.
func (r Recording) validateWhole() error {
	if err := r.validate(); err != nil {
		return err
	}
	names := map[string]bool{}
	for _, s := range r.Series {
		if err := s.validate(); err != nil {
			return fmt.Errorf("%s: %w", s.Metric, err)
		}
		if names[s.Metric] {
			return fmt.Errorf("%s is there twice", s.Metric)
		}
		names[s.Metric] = true
	}
	return nil
}

func (r Recording) validate() error {
	if err := r.slot().validate(); err != nil {
		return err
	}
	for _, t := range r.Traits {
		if !utf8.ValidString(t.Name+t.Value) || strings.Contains(t.Name, "_") {
			return fmt.Errorf("%q is no trait of an environment", t.Name)
		}
	}
	for _, text := range []string{r.Environment, r.EnvironmentNote, r.Scenario, r.Benchmark, r.Release, r.Configuration, r.Subject, r.Commit, r.BinarySHA256} {
		if !utf8.ValidString(text) {
			return fmt.Errorf("%q is no UTF-8 text", text)
		}
	}
	if !writable(r.Time) {
		return fmt.Errorf("the time is in the year %d", r.Time.Year())
	}
	return nil
}

func (s Series) validate() error {
	switch {
	case !metric.ValidName(s.Metric):
		return fmt.Errorf("%q is no metric's name", s.Metric)
	case s.Unit == "" || !utf8.ValidString(string(s.Unit)):
		return fmt.Errorf("unit %q is none", s.Unit)
	case s.Better != metric.Lower && s.Better != metric.Higher:
		return fmt.Errorf("better is %q, not lower or higher", s.Better)
	case len(s.Samples)+len(s.Censored) == 0:
		return fmt.Errorf("there is no sample")
	case !utf8.ValidString(s.Commit):
		return fmt.Errorf("commit %q is no UTF-8 text", s.Commit)
	case !writable(s.Time):
		return fmt.Errorf("the time is in the year %d", s.Time.Year())
	}
	for _, v := range slices.Concat(s.Samples, s.Censored) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%v is no finite number", v)
		}
	}
	return nil
}

// ranked are the values of a series, in which a time-out is larger than any value.
func (s Series) ranked() []float64 {
	values := slices.Clone(s.Samples)
	for range s.Censored {
		values = append(values, math.Inf(1))
	}
	return values
}

// writable tells the times that TOML knows.
func writable(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// writtenTime is a time as TOML writes it; reading it gives the same time.
func writtenTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
