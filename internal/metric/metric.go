// Package metric is the vocabulary of what perfgate measures: the built-in metrics with their units, directions and
// the kind of evidence that they give, and the reading and printing of values.
package metric

import "strings"

// Direction says which way a metric is better.
type Direction string

// The two directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// Kind says what sort of evidence a metric gives, and so which rule decides it.
type Kind int

// The kinds of evidence.
const (
	// Continuous values are noisy and positive (seconds, bytes in memory, rates): ranks of ratios decide, and a
	// series of zeros or of equal values is a fault of the measurement.
	Continuous Kind = iota
	// Level values are steps that are constant when all is well (peers, shares, whole pages): ranks decide, equal
	// values are welcome, zero is a value.
	Level
	// Event values count independent events of a run (disconnections, log lines): an exact test of rates decides.
	Event
	// Success values are 1 (succeeded) or 0 (not) for each run: an exact test of proportions decides.
	Success
	// Exact values carry no noise (the size of a file): the tolerance decides without statistics.
	Exact
	// Signed values lie around zero (slopes), where a ratio means nothing: only a target decides.
	Signed
)

// Origin says where a metric's value comes from.
type Origin int

// The origins.
const (
	FromRun   Origin = iota // one sample from each run of a scenario
	FromBuild               // one sample from each build; its scenario is ""
)

// Policy says what a metric's verdict does to the whole.
type Policy string

// The policies.
const (
	Block Policy = "block" // takes part in the whole verdict
	Warn  Policy = "warn"  // is reported as a warning, never changes the exit code
	Info  Policy = "info"  // is reported without judgement
)

// Contract levels of a node: what it offers to a measurement from outside.
const (
	L0 = iota // a process
	L1        // readiness and a metrics page with a peer gauge
	L2        // who knows whom
	L3        // messages, records, streams and connections on request
)

// Metric is one measured quantity.
type Metric struct {
	Name   string
	Unit   Unit
	Better Direction
	Kind   Kind
	Origin Origin
	// Level is the least contract level of a node that can give the metric (L0..L3).
	Level int
	// Policy is what the metric does when baselines.toml says nothing.
	Policy Policy
	// Tolerance is the smallest relative change that matters when baselines.toml says nothing (0.1 is 10 %).
	Tolerance float64
	// About says in one line what is measured.
	About string
}

// Default tolerances: the smallest relative change that matters where nobody said otherwise.
const (
	DefaultTolerance = 0.10
	ExactTolerance   = 0.02
)

// Lookup finds a built-in metric by name.
func Lookup(name string) (Metric, bool) {
	for _, m := range Builtin() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Describe returns the built-in metric of that name, or for any other name a metric with the given unit and direction and
// the default policy and tolerance. It is continuous, but for counts and shares. Of a benchmark only times and rates are: the
// bytes that an operation allocates, and what the benchmark counts in a unit of its own, are often equal and may be 0.
func Describe(name string, unit Unit, better Direction) Metric {
	if m, ok := Lookup(name); ok {
		return m
	}
	kind := Continuous
	switch {
	case unit == Count, unit == Ratio, unit == Peers, Benchmark(name) != "" && unit != Seconds && !Rate(unit):
		kind = Level
	}
	return Metric{Name: name, Unit: unit, Better: better, Kind: kind, Level: L1, Policy: Block, Tolerance: DefaultTolerance}
}

// Benchmark is the benchmark that a metric belongs to: what stands before the first "/" of its name, "" when there is none.
func Benchmark(name string) string {
	before, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return before
}

// ValidName tells whether a name may be given to a metric: letters, digits, "_", "-", ".", "/" (for benchmarks), at most
// 128 bytes, not starting with a separator.
func ValidName(name string) bool {
	if name == "" || len(name) > 128 || strings.ContainsAny(name[:1], "_-./") {
		return false
	}
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("_-./", r) {
			return false
		}
	}
	return true
}
