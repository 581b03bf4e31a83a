// Package result is what one invocation measured: the series with their samples, the runs that gave them, the subject
// and the environment, and the files that keep them. It reads and writes streams; where files live is not its business.
package result

import (
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
)

// Schema names the version of results.json that this package writes. A reader accepts it and refuses every other.
const Schema = "perfgate.results/1"

// Results is all that compare, report and a replay need of one invocation.
type Results struct {
	Schema      string      `json:"schema"`
	Tool        Tool        `json:"tool"`
	Created     time.Time   `json:"created"`
	Subject     Subject     `json:"subject"`
	Environment Environment `json:"environment"`
	// Level is the contract level that the node reached, "L0" to "L3"; "" when no node was launched.
	Level string `json:"level,omitempty"`
	// Overrides are the flags that changed what was measured, such as "--nodes 7": with one of them no stored baseline
	// and no target of a scenario applies.
	Overrides []string   `json:"overrides,omitempty"`
	Scenarios []Scenario `json:"scenarios"`
	Runs      []Run      `json:"runs"`
	Series    []Series   `json:"series"`
	// Trial says that these results are one side of a trial; nil for a measurement by itself.
	Trial *Trial `json:"trial,omitempty"`
	// Interrupted says that the invocation ended before its plan, and why.
	Interrupted string `json:"interrupted,omitempty"`
}

// Tool is the program that wrote the results.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Subject is the program under test.
type Subject struct {
	Name string `json:"name"`
	// Commit is the whole SHA of the checkout that was built, "" outside git.
	Commit string `json:"commit"`
	// Dirty says that the checkout had uncommitted changes.
	Dirty        bool   `json:"dirty,omitempty"`
	BinarySHA256 string `json:"binary_sha256"`
	// Builds are the SHA-256 of each binary that the invocation built, in order; empty for a binary that was given.
	Builds []string `json:"builds,omitempty"`
	// Anatomy is what the last binary is made of; nil when nobody looked.
	Anatomy *Anatomy `json:"anatomy,omitempty"`
}

// Scenario is the plan that a series belongs to. Builds have the name "", and so has each benchmark, which Benchmark names.
type Scenario struct {
	Name string `json:"name"`
	// Benchmark is the name of the benchmark that this is the plan of, "" for scenarios and builds.
	Benchmark string `json:"benchmark,omitempty"`
	// Nodes is the number of nodes, 0 for builds and benchmarks.
	Nodes int `json:"nodes"`
	// Runs is the number of samples that were planned for each series.
	Runs int `json:"runs"`
	// Configuration is a hash over what is measured. Samples under different hashes are not comparable.
	Configuration   string  `json:"configuration"`
	DurationSeconds float64 `json:"duration_seconds,omitempty"`
	// Identical says that no run was needed: in a trial both sides would have started the same binary with the same files.
	Identical bool   `json:"identical,omitempty"`
	Expect    string `json:"expect,omitempty"`
}

// Status says whether a series was measured.
type Status string

// The states of a series.
const (
	Measured      Status = "measured"
	NotMeasurable Status = "not_measurable" // this node, window or file system cannot give the metric; no error
	Failed        Status = "failed"         // it should have been there
)

// Series is one metric of one scenario over runs.
type Series struct {
	Scenario string           `json:"scenario"`
	Metric   string           `json:"metric"`
	Unit     metric.Unit      `json:"unit"`
	Better   metric.Direction `json:"better"`
	Status   Status           `json:"status"`
	// Reason says why a series is not measured; for a measured one it may carry a remark on some of its samples.
	Reason string `json:"reason"`
	// Proxy says that the value stands in for one that the nodes cannot give exactly.
	Proxy string `json:"proxy,omitempty"`
	// Count is the number of samples that follow: a file that was cut is noticed by it.
	Count   int      `json:"count"`
	Samples []Sample `json:"samples"`
}

// Sample is what one run gave for one metric.
type Sample struct {
	// Run is the number of the run in its scenario, from 1.
	Run int `json:"run"`
	// Order is the place of the run in the invocation, from 1.
	Order int `json:"order,omitempty"`
	// Value is in the base unit of the series; nil when the run gave none, and Reason says why.
	Value *float64 `json:"value"`
	// Low and High bound the moment of an event that was seen by sampling: the last sample without it and the first
	// with it. Value is the upper end. Nil when there is no such interval.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
	// Censored says that the event did not happen by Value, the time-out.
	Censored bool `json:"censored"`
	// Valid says that the sample may be used by statistics.
	Valid  bool   `json:"valid"`
	Reason string `json:"reason,omitempty"`
}

