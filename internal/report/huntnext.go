package report

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/bisect"
)

// next says what a person can do with an outcome. The search that was asked for knows its name and the caller's hints.
func (h Hunt) next(asked Hunt) []string {
	var lines []string
	switch o := h.Outcome; o.Outcome {
	case bisect.OutcomeCulprit:
		lines = append(lines, "see what it changed: git show "+plain(o.Culprit))
		if h.Commits[o.Culprit].Merge && h.Inside == nil {
			lines = append(lines, "it is a merge: --all-parents searches the commits that it brought in")
		}
	case bisect.OutcomeSet:
		lines = append(lines, h.tellApart()...)
	case bisect.OutcomeNone:
		lines = append(lines, fmt.Sprintf("a smaller change than %s was not searched for", unsigned(o.LeastChange)))
	case bisect.OutcomeUndecided:
		lines = append(lines, h.decide(asked.ID)...)
	}
	for _, f := range h.Outcome.Further {
		if f.Posterior >= likely && !h.searched(f) {
			lines = append(lines, fmt.Sprintf("search the rest as well: perfgate bisect %s..%s", plain(f.Good), plain(f.Bad)))
		}
	}
	for _, hint := range asked.Next {
		lines = append(lines, plain(hint))
	}
	return lines
}

// tellApart says how the commits of a set could be told apart.
func (h Hunt) tellApart() []string {
	switch {
	case len(h.Outcome.Unmeasured) == 0:
		return nil
	case h.Patch != "":
		return []string{"they can not be measured with " + plain(h.Patch) + " either: it has to mend more"}
	default:
		return []string{"to tell them apart, let them build: --with-patch FILE applies a mend to every commit"}
	}
}

// decide says how an undecided search could go on.
func (h Hunt) decide(id string) []string {
	switch h.Outcome.Halt {
	case bisect.HaltEnds:
		return []string{"choose other ends, of which both can be measured, or let them build: --with-patch FILE applies a mend to every commit"}
	case bisect.HaltDisturbed:
		if id == "" {
			return nil
		}
		return []string{fmt.Sprintf("go on when the machine is calmer, with all that was measured: perfgate bisect --resume %s; or take the figures of busy runs too, "+
			"of which it takes more: perfgate bisect --resume %s --disturbed keep", plain(id), plain(id))}
	case bisect.HaltExhausted:
		return []string{"let it be seen how much builds differ, which a change of a few percent has to stand out from: give the linker $PERFGATE_LAYOUT " +
			"as a seed (perfgate bisect --help), or search a range of more commits"}
	case bisect.HaltBudget:
	}
	if h.Task.Parameters.Exact && h.Remaining.Runs == 0 {
		return []string{"see the builds above for where it grows, and search a part of the range: the smaller the change of its ends, the smaller a step counts"}
	}
	if h.contradicted() {
		return []string{"nobody is accused, since the measurements are not such as the model believes (above): measure on a calmer machine, or search a smaller range"}
	}
	if id == "" || h.Remaining.Runs == 0 {
		return nil
	}
	return []string{"go on, with all that was measured: perfgate bisect --resume " + plain(id) + h.moreBudget()}
}

// moreBudget are the flags by which a search that a budget has ended gets as much more as it needs, and as much again.
func (h Hunt) moreBudget() string {
	if h.Outcome.Halt != bisect.HaltBudget {
		return ""
	}
	b := h.Task.Parameters.Budget
	for _, e := range h.Events {
		if e.Type == bisect.Limited {
			b = *e.Budget
		}
	}
	var flags string
	if b.Runs > 0 && h.Outcome.Runs+h.Remaining.Runs > b.Runs {
		flags += fmt.Sprintf(" --max-runs %d", h.Outcome.Runs+2*h.Remaining.Runs)
	}
	if seconds := h.Outcome.Seconds + 2*h.Remaining.Seconds; b.Seconds > 0 && seconds > b.Seconds {
		flags += " --budget " + took(60*math.Ceil(seconds/60))
	}
	return flags
}
