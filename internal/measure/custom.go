package measure

import (
	"errors"
	"fmt"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// custom is the median over the steady window of a series of the node's own, mean over nodes. It needs the page that shows
// the series, not the peer gauge.
func (n *Network) custom(m metric.Metric) result.Measurement {
	if reason := n.noSteady(); reason != "" {
		return result.Failure(m, reason)
	}
	looks, missing, last := 0, 0, ""
	measured := n.perNode(m, func(node Node) (float64, error) {
		var values []float64
		reason := "it was never read"
		for _, r := range node.Custom[m.Name] {
			looks++
			switch {
			case r.Err != "":
				missing++
				reason, last = r.Err, r.Err
			case n.inSteady(r.Received):
				values = append(values, r.Value)
			}
		}
		if len(values) == 0 {
			return 0, errors.New(reason)
		}
		return stat.Median(values)
	})
	if measured.Status == result.Measured && float64(missing) > maxBlind*float64(looks) {
		measured.Invalid = fmt.Sprintf("%d of %d looks at the series failed, the last with: %s", missing, looks, last)
	}
	return measured
}
