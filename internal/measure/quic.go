package measure

import (
	"cmp"
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// QUICLook is one question to a node's listen port for the versions of QUIC that it speaks. When Err is not "", there was no
// answer, and it says why.
type QUICLook struct {
	// Sent is when the request was sent that was answered, Received when its answer came.
	Sent     time.Duration
	Received time.Duration
	Err      string
}

// quic measures what the listen ports say. A node is reachable when it answered at least half of the looks at it: one look
// may be lost on a busy machine, while a port that has died half-way has not served the window. A network in which no port
// ever answered speaks something else, which is no fault.
func (n *Network) quic(m metric.Metric) result.Measurement {
	if !n.Node.Listens(n.Scenario) {
		return result.Unmeasurable(m, "no argument tells the nodes where to listen: there is no {listen}")
	}
	looked, reachable, last := 0, 0, ""
	var times []float64
	for _, node := range n.Nodes {
		answered := 0
		for _, look := range node.QUIC {
			if look.Err != "" {
				last = look.Err
				continue
			}
			answered++
			times = append(times, (look.Received - look.Sent).Seconds())
		}
		if len(node.QUIC) > 0 {
			looked++
		}
		if answered > 0 && 2*answered >= len(node.QUIC) {
			reachable++
		}
	}
	switch {
	case looked == 0:
		return result.Unmeasurable(m, "no listen port was asked for QUIC: "+cmp.Or(n.noSteady(), "the steady window was too short"))
	case len(times) == 0:
		return result.Unmeasurable(m, fmt.Sprintf("no node's listen port speaks QUIC: %s", last))
	case m.Name == "quic_reachable":
		return result.Value(m, float64(reachable)/float64(looked))
	}
	median, err := stat.Median(times)
	if err != nil {
		return result.Failure(m, err.Error())
	}
	return result.Value(m, median)
}
