package measure

import (
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func (n *Network) startup(m metric.Metric) result.Measurement {
	var low, high time.Duration
	for i, node := range n.Nodes {
		if !node.Ready {
			return result.Failure(m, fmt.Sprintf("node %d was not ready within %v", i, n.Scenario.FormationTimeout))
		}
		low, high = max(low, node.ReadyLow), max(high, node.ReadyHigh)
	}
	return result.Event(m, low.Seconds(), high.Seconds())
}

func (n *Network) formation(m metric.Metric) result.Measurement {
	var measured result.Measurement
	switch {
	case n.Formed:
		measured = result.Event(m, n.FormedLow.Seconds(), n.FormedHigh.Seconds())
	case n.Failure != "": // nobody waited until the timeout
		return result.Failure(m, n.Failure)
	default:
		measured = result.Value(m, n.Scenario.FormationTimeout.Seconds())
		measured.Censored = true
	}
	measured.Proxy = n.proxy()
	return measured
}

// proxy says what stands in for the graph when the nodes do not show it.
func (n *Network) proxy() string {
	switch {
	case n.outbound():
		return "the gauge counts outbound connections only: formed when every node but the first has one and all together have N-1"
	case n.Scenario.Expect.Graph == suite.Connected && n.Level < metric.L2:
		return "connectedness is judged by peer counts: the nodes do not show who knows whom"
	}
	return ""
}

func (n *Network) formationCPU(m metric.Metric) result.Measurement {
	switch {
	case !n.Formed:
		return result.Failure(m, n.notFormed())
	case n.FormationCPUErr != "":
		return result.Failure(m, n.FormationCPUErr)
	}
	return result.Value(m, n.FormationCPU.Seconds())
}

func (n *Network) formationSuccess(m metric.Metric) result.Measurement {
	switch {
	case n.Formed:
		return result.Value(m, 1)
	case n.Failure != "":
		return result.Failure(m, n.Failure)
	}
	return result.Value(m, 0)
}

func (n *Network) notFormed() string {
	return fmt.Sprintf("the network did not form within %v", n.Scenario.FormationTimeout)
}
