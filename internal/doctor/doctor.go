// Package doctor examines the machine, the project and its last results, and says of each fault what it costs and how to
// mend it. Nothing of what a check makes or starts outlives it.
package doctor

import (
	"context"
	"io/fs"
	"runtime"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/suite"
)

// Examination is what the checks need to know. Its zero value examines nothing but the machine.
type Examination struct {
	// Root is the file system of the machine, from which /proc and /sys are read.
	Root fs.FS
	// Config is the name of the configuration and Suite what it holds.
	Config string
	Suite  *suite.Suite
	// Project is the folder of the configuration, absolute.
	Project string
	// Binary is the subject, absolute; Build the command that makes it, nil when a person named the binary.
	Binary string
	Build  []string
	// BasePort and BaseMetricsPort are the first ports that a person fixed, 0 when they are chosen.
	BasePort, BaseMetricsPort int
	// State is the folder of everything that perfgate keeps, absolute.
	State string
	// Out is where results go, absolute; it need not be there yet.
	Out string
	// Results is the directory of the last results, "" when there is none.
	Results string
	// Launch starts one node of the subject, which may take LaunchTimeout, above 0, to become ready.
	Launch        bool
	LaunchTimeout time.Duration
	// Workflows asks for the checks of act also where act is not installed. DockerHost is the value of DOCKER_HOST.
	Workflows  bool
	DockerHost string
}

// outcome is what a check says; its name and group stand in the table.
type outcome struct {
	severity         diagnosis.Severity
	text, cost, mend string
}

func fine(text string) outcome { return outcome{severity: diagnosis.OK, text: text} }

// lacking is fine but for an extra that is missing.
func lacking(text, cost, mend string) outcome { return outcome{diagnosis.OK, text, cost, mend} }

func doubtful(text, cost, mend string) outcome { return outcome{diagnosis.Warn, text, cost, mend} }

func broken(text, cost, mend string) outcome { return outcome{diagnosis.Bad, text, cost, mend} }

// turn says when a check may run.
type turn int

const (
	alone    turn = iota // before all others: they would disturb it
	together             // beside the others of this turn
	last                 // one after the other, in their order: they use the same ports
)

// check is one line of an examination.
type check struct {
	group diagnosis.Group
	name  string
	turn  turn
	// linux says that elsewhere nothing can be said.
	linux bool
	run   func(context.Context) outcome
}

// Examine runs all checks and returns what they found in the order of their groups. When the context ends the checks that
// wait return early, with what they know.
func (e *Examination) Examine(ctx context.Context) []diagnosis.Finding {
	checks := e.checks()
	findings := make([]diagnosis.Finding, len(checks))
	run := func(i int) {
		c := checks[i]
		o := doubtful("unknown on this system", "", "")
		if !c.linux || runtime.GOOS == "linux" {
			o = c.run(ctx)
		}
		findings[i] = diagnosis.Finding{Group: c.group, Name: c.name, Severity: o.severity, Text: o.text, Cost: o.cost, Mend: o.mend}
	}
	for _, now := range []turn{alone, together, last} {
		var beside sync.WaitGroup
		for i, c := range checks {
			switch {
			case c.turn != now:
			case now == together:
				beside.Go(func() { run(i) })
			default:
				run(i)
			}
		}
		beside.Wait()
	}
	return findings
}

// nodes is the size of the largest network of the suite, 0 when there is none.
func (e *Examination) nodes() int {
	nodes := 0
	if e.Suite != nil {
		for _, scenario := range e.Suite.Scenarios {
			nodes = max(nodes, scenario.Nodes)
		}
	}
	return nodes
}
