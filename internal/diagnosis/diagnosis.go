// Package diagnosis has the words for what an examination of a machine or a project found: what is so, how bad that is,
// what it costs, and the mend.
package diagnosis

import (
	"fmt"
	"slices"
)

// Severity says how bad a finding is.
type Severity string

// The severities, the best first.
const (
	OK   Severity = "ok"
	Warn Severity = "warn" // measuring works, with doubtful figures or a weaker promise
	Bad  Severity = "bad"  // measuring does not work
)

// Group is the part of the world that a finding is about.
type Group string

// The groups, in the order in which they are shown.
const (
	Machine     Group = "machine"
	Limits      Group = "limits"
	Project     Group = "project"
	Network     Group = "network"
	LastResults Group = "last results"
	Workflows   Group = "workflows"
	Node        Group = "node"
)

// Finding is what one check found.
type Finding struct {
	Group Group `json:"group"`
	// Name is the check's, unique among the findings of one examination.
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	// Text is what is so, never "".
	Text string `json:"text"`
	// Cost says in one clause which measurement is impossible or doubtful because of it; "" when it costs nothing. A finding
	// that is OK may have one: then what is missing is an extra.
	Cost string `json:"cost,omitempty"`
	// Mend says what to do about it, "" when there is nothing to do.
	Mend string `json:"mend,omitempty"`
}

// Worst is the worst severity among the findings; OK when there are none.
func Worst(findings []Finding) Severity {
	order := []Severity{OK, Warn, Bad}
	worst := 0
	for _, f := range findings {
		worst = max(worst, slices.Index(order, f.Severity))
	}
	return order[worst]
}

// Tally counts the findings: "21 checks: 17 ok, 3 warn, 1 bad". Severities that nothing has are left out.
func Tally(findings []Finding) string {
	text, separator := fmt.Sprintf("%d checks", len(findings)), ": "
	if len(findings) == 1 {
		text = "1 check"
	}
	for _, severity := range []Severity{OK, Warn, Bad} {
		n := 0
		for _, f := range findings {
			if f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			text += fmt.Sprintf("%s%d %s", separator, n, severity)
			separator = ", "
		}
	}
	return text
}
