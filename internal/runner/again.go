package runner

import (
	"fmt"
	"os"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// Turn is one attempt at a run.
type Turn struct {
	// Number is that of the run in its scenario, from 1, warm-up runs for themselves; Attempt is at this run, from 1.
	Number, Attempt int
	Warmup          bool
}

// turn is the place of an attempt.
type turn struct {
	Turn
	order int // in the invocation, from 1
	// more says that this run may be attempted once more.
	more bool
}

// ExtraAttempts is how many attempts a scenario or benchmark may have beyond one for each run: a machine that is never calm must not
// keep perfgate for ever.
func ExtraAttempts(runs int) int { return max(2, runs/2) }

// firstTurns are the first attempts at the runs of a scenario, warm-up runs first. A run that was disturbed comes again behind
// all others: none uses up the attempts of the rest, and what disturbed the machine has some time to end.
func firstTurns(scenario suite.Scenario) []Turn {
	var all []Turn
	for i := range scenario.Warmup {
		all = append(all, Turn{Number: i + 1, Attempt: 1, Warmup: true})
	}
	for i := range scenario.Runs {
		all = append(all, Turn{Number: i + 1, Attempt: 1})
	}
	return all
}

// recorded is the attempt as results have it: 0 for the first.
func (t Turn) recorded() int {
	if t.Attempt > 1 {
		return t.Attempt
	}
	return 0
}

// setAside gives the folder of an attempt that another one follows another name, for why, so that the next one has its own.
func (r *Runner) setAside(scenario suite.Scenario, t turn, why string) error {
	dir, err := r.runDir(scenario, t.Number, t.Warmup)
	if err != nil {
		return err
	}
	aside := fmt.Sprintf("%s-%s-%d", dir, why, t.Attempt)
	if err := os.Rename(dir, aside); err != nil {
		return fmt.Errorf("set a run that is measured again aside: %w", err)
	}
	return nil
}

// aside is why an attempt is set aside, as its folder is named.
func (r Run) aside() string {
	if r.Unread() {
		return result.FindingUnreadable
	}
	return result.FindingDisturbed
}

// judgeReading has a run measured again of which a page could not be read, where that was asked for.
func (r *Runner) judgeReading(run *Run, t turn) {
	run.Again = run.Again || r.ReadAgain && t.more && run.Unread()
}

// judgeMachine says what the state of the machine means for a run: nothing, a remark, or that no figure counts. A crash or
// an impossible gauge stays what it is; there is no use in measuring that again.
func (r *Runner) judgeMachine(run *Run, machine *result.Machine, t turn) {
	run.Attempt, run.Machine = t.recorded(), machine
	reason := measure.Disturbed(*machine)
	if reason == "" {
		return
	}
	fault := run.FaultOfSubject()
	run.Findings = append(run.Findings, result.Finding{Kind: result.FindingDisturbed, Node: -1, Text: reason})
	if r.Disturbed == Keep {
		return
	}
	run.Invalid = result.FindingDisturbed + ": " + reason
	run.Measurements = measure.Disturb(run.Measurements, run.Invalid, fault)
	run.Again = t.more && !fault
}

// disturbance says what disturbed the machine during a run, "" for nothing.
func (r Run) disturbance() string {
	for _, f := range r.Findings {
		if f.Kind == result.FindingDisturbed {
			return f.Text
		}
	}
	return ""
}

// firstProgress is what is known of an attempt before it begins.
func firstProgress(scenario suite.Scenario, t turn) Progress {
	p := Progress{Scenario: scenario.Name, Run: t.Number, Runs: scenario.Runs, Warmup: t.Warmup, Nodes: scenario.Nodes}
	if t.Warmup {
		p.Runs = scenario.Warmup
	}
	return p
}
