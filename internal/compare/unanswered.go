package compare

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// In a trial a page that could not be read costs the pair, not the trial: on a busy machine one look in thousands has no answer in
// time, and whatever such a run gives was measured by half. So that a head which no longer answers does not pass for that, the runs
// of both sides are counted (docs/adr/0023-what-trials-lose-and-gate.md).

const (
	// mutePart is the part of the runs of a side, 1 in so many, beyond which it is no measure at all.
	mutePart = 4
	// muteAlpha is the chance with which a head that answers as often as base is said to answer less often. It is no part of the error
	// budget: nothing is called worse for it.
	muteAlpha = 0.05
)

// whyMute is what could not be read of a run.
func whyMute(run result.Run) string {
	for _, f := range run.Findings {
		if f.Kind == result.FindingUnreadable {
			return fmt.Sprintf("%s%s: %s", f.Kind, nodeName(f), f.Text)
		}
	}
	return ""
}

// muteRuns counts the runs of a plan that did not answer among those that count, attempts and warm-up runs included.
func muteRuns(r *result.Results, plan result.Scenario) stat.Trials {
	var t stat.Trials
	for _, run := range r.RunsOf(plan) {
		switch {
		case run.Unread():
			t.Failures++
		case run.Invalid == "":
			t.Successes++
		}
	}
	return t
}

// tooMute tells a side of which so many runs did not answer that the others are no measure either.
func tooMute(t stat.Trials) bool {
	return t.Failures > 1 && t.Failures*mutePart > t.Failures+t.Successes
}

// faultsInTrial are faultsOf one side of a trial, without what costs no more than pairs.
func faultsInTrial(r *result.Results, plan result.Scenario) []string {
	if tooMute(muteRuns(r, plan)) {
		return faultsOf(r, plan)
	}
	return faultsOfRuns(slices.DeleteFunc(r.RunsOf(plan), result.Run.Unread))
}

// inspectMute tells of the runs that did not answer, and holds it against head when it has more of them than base: one more than
// base has may be the machine's, unless it is beyond chance.
func (d *decider) inspectMute(plan result.Scenario) {
	if !d.trial() {
		return
	}
	head, base := muteRuns(d.in.Head, plan), muteRuns(d.in.Base, plan)
	if head.Failures+base.Failures == 0 || tooMute(head) { // the latter is told as a fault
		return
	}
	counts := fmt.Sprintf("a page could not be read in %d of %s of head and in %d of %d of base",
		head.Failures, count(head.Failures+head.Successes, "run"), base.Failures, base.Failures+base.Successes)
	test, err := stat.FisherExact(base, head, stat.Less)
	switch {
	case err == nil && test <= muteAlpha:
		d.problemOf(plan, Failed, fmt.Sprintf("%s: head answers less often (p %.2g)", counts, test))
	case head.Failures > base.Failures+1:
		d.problemOf(plan, Inconclusive, counts+": too few to tell whether head answers less often")
	default:
		d.warn("%s: %s: their pairs give nothing, or were measured again", place(plan), counts)
	}
	d.tellLeftOut(plan)
}

// tellLeftOut warns of the runs that did not answer and are no part of a pair; those that are stand among the void ones.
func (d *decider) tellLeftOut(plan result.Scenario) {
	for _, side := range d.sidesOf() {
		for _, run := range side.runs.RunsOf(plan) {
			if run.Unread() && (run.Warmup || lastAttempts(side.runs, plan)[run.Run].Attempt != run.Attempt) {
				d.warn("%s: %s of %s is left out: %s", place(plan), attemptName(run), side.name, whyMute(run))
			}
		}
	}
}

// trialSide is a side of a trial with its name.
type trialSide struct {
	name string
	runs *result.Results
}

func (d *decider) sidesOf() []trialSide {
	return []trialSide{{result.SideBase, d.in.Base}, {result.SideHead, d.in.Head}}
}

// attemptName names one of several attempts at a run.
func attemptName(run result.Run) string {
	if run.Warmup {
		return runName(run)
	}
	return fmt.Sprintf("attempt %d at %s", max(1, run.Attempt), runName(run))
}
