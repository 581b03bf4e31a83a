package measure

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

// busyBootstrap is a calm network whose first node takes more than the others, as the one to which all come does.
func busyBootstrap() *Network {
	n := calm(3)
	first := &n.Nodes[0]
	for k := range first.Memory {
		first.Memory[k].Private, first.Usage[k].CPU = 9e6, time.Duration(k)*200*ms
	}
	for i := range n.Nodes {
		n.Nodes[i].FormationCPU = 50 * ms
	}
	first.FormationCPU = 200 * ms
	return n
}

// TestFlaw20FirstNodesLoadIsSeparable: all nodes come to the first one; what that costs it must not vanish in a mean.
func TestFlaw20FirstNodesLoadIsSeparable(t *testing.T) {
	calmShare := map[string]float64{
		"startup_time": 0.05, "formation_cpu": 0.05, "average_peers": 2, "memory_private": 1e6, "memory_per_node": 2e6 + 5, "memory_rss": 4e6,
		"memory_peak": 5e6, "memory_slope": 1, "cpu_idle": 0.02, "disk_write": 4096, "log_errors": 1, "log_warnings": 2, "log_slow": 3, "records": 7,
		"quic_reachable": 1, "quic_response_time": 0.002,
	}
	first := maps.Clone(calmShare)
	first["memory_private"], first["cpu_idle"], first["formation_cpu"] = 9e6, 0.2, 0.2

	n := busyBootstrap()
	if diff := cmp.Diff([]map[string]float64{first, calmShare, calmShare}, n.Shares(), nearly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if m := measured(t, n, "memory_private"); m.Value != (9e6+2e6)/3 {
		t.Errorf("the metric of the run is %v, want the mean", m.Value)
	}
}

func TestSharesThatAreNotThere(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Network)
		absent []string // of node 1; nil: there are no shares at all
	}{
		"a crash":       {func(n *Network) { n.Failure = "node 1: killed" }, nil},
		"not formed":    {func(n *Network) { n.Formed = false }, nil},
		"unread CPU":    {func(n *Network) { n.FormationCPUErr = "node 1: gone" }, []string{"formation_cpu"}},
		"outbound":      {func(n *Network) { n.Node.PeersCount = suite.PeersOutbound }, []string{"average_peers"}},
		"no gauge":      {func(n *Network) { n.Level = 0 }, []string{"average_peers", "formation_cpu"}},
		"a lie":         {func(n *Network) { n.Nodes[0].Peers[3].Value = 7 }, []string{"average_peers", "formation_cpu"}},
		"unread gauge":  {func(n *Network) { n.show(1, 4*s, 20*s, toError("reset")) }, []string{"average_peers"}},
		"a silent port": {func(n *Network) { n.say(1, 0, 0) }, []string{"quic_reachable", "quic_response_time"}},
		"no memory":     {func(n *Network) { n.Nodes[1].Memory = nil }, []string{"memory_private", "memory_per_node", "memory_rss", "memory_peak", "memory_slope"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := busyBootstrap()
			whole := n.Shares()[1]
			test.change(n)
			shares := n.Shares()
			if test.absent == nil {
				if shares != nil {
					t.Errorf("there are %v", shares)
				}
				return
			}
			for _, name := range test.absent {
				delete(whole, name)
			}
			if diff := cmp.Diff(whole, shares[1], nearly); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
