package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/suite"
)

// examineNodes says of a running node which contract level it reaches, and which rules of docs/PROBE.md it breaks. The second
// address, if there is one, is of a node in the same network.
func examineNodes(ctx context.Context, node suite.Node, addresses []string) ([]diagnosis.Finding, error) {
	var subjects []probe.Subject
	for _, addr := range addresses {
		if _, err := netip.ParseAddrPort(addr); err != nil {
			return nil, usage("--node %s: want the control address as IP:PORT", addr)
		}
		subjects = append(subjects, probe.Subject{
			Name: addr, Control: addr, Ready: node.Ready, Metrics: node.Metrics, Probe: node.Probe, PeerGauge: node.Peers,
		})
	}
	if len(subjects) > 2 {
		return nil, usage("--node: give one node, or two of the same network")
	}
	var other *probe.Subject
	if len(subjects) == 2 {
		other = &subjects[1]
	}
	return nodeFindings(subjects[0].Name, probe.Examine(ctx, subjects[0], other)), nil
}

// nodeFindings puts an examination into the words of doctor. A level that is not reached is no fault of a node that does
// not claim it: only L1 is needed to measure at all.
func nodeFindings(name string, e probe.Examination) []diagnosis.Finding {
	var findings []diagnosis.Finding
	for _, step := range e.Steps {
		f := diagnosis.Finding{Group: diagnosis.Node, Name: step.Name, Severity: diagnosis.OK, Text: "holds"}
		var texts []string
		for _, p := range step.Problems {
			texts = append(texts, p.Text)
			if at := "docs/PROBE.md, " + string(p.Section); !strings.Contains(f.Mend, at) {
				f.Mend = strings.TrimPrefix(f.Mend+"; "+at, "; ")
			}
		}
		if len(texts) > 0 {
			f.Text = strings.Join(texts, "; ")
		}
		switch {
		case step.Status == probe.Skipped:
			f.Text, f.Mend = "not tried: "+f.Text, "give a second --node of the same network"
		case step.Status == probe.Absent:
			f.Text = "not offered: " + f.Text
		case step.Status == probe.Violated && step.Level == 1:
			f.Severity, f.Cost = diagnosis.Bad, "no metric of the network can be measured"
		case step.Status == probe.Violated:
			f.Severity, f.Cost = diagnosis.Warn, fmt.Sprintf("metrics of level %v", step.Level)
		}
		findings = append(findings, f)
	}
	reached := diagnosis.Finding{Group: diagnosis.Node, Name: "contract level", Severity: diagnosis.OK, Text: fmt.Sprintf("%s offers %v", name, e.Level)}
	if e.Partly {
		reached.Text += ", as far as one node can show"
	}
	return slices.Insert(findings, 0, reached)
}
