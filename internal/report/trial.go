package report

import (
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
)

// trial says how far each plan of a trial has come: pairs, looks, what is void, and what is open.
func trial(v compare.Verdict) []string {
	if v.Trial == nil {
		return nil
	}
	var lines []string
	for _, p := range v.Trial.Plans {
		line := fmt.Sprintf("%s: %s", planName(p.Plan), count(p.Measured, "pair"))
		if n := len(p.Void); n > 0 {
			line += fmt.Sprintf(", %d of them void", n)
		}
		switch {
		case p.Look == 0:
			line += fmt.Sprintf(", no look yet: the first is at %d", p.Next)
		case p.Next == 0:
			line += fmt.Sprintf(", the last look was at %d", p.Look)
		default:
			line += fmt.Sprintf(", looked at %d", p.Look)
		}
		switch n := len(p.Open); {
		case n == 0:
			line += "; everything that blocks is decided"
		case p.Next > 0:
			line += fmt.Sprintf("; open until the look at %d or later: %s", p.Next, several(p.Open))
		default:
			line += "; not decided: " + several(p.Open)
		}
		lines = append(lines, line)
	}
	return lines
}

func planName(p compare.Plan) string {
	if p.Benchmark != "" {
		return "benchmark " + plain(p.Benchmark)
	}
	return "scenario " + plain(p.Scenario)
}

// several names up to four of what there may be many of.
func several(names []string) string {
	const most = 4
	if len(names) > most {
		return plain(strings.Join(names[:most], ", ")) + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return plain(strings.Join(names, ", "))
}
