package report

import (
	"fmt"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// machineUse tells for each phase of the runs who used the machine: medians over the runs in which it is known.
func machineUse(runs []result.Machine) []string {
	var lines []string
	for _, phase := range []struct {
		name string
		of   func(result.Machine) *result.MachinePhase
	}{
		{"forming", func(m result.Machine) *result.MachinePhase { return m.Forming }},
		{"steady window", func(m result.Machine) *result.MachinePhase { return m.Steady }},
		{"under load", func(m result.Machine) *result.MachinePhase { return m.Load }},
	} {
		var nodes, own, others []float64
		for _, m := range runs {
			if p := phase.of(m); p != nil && p.NodesRatio != nil && p.OwnRatio != nil && p.OthersRatio != nil {
				nodes, own, others = append(nodes, *p.NodesRatio), append(own, *p.OwnRatio), append(others, *p.OthersRatio)
			}
		}
		if len(nodes) > 0 {
			lines = append(lines, fmt.Sprintf("%s: nodes %s, perfgate itself %s, others %s",
				phase.name, medianShare(nodes), medianShare(own), medianShare(others)))
		}
	}
	return lines
}

func medianShare(ratios []float64) string {
	median, err := stat.Median(ratios)
	if err != nil {
		return "unknown"
	}
	return metric.Format(median, metric.Ratio)
}
