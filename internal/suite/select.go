package suite

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/tomlfile"
)

// Select keeps what is to be measured: the scenarios and benchmarks that are named, or, when none is named, all that
// carry one of the tags ("pr" when no tag is given either). The order of the file stays. A name or tag that the suite
// does not have is an error, and so is a selection of nothing; the text says what there is.
func (s *Suite) Select(names, benchmarks, tags []string) (*Suite, error) {
	selected := *s
	if len(names) > 0 || len(benchmarks) > 0 {
		err := errors.Join(
			allKnown("scenario", names, scenarioNames(s.Scenarios)), allKnown("benchmark", benchmarks, benchmarkNames(s.Benchmarks)))
		if err != nil {
			return nil, err
		}
		selected.Scenarios = keep(s.Scenarios, func(sc Scenario) bool { return slices.Contains(names, sc.Name) })
		selected.Benchmarks = keep(s.Benchmarks, func(b Benchmark) bool { return slices.Contains(benchmarks, b.Name) })
		return &selected, nil
	}
	if len(tags) == 0 {
		tags = []string{defaultTag}
	}
	if err := allKnown("tag", tags, s.tags()); err != nil {
		return nil, err
	}
	tagged := func(own []string) bool {
		return slices.ContainsFunc(own, func(tag string) bool { return slices.Contains(tags, tag) })
	}
	selected.Scenarios = keep(s.Scenarios, func(sc Scenario) bool { return tagged(sc.Tags) })
	selected.Benchmarks = keep(s.Benchmarks, func(b Benchmark) bool { return tagged(b.Tags) })
	return &selected, nil
}

// tags returns all tags of the suite, sorted.
func (s *Suite) tags() []string {
	all := map[string]bool{}
	for _, sc := range s.Scenarios {
		for _, tag := range sc.Tags {
			all[tag] = true
		}
	}
	for _, b := range s.Benchmarks {
		for _, tag := range b.Tags {
			all[tag] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func allKnown(what string, asked, known []string) error {
	var errs []error
	for _, word := range asked {
		if slices.Contains(known, word) {
			continue
		}
		list := "there is none"
		if len(known) > 0 {
			list = "there are: " + strings.Join(known, ", ")
		}
		if near := tomlfile.Nearest(word, known); near != "" {
			list = fmt.Sprintf("did you mean %s? %s", near, list)
		}
		errs = append(errs, fmt.Errorf("no %s %q in the suite (%s)", what, word, list))
	}
	return errors.Join(errs...)
}

func scenarioNames(all []Scenario) []string {
	var names []string
	for _, sc := range all {
		names = append(names, sc.Name)
	}
	return names
}

func benchmarkNames(all []Benchmark) []string {
	var names []string
	for _, b := range all {
		names = append(names, b.Name)
	}
	return names
}

// keep returns the elements that hold, in a slice of its own.
func keep[T any](all []T, holds func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return !holds(t) })
}
