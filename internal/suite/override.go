package suite

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Overrides are the flags that change scenarios. The zero value changes nothing.
type Overrides struct {
	// Nodes, Duration and Runs replace the values of the file unless they are 0.
	Nodes    int
	Duration time.Duration
	Runs     int
	// Warmup replaces the number of warm-up runs unless it is nil; 0 runs none.
	Warmup *int
}

// Override returns the suite with all scenarios changed, and the benchmarks where they have such a number (runs and
// warm-up). The texts, such as "--nodes 7", are the overrides by which something else is measured than what the file
// says: under them no stored baseline and no target of a scenario applies. A value that cannot be is an error, which
// names the scenario.
func (s *Suite) Override(o Overrides) (*Suite, []string, error) {
	changed := *s
	changed.Scenarios, changed.Benchmarks = slices.Clone(s.Scenarios), slices.Clone(s.Benchmarks)
	nodes, duration := false, false
	var errs []error
	for i := range changed.Scenarios {
		sc := &changed.Scenarios[i]
		nodes = replace(&sc.Nodes, o.Nodes) || nodes
		duration = replace(&sc.Duration, o.Duration) || duration
		replace(&sc.Runs, o.Runs)
		sc.Warmup = or(o.Warmup, sc.Warmup)
		errs = append(errs, asErrors("scenario", sc.Name, sc.problems())...)
	}
	for i := range changed.Benchmarks {
		b := &changed.Benchmarks[i]
		replace(&b.Runs, o.Runs)
		b.Warmup = or(o.Warmup, b.Warmup)
		errs = append(errs, asErrors("benchmark", b.Name, b.problems())...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	var texts []string
	if nodes {
		texts = append(texts, fmt.Sprintf("--nodes %d", o.Nodes))
	}
	if duration {
		texts = append(texts, fmt.Sprintf("--duration %v", o.Duration))
	}
	return &changed, texts, nil
}

// replace sets a value that was given and tells whether that changed it.
func replace[T comparable](value *T, given T) bool {
	var none T
	if given == none || *value == given {
		return false
	}
	*value = given
	return true
}

func asErrors(what, name string, problems []problem) []error {
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("%s %s: %s: %s (%s)", what, name, p.key, p.text, p.hint))
	}
	return errs
}
