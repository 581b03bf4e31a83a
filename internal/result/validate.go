package result

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/metric"
)

// Limits on what is read: results may come from a stranger.
const (
	MaxBytes   = 64 << 20 // size of results.json
	MaxSeries  = 20_000
	MaxSamples = 10_000 // of one series
	maxText    = 16 << 10
	maxName    = 200
)

// Validate says what is wrong with results that were read or are to be written: another schema, doubled series, a
// series that is shorter than it says, runs without a number, values that are no numbers, a reason that is missing. Nil when all holds.
func (r *Results) Validate() error {
	if r.Schema != Schema {
		return fmt.Errorf("schema %q is not %q: written by another version of perfgate; measure again with this one or compare with that one", r.Schema, Schema)
	}
	if len(r.Series) > MaxSeries {
		return fmt.Errorf("%d series are more than %d", len(r.Series), MaxSeries)
	}
	if err := r.validateScenarios(); err != nil {
		return err
	}
	if err := r.Subject.validate(); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	if err := r.Trial.validate(); err != nil {
		return err
	}
	if err := r.validateRuns(); err != nil {
		return err
	}
	return r.validateSeries()
}

func (r *Results) validateRuns() error {
	for _, run := range r.Runs {
		if run.Run < 0 || run.Run > MaxSamples {
			return fmt.Errorf("run %d of %q: runs count from 1 to %d", run.Run, run.Scenario+run.Benchmark, MaxSamples)
		}
	}
	return nil
}

func (r *Results) validateSeries() error {
	seen := map[key]bool{}
	for _, s := range r.Series {
		k := key{s.Scenario, s.Metric}
		if seen[k] {
			return fmt.Errorf("%s is there twice", label(s))
		}
		seen[k] = true
		if _, known := r.PlanOf(s.Scenario, s.Metric); !known {
			return fmt.Errorf("%s belongs to no scenario of the file", label(s))
		}
		if err := s.validate(); err != nil {
			return fmt.Errorf("%s: %w", label(s), err)
		}
	}
	return nil
}

func (s Subject) validate() error {
	if len(s.Builds) > MaxSamples {
		return fmt.Errorf("%d builds are more than %d", len(s.Builds), MaxSamples)
	}
	if err := s.Anatomy.validate(); err != nil {
		return fmt.Errorf("anatomy: %w", err)
	}
	return nil
}

func (r *Results) validateScenarios() error {
	if len(r.Scenarios) > MaxSeries {
		return fmt.Errorf("%d scenarios are more than %d", len(r.Scenarios), MaxSeries)
	}
	seen := map[key]bool{}
	for _, s := range r.Scenarios {
		k := key{s.Name, s.Benchmark}
		if seen[k] {
			return fmt.Errorf("%s is there twice", s.label())
		}
		seen[k] = true
		if err := s.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (s Scenario) label() string {
	if s.Benchmark != "" {
		return fmt.Sprintf("benchmark %q", s.Benchmark)
	}
	return fmt.Sprintf("scenario %q", s.Name)
}

func (s Scenario) validate() error {
	for _, name := range []string{s.Name, s.Benchmark} {
		if len(name) > maxName || !utf8.ValidString(name) {
			return fmt.Errorf("the name of a scenario or benchmark is no short text")
		}
	}
	switch {
	case s.Benchmark != "" && s.Name != "":
		return fmt.Errorf("%s belongs to scenario %q, and benchmarks belong to none", s.label(), s.Name)
	case s.Nodes < 0 || s.Runs < 0:
		return fmt.Errorf("%s has %d nodes and %d runs", s.label(), s.Nodes, s.Runs)
	}
	return nil
}

func label(s Series) string {
	if s.Scenario == "" {
		return fmt.Sprintf("series %q", s.Metric)
	}
	return fmt.Sprintf("series %q of scenario %q", s.Metric, s.Scenario)
}

func (s Series) validate() error {
	switch {
	case !metric.ValidName(s.Metric):
		return fmt.Errorf("the name is no metric's name")
	case s.Unit == "" || len(s.Unit) > maxName:
		return fmt.Errorf("unit %q is none", s.Unit)
	case s.Better != metric.Lower && s.Better != metric.Higher:
		return fmt.Errorf("better is %q, not lower or higher", s.Better)
	case len(s.Reason) > maxText:
		return fmt.Errorf("the reason is longer than %d bytes", maxText)
	case s.Count != 0 && s.Count != len(s.Samples): // a file of the least content announces nothing
		return fmt.Errorf("%d samples where %d are announced: the file was cut", len(s.Samples), s.Count)
	case len(s.Samples) > MaxSamples:
		return fmt.Errorf("%d samples are more than %d", len(s.Samples), MaxSamples)
	}
	if err := s.validateSamples(); err != nil {
		return err
	}
	return s.validateStatus()
}

func (s Series) validateSamples() error {
	runs := map[int]bool{}
	for i, sample := range s.Samples {
		if err := sample.validate(); err != nil {
			return fmt.Errorf("sample %d: %w", i+1, err)
		}
		if runs[sample.Run] {
			return fmt.Errorf("sample %d: run %d has one already: a run gives one sample", i+1, sample.Run)
		}
		runs[sample.Run] = true
	}
	return nil
}

func (s Series) validateStatus() error {
	usable := 0
	for _, sample := range s.Samples {
		if sample.usable() {
			usable++
		}
	}
	switch s.Status {
	case Measured:
		if usable == 0 {
			return fmt.Errorf("measured without a valid sample")
		}
	case NotMeasurable, Failed:
		if usable > 0 {
			return fmt.Errorf("%s with %d valid samples", s.Status, usable)
		}
		if s.Reason == "" {
			return fmt.Errorf("%s without a reason", s.Status)
		}
	default:
		return fmt.Errorf("status %q is none of measured, not_measurable, failed", s.Status)
	}
	return nil
}

func (s Sample) validate() error {
	switch {
	case s.Run < 1 || s.Run > MaxSamples:
		return fmt.Errorf("run %d: runs count from 1 to %d", s.Run, MaxSamples)
	case s.Value == nil && s.Valid:
		return fmt.Errorf("valid without a value")
	case s.Value == nil && s.Reason == "":
		return fmt.Errorf("no value and no reason")
	case s.Low != nil && s.High != nil && *s.Low > *s.High:
		return fmt.Errorf("interval [%v, %v] is upside down", *s.Low, *s.High)
	}
	if slices.ContainsFunc([]*float64{s.Value, s.Low, s.High}, func(v *float64) bool { return v != nil && !finite(*v) }) {
		return fmt.Errorf("a value is no finite number")
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
