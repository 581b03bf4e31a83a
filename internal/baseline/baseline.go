// Package baseline is baselines.toml: the people's part with targets, tolerances, policies and waivers, and the
// machine's part with the recorded samples. Whatever the machine writes, every byte of the people's part stays.
package baseline

import (
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Schema names the version of baselines.toml.
const Schema = "perfgate.baselines/1"

// Rule is what holds for one metric of one scenario, after all defaults.
type Rule struct {
	// Target is the absolute budget, nil when there is none.
	Target *Target
	// TargetErr says that the file has a target which does not fit the unit of the metric, so that it cannot be judged;
	// Target is then nil. It is a *tomlfile.Error. File.Check finds it before anything is decided.
	TargetErr error
	// Tolerance is the smallest relative change that matters (0.1 is 10 %).
	Tolerance float64
	// Floor is the smallest absolute change that matters, beside Tolerance; nil when the file names none.
	Floor *Floor
	// FloorErr says that the file has a floor which does not fit the unit of the metric. Floor is then nil. It is a *tomlfile.Error.
	FloorErr error
	// Policy is for the relative verdict, TargetPolicy for that of the target. A policy in the file is both, unless
	// target_policy says otherwise. Without one, Policy is the metric's own and TargetPolicy is block: a share of the CPU, say, is too noisy to be compared with
	// another day's, and its budget is meant to hold all the same.
	Policy       metric.Policy
	TargetPolicy metric.Policy
	// ToleranceOrigin, PolicyOrigin and TargetPolicyOrigin say where each comes from, as Target.Origin does.
	ToleranceOrigin, PolicyOrigin, TargetPolicyOrigin string
	// Waiver is the accepted regression that names this metric, also when its date has passed; nil when there is none.
	Waiver *Waiver
}

// DefaultOrigin is that of what no file says.
const DefaultOrigin = "default"

// Floor is an absolute size such as "1ms", below which a change does not matter.
type Floor struct {
	// Value is in the metric's base unit, at least 0.
	Value float64
	// Text is what the person wrote.
	Text string
	// Origin says where it comes from: "baselines.toml:12".
	Origin string
}

// Target is an absolute budget such as "< 30s".
type Target struct {
	// Op is one of "<", "<=", ">", ">=", "=".
	Op string
	// Value is in the metric's base unit.
	Value float64
	// Text is what the person wrote.
	Text string
	// Origin says where the target comes from: "baselines.toml:12" or DefaultOrigin.
	Origin string
}

// Waiver accepts a regression of one metric up to a size and a date.
type Waiver struct {
	Metric string
	// Scenario is "" when the waiver holds for every scenario.
	Scenario string
	// Until is the last day on which the waiver holds (midnight UTC of that date).
	Until time.Time
	// Max is the largest relative change in the bad direction that is waived (0.15 is 15 %), above 0.
	Max    float64
	Reason string
	// Line is where it stands in the file.
	Line int
}

// Recording is what a machine recorded of one scenario or benchmark in one environment. A file has at most two of each: the
// current one, which is refreshed, and that of the last release, which stays until the next release.
type Recording struct {
	// Environment is the fingerprint, never "", EnvironmentNote what a person can read of it.
	Environment     string
	EnvironmentNote string
	// Traits are what the environment is told apart by, those that are known; nil in files of older versions.
	Traits []result.Trait
	// Scenario is "" for builds and benchmarks, Benchmark the name of the benchmark, "" for scenarios and builds.
	Scenario  string
	Benchmark string
	// Release is the version that was measured, "" for the current recording.
	Release string
	// Configuration is the hash over what was measured.
	Configuration string
	// Subject is the name of the program, Commit the whole SHA ("" when what was measured is no commit), BinarySHA256 of
	// its file.
	Subject      string
	Commit       string
	BinarySHA256 string
	// Time is in UTC.
	Time time.Time
	// Series are in the order of the built-in metrics, then by name.
	Series []Series
}

// Series is one recorded metric.
type Series struct {
	Metric string
	Unit   metric.Unit
	Better metric.Direction
	// Samples are the raw values of the valid runs in their order, in the base unit.
	Samples []float64
	// Censored are the time-outs of runs in which the event did not happen.
	Censored []float64
	// Commit and Time are where the samples come from when they are older than the recording that they stand in: those that a
	// refresh has kept. "" and the zero time say that they are the recording's own.
	Commit string
	Time   time.Time
}
