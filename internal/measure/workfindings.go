package measure

import (
	"fmt"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/workload"
)

// workFindings lists what of a load did not come about, one finding for each kind of operation, and what nodes told that
// cannot be, one for each node.
func (n *Network) workFindings() []result.Finding {
	if n.Load == nil {
		return nil
	}
	var all []result.Finding
	for _, kind := range []workload.Kind{workload.Publish, workload.Put, workload.Get, workload.GetLocal, workload.Transfer, workload.Connect} {
		asked, failed, last := n.Load.outcomes(kind)
		if failed > 0 {
			all = append(all, result.Finding{Kind: result.FindingWork, Node: -1, Text: fmt.Sprintf("%s: %d of %d failed, the last with: %s", kind, failed, asked, last)})
		}
	}
	missing, published := n.missing()
	for i := range n.Nodes {
		if missing[i] > 0 {
			all = append(all, result.Finding{Kind: result.FindingWork, Node: i, Text: fmt.Sprintf("%d of the %d messages that others published never arrived", missing[i], published[i])})
		}
		count, first := 0, ""
		for _, a := range n.Load.Anomalies {
			if a.Node != i {
				continue
			}
			if count++; count == 1 {
				first = a.Text
			}
		}
		if count > 0 {
			all = append(all, result.Finding{Kind: result.FindingAnomaly, Node: i, Text: fmt.Sprintf("%d answers about messages cannot be or are not as they should, the first: %s", count, first)})
		}
	}
	return all
}

// missing counts for each node what others have published, and what of that never arrived at it.
func (n *Network) missing() (missing, published []int) {
	missing, published = make([]int, len(n.Nodes)), make([]int, len(n.Nodes))
	first := n.Load.firstReceptions()
	for _, m := range n.Load.Messages {
		for i := range n.Nodes {
			if i == m.Node || m.Err != "" {
				continue
			}
			published[i]++
			if _, arrived := first[m.Key][i]; !arrived {
				missing[i]++
			}
		}
	}
	return missing, published
}

// outcomes counts the operations of a kind, those that failed, and says why the last of them did.
func (l *Load) outcomes(kind workload.Kind) (asked, failed int, last string) {
	take := func(of workload.Kind, err string) {
		if of != kind {
			return
		}
		if asked++; err != "" {
			failed, last = failed+1, err
		}
	}
	for _, m := range l.Messages {
		take(m.Kind, m.Err)
	}
	for _, o := range l.Operations {
		take(o.Kind, o.Err)
	}
	return asked, failed, last
}
