package hunt

import (
	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/report"
)

// Progress is a moment of a hunt.
type Progress struct {
	Target Target
	// Says is what a person should read of it, one line.
	Says string
	// Event is what has happened, nil when something begins or Says is a remark.
	Event *bisect.Event
	// Outcome is set when the search of a range is over.
	Outcome *bisect.Outcome
}

// tell reports a moment. Builders call it at once.
func (h *hunt) tell(p Progress) {
	if h.Progress == nil {
		return
	}
	h.told.Lock()
	defer h.told.Unlock()
	h.Progress(p)
}

// remark reports what is neither a step nor an event.
func (h *hunt) remark(t Target, text string) { h.tell(Progress{Target: t, Says: text}) }

// tellStep reports what begins and why, who leads, and what is still to do: of many runs for one reason, the first.
func (s *searching) tellStep() {
	step := s.search.Next()
	same := step.Action == bisect.Run && s.told.Action == bisect.Run && step.Phase == s.told.Phase && step.Why == s.told.Why
	if s.told = step; same {
		return
	}
	s.hunt.tell(Progress{Target: s.target, Says: report.HuntProgress(s.search, s.shown())})
}

// shown is as much of the search as a line about it needs.
func (s *searching) shown() report.Hunt {
	return report.Hunt{
		Range: s.hunt.record.Range, Scenario: s.target.Scenario, Metric: s.target.Metric, Unit: s.target.Unit, Better: s.target.Better,
		Task: s.journal.task, Commits: s.commits,
	}
}

// tellEvent reports what has happened.
func (s *searching) tellEvent(e bisect.Event) {
	s.hunt.tell(Progress{Target: s.target, Says: report.HuntEvent(s.search, s.shown(), e, s.commitOf(e)), Event: &e})
}

// tellOutcome reports the end of a search.
func (s *searching) tellOutcome() {
	o := s.search.Outcome()
	s.hunt.tell(Progress{Target: s.target, Says: report.HuntProgress(s.search, s.shown()), Outcome: &o})
}
