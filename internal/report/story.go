package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/logbook"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Story is what the runs of one scenario and their files tell beside the metrics.
type Story struct {
	Scenario string
	Nodes    int
	Runs     []RunStory
	// Machine is what the machine did in each run that counts, as far as that is on record.
	Machine []result.Machine
	// Complaints are what the nodes' logs complain of, the worst first; Dropped counts the lines that found no place there.
	Complaints []logbook.Entry
	Dropped    int
}

// RunStory is what the files of one run tell.
type RunStory struct {
	// Run is its number in the scenario.
	Run int
	// Peers is the mean over nodes of the peer count in each sweep of the steady window, in their order; NaN where no node's
	// gauge could be read.
	Peers []float64
	// Missing counts the looks at a gauge that failed.
	Missing int
}

// Stories writes how many peers the nodes had over time, who used the machine, and what the nodes' logs complain of. Location is the results directory,
// to point at logs.
func Stories(w io.Writer, stories []Story, style Style) error {
	p := newPainter(style)
	for _, s := range stories {
		p.section(scenarioName(s.Scenario)+": peers over time, mean of "+count(s.Nodes, "node"), timelines(s))
		p.section(scenarioName(s.Scenario)+": who used the machine", machineUse(s.Machine))
		p.section(scenarioName(s.Scenario)+": what the logs complain of", complaints(s, style.Location))
	}
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// timelines draws a line for each run, from no peer to all.
func timelines(s Story) []string {
	var lines []string
	for _, run := range s.Runs {
		var known []float64
		for _, mean := range run.Peers {
			if mean == mean {
				known = append(known, mean)
			}
		}
		if len(known) == 0 {
			continue
		}
		text := fmt.Sprintf("run %d: %s %s .. %s", run.Run, bars(shortened(run.Peers), float64(max(1, s.Nodes-1))),
			metric.Format(slices.Min(known), metric.Peers), metric.Format(slices.Max(known), metric.Peers))
		if run.Missing > 0 {
			text += fmt.Sprintf(", %s failed", count(run.Missing, "look"))
		}
		lines = append(lines, text)
	}
	return lines
}

// maxBars is how many moments of a run are drawn.
const maxBars = 60

// shortened takes of a long series the lowest value of each stretch, so that a dip is seen.
func shortened(values []float64) []float64 {
	if len(values) <= maxBars {
		return values
	}
	low := make([]float64, maxBars)
	for i := range low {
		low[i] = slices.Min(values[i*len(values)/maxBars : (i+1)*len(values)/maxBars]) // NaN where one is NaN
	}
	return low
}

// bars draws values from 0 to most in eight steps; what is not known is a blank.
func bars(values []float64, most float64) string {
	steps := []rune("▁▂▃▄▅▆▇█")
	var text strings.Builder
	for _, v := range values {
		switch {
		case v != v:
			text.WriteRune(' ')
		default:
			text.WriteRune(steps[min(max(int(v/most*float64(len(steps)-1)+0.5), 0), len(steps)-1)])
		}
	}
	return text.String()
}

// maxComplaints is how many messages of a scenario are told.
const maxComplaints = 12

// complaints tells what the logs say: kind, nodes, how often, the message, where it came first, the mend.
func complaints(s Story, location string) []string {
	var lines []string
	for i, e := range s.Complaints {
		if i == maxComplaints {
			rest := s.Dropped
			for _, more := range s.Complaints[i:] {
				rest += more.Count
			}
			lines = append(lines, fmt.Sprintf("and %s of %s", count(rest, "more line"), count(len(s.Complaints)-i, "other message")))
			break
		}
		lines = append(lines, complaint(e, s.Scenario, location))
	}
	return lines
}

func complaint(e logbook.Entry, scenario, location string) string {
	text := fmt.Sprintf("%s: %s %d×: %s (first in %s)", nodesOf(e.Nodes), e.Kind, e.Count, e.Message,
		fmt.Sprintf("%s/run-%02d/node-%d/node.log:%d", strings.TrimSuffix(location+"/"+scenario, "/"), e.First.Run, e.First.Node, e.First.Line))
	if mend := e.Mend(); mend != "" {
		text += ": " + mend
	}
	return text
}

// nodesOf names up to three nodes, and counts more of them.
func nodesOf(nodes []int) string {
	if len(nodes) > 3 {
		return count(len(nodes), "node")
	}
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = fmt.Sprint(n)
	}
	if len(nodes) == 1 {
		return "node " + names[0]
	}
	return "nodes " + strings.Join(names, ", ")
}
