package doctor

import (
	"fmt"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

const (
	// perConnection is the CPU time that a connection between two libp2p nodes costs both of them together.
	perConnection = 9 * time.Millisecond
	// slack is how many times as long formation may take on a busy machine.
	slack = 3
)

// checkTimeouts says whether the networks of a suite can form in the time that they get on so many cores. Measured has the
// longest formation of each scenario in the last results, in seconds.
func checkTimeouts(s *suite.Suite, cores int, measured map[string]float64) outcome {
	var tight []string
	worst, tightest := 0.0, ""
	for _, scenario := range s.Scenarios {
		expected, source := estimate(scenario, cores), "as estimated"
		if seconds, ok := measured[scenario.Name]; ok {
			expected, source = seconds, "as measured"
		}
		limit := scenario.FormationTimeout.Seconds()
		text := fmt.Sprintf("%s (%s) forms in %s (%s) and has %s", scenario.Name, counted(scenario.Nodes, "node"),
			metric.Format(expected, metric.Seconds), source, metric.Format(limit, metric.Seconds))
		if slack*expected > limit {
			tight = append(tight, text)
		}
		if share := expected / limit; tightest == "" || share > worst {
			worst, tightest = share, text
		}
	}
	if len(tight) > 0 {
		return doubtful(strings.Join(tight, "; "), "a busy moment is enough, and the network has not formed by its timeout",
			"raise formation_timeout, measure fewer nodes, or expect connected or min_peers=K")
	}
	if len(s.Scenarios) > 1 {
		tightest += "; the others have more to spare"
	}
	return fine(tightest)
}

// estimate is how many seconds a network needs to form when every core works for it alone.
func estimate(s suite.Scenario, cores int) float64 {
	return float64(connections(s)) * perConnection.Seconds() / float64(max(1, cores))
}

// connections is the least number of connections by which the expected graph can hold.
func connections(s suite.Scenario) int {
	switch s.Expect.Graph {
	case suite.FullMesh:
		return s.Nodes * (s.Nodes - 1) / 2
	case suite.MinPeers:
		return max(s.Nodes-1, (s.Nodes*s.Expect.Min+1)/2)
	default:
		return s.Nodes - 1
	}
}
