package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/logbook"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

func TestStories(t *testing.T) {
	long := make([]float64, 600)
	for i := range long {
		long[i] = 4
	}
	long[301] = 0 // one dip among many
	var entries []logbook.Entry
	for i := range 15 {
		entries = append(entries, logbook.Entry{Kind: logbook.Warning, Message: "m", Count: i + 1, Nodes: []int{0, 1, 2, 3}, First: logbook.Place{Run: 2, Node: 0, Line: 9}})
	}
	entries[0] = logbook.Entry{Kind: logbook.Refused, Message: "dial <addr>\x1b[31m", Count: 12, Nodes: []int{3}, First: logbook.Place{Run: 1, Node: 3, Line: 7}}
	phase := func(nodes, own float64) *result.MachinePhase {
		return &result.MachinePhase{NodesRatio: &nodes, OwnRatio: &own, OthersRatio: new(0.0)}
	}
	used := []result.Machine{
		{Forming: phase(0.9, 0.06), Steady: phase(0.2, 0.02), Load: phase(0.4, 0.03)}, {Forming: phase(0.7, 0.02), Steady: &result.MachinePhase{}},
		{Forming: phase(0.8, 0.05)},
	}
	var text strings.Builder
	err := report.Stories(&text, []report.Story{
		{Scenario: "mesh", Nodes: 5, Runs: []report.RunStory{
			{Run: 1, Peers: []float64{0, 2, 4, math.NaN(), 4}, Missing: 5}, {Run: 2, Peers: long}, {Run: 3, Peers: []float64{math.NaN()}},
		}, Machine: used, Complaints: entries, Dropped: 3},
		{Scenario: "quiet", Nodes: 2},
	}, report.Style{Location: "/results"})
	if err != nil {
		t.Fatal(err)
	}
	want := `
mesh: peers over time, mean of 5 nodes
  - run 1: ▁▅█ █ 0 .. 4, 5 looks failed
  - run 2: ` + strings.Repeat("█", 30) + "▁" + strings.Repeat("█", 29) + ` 0 .. 4

mesh: who used the machine
  - forming: nodes 80%, perfgate itself 5%, others 0%
  - steady window: nodes 20%, perfgate itself 2%, others 0%
  - under load: nodes 40%, perfgate itself 3%, others 0%

mesh: what the logs complain of
  - node 3: connection refused 12×: dial <addr>?[31m (first in /results/mesh/run-01/node-3/node.log:7): is the bootstrap running, and do the firewall's rules allow connections to localhost? perfgate doctor tries both
`
	got := text.String()
	if !strings.HasPrefix(got, want) {
		t.Errorf("-want +got\n%s", cmp.Diff(want, got[:min(len(got), len(want))]))
	}
	if !strings.HasSuffix(got, "  - and 45 more lines of 3 other messages\n") || strings.Count(got, "4 nodes: warning ") != 11 {
		t.Errorf("the end:\n%s", got)
	}
	if strings.Contains(got, "quiet") {
		t.Error("a scenario without a story has a title")
	}
}
