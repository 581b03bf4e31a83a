// Package measure turns what was observed of one run into its metrics. It sees values only: the same observations give
// the same metrics.
package measure

import (
	"fmt"
	"math"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// Network is all that was observed of one run. Times are counted from t0, the instant before the first node was started.
type Network struct {
	Scenario suite.Scenario
	// Node is the part of the configuration that says what the pages mean.
	Node suite.Node
	// Level is the contract level that the nodes reached.
	Level int
	Nodes []Node
	// Formed says that the expected graph came to hold, between FormedLow and FormedHigh.
	Formed     bool
	FormedLow  time.Duration
	FormedHigh time.Duration
	// FormationCPU is the CPU time of all nodes until formed; FormationCPUErr says why it could not be read, "" when it was.
	FormationCPU    time.Duration
	FormationCPUErr string
	// SteadyFrom and SteadyTo bound the steady window, from its beginning to the end of the last look; both are zero when
	// there was none.
	SteadyFrom time.Duration
	SteadyTo   time.Duration
	// Load is what came of the scenario's workloads; nil when the nodes were never under load. LoadErr says what kept it from
	// beginning, "" when nothing is known.
	Load    *Load
	LoadErr string
	// Volatile says that the nodes' storage lies on a file system that never writes to a disk.
	Volatile bool
	// Sockets are the readings of what the kernel shows of the nodes' sockets, in their order; empty where nobody looked.
	Sockets []Sockets
	// Failure says what made the run useless, "" when nothing did. A network that did not form is no failure.
	Failure string
}

// Node is what was observed of one node. Looks of one kind are in the order in which they were made.
type Node struct {
	// Launched is the instant before the node was started; zero for the first one.
	Launched time.Duration
	// ReadyLow and ReadyHigh bound the moment at which the node became ready, if it did.
	Ready     bool
	ReadyLow  time.Duration
	ReadyHigh time.Duration
	// FormationCPU is the node's part of the network's, 0 when it could not be read.
	FormationCPU time.Duration
	// Peers are the looks at the peer gauge, Known the answers to the question whom the node knows.
	Peers  []Reading
	Known  []Knowledge
	Memory []Memory
	Usage  []Usage
	// QUIC are the questions to the listen port, in the steady window.
	QUIC []QUICLook
	// Custom are the looks at further series, by the name of their metric.
	Custom map[string][]Reading
	// Log is nil when the log was not read.
	Log *LogCounts
}

// Reading is one look at a series: Value held at some moment between Sent and Received. When Err is not "", there is none.
type Reading struct {
	Sent     time.Duration
	Received time.Duration
	Value    float64
	Err      string
}

// Knowledge is one answer of a node that says whom it knows. When Err is not "", there is none.
type Knowledge struct {
	Sent     time.Duration
	Received time.Duration
	ID       string
	Peers    []string
	Err      string
}

// Memory is what a node held at a moment, in bytes. When Err is not "", it could not be read.
type Memory struct {
	At                      time.Duration
	RSS, PSS, Private, Peak float64
	Err                     string
}

// Usage is what a node had used by a moment. When Err is not "", it could not be read.
type Usage struct {
	At         time.Duration
	CPU        time.Duration
	WriteBytes float64
	Err        string
}

// LogCounts are the lines of a node's log that the monitoring guide searches for.
type LogCounts struct {
	Errors   int // lines with ERROR or panic
	Warnings int // lines with WARN
	Slow     int // lines with slow, timeout or exceeded
}

// Impossible says why a peer count cannot be, "" when it can: counts are whole, not negative, and at most N-1.
func Impossible(peers float64, nodes int) string {
	switch {
	case math.IsNaN(peers) || math.IsInf(peers, 0):
		return fmt.Sprintf("the gauge shows %v, which is no count", peers)
	case peers < 0:
		return fmt.Sprintf("the gauge shows %v peers, fewer than none", peers)
	case peers != math.Trunc(peers):
		return fmt.Sprintf("the gauge shows %v peers, which is not whole", peers)
	case peers > float64(nodes-1):
		return fmt.Sprintf("the gauge shows %v peers in a network of %d nodes, where %d is the most", peers, nodes, nodes-1)
	}
	return ""
}

// LevelName writes a contract level.
func LevelName(level int) string { return fmt.Sprintf("L%d", level) }

// offersGauge tells whether the nodes show a peer gauge.
func (n *Network) offersGauge() bool { return n.Level >= metric.L1 }

func (n *Network) outbound() bool { return n.Node.PeersCount == suite.PeersOutbound }

// inSteady tells whether a moment lies in the steady window.
func (n *Network) inSteady(at time.Duration) bool {
	return n.SteadyTo > n.SteadyFrom && at >= n.SteadyFrom && at <= n.SteadyTo
}

// gaugeFault says what impossible value any node's gauge showed first, "" when none did.
func (n *Network) gaugeFault() string {
	for i, node := range n.Nodes {
		for _, r := range node.Peers {
			if r.Err != "" {
				continue
			}
			if why := n.impossible(r); why != "" {
				return fmt.Sprintf("gauge_invalid: node %d: %s", i, why)
			}
		}
	}
	return ""
}

// counts are the looks at a node's gauge that showed a count which can be.
func (n *Network) counts(node Node) []Reading {
	var all []Reading
	for _, r := range node.Peers {
		if r.Err == "" && n.impossible(r) == "" {
			all = append(all, r)
		}
	}
	return all
}
