// Package suite is perfgate.toml: what to build, how to start a node, and the scenarios and benchmarks to measure. A
// Suite is resolved and validated: every default is filled in and every value can be used as it stands.
package suite

import (
	"time"

	"github.com/communitas/perfgate/internal/metric"
)

// Schema names the version of perfgate.toml.
const Schema = "perfgate.config/1"

// Suite is a whole configuration.
type Suite struct {
	Subject    Subject
	Node       Node
	Scenarios  []Scenario
	Benchmarks []Benchmark
}

// Scenario returns the scenario of that name.
func (s *Suite) Scenario(name string) (Scenario, bool) {
	for _, sc := range s.Scenarios {
		if sc.Name == name {
			return sc, true
		}
	}
	return Scenario{}, false
}

// Subject says how the program under test is built.
type Subject struct {
	// Name is what results and baselines call the program.
	Name string
	// Build and Clean are command lines, run in the folder of perfgate.toml; empty when there is nothing to run.
	Build []string
	Clean []string
	// Binary is the file that the build leaves, relative to the folder of perfgate.toml or absolute.
	Binary string
	// Paths are the parts of the repository that the binary is made of.
	Paths []string
	// BuildRuns is the number of builds that are measured, at least 1.
	BuildRuns int
}

// PeersCount says what the peer gauge counts.
type PeersCount string

// What a gauge may count.
const (
	PeersAll      PeersCount = "all"      // every connected peer, whoever dialled
	PeersOutbound PeersCount = "outbound" // only the connections that the node itself dialled
)

// Node says how a node is started, watched and stopped. Strings may hold the placeholders of Placeholders.
type Node struct {
	Args []string
	// BootstrapArgs are appended for every node but the first, once for each bootstrap.
	BootstrapArgs []string
	// Config is the template of {dir}/config.toml, "" when none is written.
	Config string
	// Env are defaults: a value in the caller's environment wins.
	Env map[string]string
	// Ready and Metrics are paths on the control address, "" when the node has no such page.
	Ready   string
	Metrics string
	// Peers is the name of the gauge that counts connected peers, "" when there is none.
	Peers      string
	PeersCount PeersCount
	// Probe is the base path of the probe API, "" when there is none.
	Probe string
	// StopSignal is one of StopSignals; StopTimeout is how long it may take before SIGKILL.
	StopSignal  string
	StopTimeout time.Duration
	// Custom are further series to keep, sorted by name.
	Custom []CustomMetric
}

// CustomMetric is a series of a node's metrics page that is kept under a name of perfgate's.
type CustomMetric struct {
	Metric metric.Metric
	// Series is the Prometheus name, Path the page that shows it.
	Series string
	Path   string
}

// Graph is a shape that a network is expected to take.
type Graph string

// The shapes.
const (
	FullMesh  Graph = "full_mesh"
	Connected Graph = "connected"
	MinPeers  Graph = "min_peers"
)

// Expectation is the graph that counts as formed.
type Expectation struct {
	Graph Graph
	// Min is the least number of peers of every node, for MinPeers only.
	Min int
}

// Scenario is how many nodes, under which conditions, for how long.
type Scenario struct {
	// Name is a safe name of a folder.
	Name string
	// Nodes is from 1 to MaxNodes.
	Nodes int
	// Duration is the steady window after formation.
	Duration time.Duration
	// Runs is the number of samples, at least 1; Warmup runs come first and are discarded, 0 for none.
	Runs   int
	Warmup int
	// Quiet is the time without any change that ends topology_convergence_time; it may be longer than Duration, and then
	// that metric cannot be measured.
	Quiet            time.Duration
	Expect           Expectation
	FormationTimeout time.Duration
	// Args are appended to those of every node in this scenario, behind Node.Args and before Node.BootstrapArgs, with the same
	// placeholders.
	Args []string
	// Workloads are what the nodes are asked to do in the second half of the steady window; none leaves them idle.
	Workloads []Workload
	// Tags are what --tag selects by; with none the scenario is taken by name only.
	Tags []string
}

// Benchmark is a command that prints numbers.
type Benchmark struct {
	// Name is the first part of its metrics' names: NAME/metric.
	Name    string
	Command []string
	// Format is one of Formats.
	Format string
	Runs   int
	Warmup int
	Tags   []string
}