// Run is the story of one network from launch to teardown, or of one execution of a benchmark.
type Run struct {
	Scenario string `json:"scenario"`
	// Benchmark is the name of the benchmark that was executed, "" for a network.
	Benchmark string `json:"benchmark,omitempty"`
	Run       int    `json:"run"` // from 1; warm-up runs count for themselves
	Warmup    bool   `json:"warmup,omitempty"`
	// Attempt counts from 2 when the run was measured again, since the machine was disturbed or, in a trial, a
	// page could not be read; 0 is the first. Samples
	// are those of the last attempt.
	Attempt int `json:"attempt,omitempty"`
	Order   int `json:"order"`
	// Block is the block of a trial that the run belongs to, from 1; 0 outside a trial. In a trial the runs of both sides
	// with one number and one scenario are a pair, and Order counts over both sides.
	Block int `json:"block,omitempty"`
	// Controls are what the machine itself needed for fixed work just before the run; nil when nobody asked.
	Controls *Controls `json:"controls,omitempty"`
	Started  time.Time `json:"started"`
	// T0MonotonicNS is t0, the instant before the first node was started, as CLOCK_MONOTONIC in nanoseconds: what other
	// programs of the machine write down can be set against the run's times by it. 0 when nothing was launched.
	T0MonotonicNS int64 `json:"t0_monotonic_ns,omitempty"`
	// ElapsedSeconds is the wall time from before the first launch until nothing of the run was left.
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	Formed         bool    `json:"formed"`
	// Failure says what made the run useless, "" when it was none.
	Failure string `json:"failure,omitempty"`
	// Invalid says what disturbed the machine so that no figure of the run counts, "" when nothing did.
	Invalid  string    `json:"invalid,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
	// Nodes has the figures of each node by itself, by the names of the metrics that put those of all nodes together, in the
	// metrics' units; nil for a run that was of no use. Nothing is decided by them: the run is one sample.
	Nodes []map[string]float64 `json:"nodes,omitempty"`
	// Cleanup is the proof that nothing of the run was left; nil for a run that was not tried.
	Cleanup *Cleanup `json:"cleanup,omitempty"`
	// Machine is what the machine did meanwhile; nil when the run was not tried.
	Machine *Machine `json:"machine,omitempty"`
}

// Finding is something that a person should know of a run.
type Finding struct {
	// Kind is one of the Finding constants.
	Kind string `json:"kind"`
	// Node is the index of the node, -1 when it concerns the whole run.
	Node int    `json:"node"`
	Text string `json:"text"`
}

// The kinds of findings.
const (
	FindingCrash          = "crash"           // a process ended before it was asked to
	FindingNotFormed      = "not_formed"      // the expected graph did not hold by the timeout
	FindingGaugeInvalid   = "gauge_invalid"   // a peer gauge showed what cannot be
	FindingGaugeDisagrees = "gauge_disagrees" // a peer gauge and another witness contradict each other
	FindingUnreadable     = "unreadable"      // a page or gauge could not be read
	FindingAsymmetric     = "asymmetric"      // one node claims a peer that never claimed it
	FindingStale          = "stale"           // one node keeps a peer that has dropped it
	FindingPhantom        = "phantom"         // one node claims a peer that is none of the network
	FindingStop           = "stop"            // a node did not stop on its signal
	FindingLogFlood       = "log_flood"       // a node wrote more to its log than a run may have
	FindingWork           = "work_failed"     // operations of a workload did not succeed
	FindingAnomaly        = "probe_anomaly"   // a node told of a message what cannot be
	FindingLeft           = "left_behind"     // something of the run is still on the machine
	FindingDisturbed      = "disturbed"       // the machine was busy with something else
	FindingChanged        = "changed"         // a benchmark gave other metrics than before, or in other units
)

// Find returns the series of a metric in a scenario.
func (r *Results) Find(scenario, name string) (Series, bool) {
	for _, s := range r.Series {
		if s.Scenario == scenario && s.Metric == name {
			return s, true
		}
	}
	return Series{}, false
}

// Scenario returns the plan of that name; "" is that of the builds.
func (r *Results) Scenario(name string) (Scenario, bool) { return r.Plan(name, "") }

// Plan returns the plan of a scenario, or with the name "" of a benchmark.
func (r *Results) Plan(name, benchmark string) (Scenario, bool) {
	for _, s := range r.Scenarios {
		if s.Name == name && s.Benchmark == benchmark {
			return s, true
		}
	}
	return Scenario{}, false
}

// PlanOf returns the plan that a metric of a scenario belongs to: that of its benchmark where there is one.
func (r *Results) PlanOf(scenario, name string) (Scenario, bool) {
	if benchmark := metric.Benchmark(name); scenario == "" && benchmark != "" {
		if plan, ok := r.Plan("", benchmark); ok {
			return plan, true
		}
	}
	return r.Scenario(scenario)
}

// SeriesOf returns the series that belong to a plan, in their order.
func (r *Results) SeriesOf(plan Scenario) []Series {
	var all []Series
	for _, s := range r.Series {
		if s.Scenario != plan.Name {
			continue
		}
		own := Scenario{}
		if metric.Benchmark(s.Metric) != "" {
			own, _ = r.PlanOf(s.Scenario, s.Metric)
		}
		if own.Benchmark == plan.Benchmark {
			all = append(all, s)
		}
	}
	return all
}

// RunsOf returns the runs of a plan, in their order.
func (r *Results) RunsOf(plan Scenario) []Run {
	var all []Run
	for _, run := range r.Runs {
		if run.Scenario == plan.Name && run.Benchmark == plan.Benchmark {
			all = append(all, run)
		}
	}
	return all
}

// Superseded tells whether a later attempt stands in for a run, whose files then have its place.
func (r *Results) Superseded(run Run) bool {
	return slices.ContainsFunc(r.Runs, func(other Run) bool {
		return other.Scenario == run.Scenario && other.Benchmark == run.Benchmark && other.Run == run.Run &&
			other.Warmup == run.Warmup && other.Attempt > run.Attempt
	})
}

// Usable returns the samples that statistics may use, in the order of their runs.
func (s Series) Usable() []Sample {
	var usable []Sample
	for _, sample := range s.Samples {
		if sample.usable() {
			usable = append(usable, sample)
		}
	}
	return usable
}

func (s Sample) usable() bool { return s.Valid && s.Value != nil }
