package hunt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/report"
)

// searching is the search of one target that goes on.
type searching struct {
	hunt    *hunt
	target  Target
	dir     string
	commits map[string]report.HuntCommit
	journal *journal
	search  *bisect.Search
	// first is the outcome of the whole range, before any part of it was searched again.
	first bisect.Outcome
	// artifacts are the builds, in their order, layouts how often a commit was built, and runs how many there were.
	artifacts []job
	layouts   map[string]int
	runs      int
	focused   int
	builds    builds
	// told is the last step.
	told bisect.Step
}

// search begins the search of a target in its folder, or goes on with it, until it is over.
func (h *hunt) search(ctx context.Context, dir string, t Target, plan gitrepo.RangePlan) (*searching, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("keep the search: %w", err)
	}
	s := &searching{hunt: h, target: t, dir: dir, layouts: map[string]int{}, builds: newBuilds()}
	var err error
	s.journal, err = openJournal(dir, func() (bisect.Task, error) {
		r, err := gitrepo.ReadRange(ctx, h.Project, plan)
		if err != nil {
			return bisect.Task{}, err
		}
		task, told := taskOf(r, t.shares(), h.parameters(t))
		return task, writeJSON(filepath.Join(dir, commitsFile), told)
	})
	if err != nil {
		return nil, err
	}
	defer s.journal.close() //nolint:errcheck // each line was synced
	if err := readJSON(filepath.Join(dir, commitsFile), &s.commits); err != nil {
		return nil, err
	}
	var known unit
	if err := readJSON(filepath.Join(dir, unitFile), &known); err == nil {
		s.knowUnit(known)
	}
	if s.search, err = bisect.New(s.journal.task); err != nil {
		return nil, err
	}
	for i, e := range s.journal.events {
		if err := s.apply(e); err != nil {
			return nil, fmt.Errorf("go on with the journal: event %d: %w", i+1, err)
		}
	}
	if err := errors.Join(s.limit(), s.skip()); err != nil {
		return nil, err
	}
	return s, s.searchAll(ctx)
}

// limit tells a search that goes on of limits that have changed since, and lets one go on that has ended for want of runs that count.
// The journal has it, so that a replay gives the same.
func (s *searching) limit() error {
	wanted := s.search.Budget()
	wanted.Seconds = s.hunt.record.BudgetSeconds
	if wanted.Runs = s.hunt.record.MaxRuns; wanted.Runs == 0 {
		wanted.Runs = bisect.UsualRuns
	}
	over := s.search.Next().Action == bisect.Done && s.search.Halted() == ""
	if over || wanted == s.search.Budget() && s.search.Halted() != bisect.HaltDisturbed {
		return nil
	}
	return s.happened(bisect.Event{Type: bisect.Limited, Budget: &wanted})
}

// searchAll searches the range, and then what the outcome points at, if that was asked for.
func (s *searching) searchAll(ctx context.Context) error {
	if err := s.untilDone(ctx); err != nil {
		return err
	}
	if s.focused == 0 {
		s.first = s.search.Outcome()
	}
	if !s.hunt.record.AllChanges {
		return nil
	}
	for s.focused < len(s.first.Further) && !s.mayGoOn() {
		next := s.first.Further[s.focused]
		s.hunt.remark(s.target, fmt.Sprintf("searching %s..%s, where there may be another change", short(next.Good), short(next.Bad)))
		if err := s.happened(bisect.Event{Type: bisect.Focused, Good: next.Good, Bad: next.Bad}); err != nil {
			return err
		}
		if err := s.untilDone(ctx); err != nil {
			return err
		}
	}
	return nil
}

// untilDone does what is asked for, until nothing is.
func (s *searching) untilDone(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.builds.wait() // what is still being built when the search is over ends with its context
	defer cancel()
	for {
		if err := s.takeBuilt(ctx, false); err != nil {
			return err
		}
		step := s.search.Next()
		if step.Action != bisect.Done {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		var err error
		switch step.Action {
		case bisect.Done:
			s.hunt.halted = s.hunt.halted || s.mayGoOn()
			s.tellOutcome()
			return nil
		case bisect.Build:
			err = s.build(ctx, step)
		case bisect.Run:
			err = s.run(ctx, step)
		}
		if err != nil {
			return err
		}
	}
}

// mayGoOn tells that a limit has ended the search: with another one it goes on.
func (s *searching) mayGoOn() bool {
	halt := s.search.Halted()
	return halt == bisect.HaltDisturbed || halt == bisect.HaltBudget
}

// run measures an artifact once. One whose binary is gone is built again first, and is asked for once more.
func (s *searching) run(ctx context.Context, step bisect.Step) error {
	a := s.artifacts[step.Artifact-1]
	if s.target.shares() && !s.onShelf(a) {
		return s.rebuild(ctx, a)
	}
	if s.hunt.record.BesideRuns {
		if err := s.buildAhead(ctx); err != nil {
			return err
		}
	}
	s.tellStep()
	begun := time.Now()
	var got sample
	err := s.hunt.patiently(ctx, s.target, "run of "+short(a.commit), func() error {
		var err error
		got, err = s.measure(ctx, step.Artifact, a)
		return err
	})
	if fault, ok := broken(err); ok {
		got.event = bisect.Event{Type: bisect.Broken, Commit: a.commit, Reason: fault.reason}
	} else if err != nil {
		return err
	}
	if !s.target.Exact {
		got.event.Seconds = time.Since(begun).Seconds()
	}
	if err := s.keepUnit(got.unit); err != nil {
		return err
	}
	return s.happened(got.event)
}

// keepUnit keeps the unit of a metric of which nobody knew it before it was measured.
func (s *searching) keepUnit(u unit) error {
	s.knowUnit(u)
	path := filepath.Join(s.dir, unitFile)
	if _, err := os.Stat(path); err == nil || u.Unit == "" {
		return nil
	}
	return writeJSON(path, u)
}

// knowUnit takes the unit into what is told of the search, unless it is known.
func (s *searching) knowUnit(u unit) {
	if s.target.Unit == "" {
		s.target.Unit, s.target.Better = u.Unit, u.Better
	}
}

// happened takes an event into the search and the journal.
func (s *searching) happened(e bisect.Event) error {
	if n := len(s.journal.events); n > 0 {
		e.AtSeconds = s.journal.events[n-1].AtSeconds
	}
	e.AtSeconds = max(e.AtSeconds, s.hunt.since())
	if err := s.apply(e); err != nil {
		return err
	}
	if err := s.journal.append(e); err != nil {
		return err
	}
	s.tellEvent(e)
	if e.Type == bisect.Invalid {
		s.warnOfBusy()
	}
	return nil
}

// apply takes an event into the search, and counts what it is.
func (s *searching) apply(e bisect.Event) error {
	if e.Type == bisect.Focused && s.focused == 0 {
		s.first = s.search.Outcome()
	}
	if err := s.search.Apply(e); err != nil {
		return err
	}
	switch e.Type {
	case bisect.Built:
		s.artifacts = append(s.artifacts, job{e.Commit, s.layouts[e.Commit]})
		s.layouts[e.Commit]++
	case bisect.Ran, bisect.Invalid:
		s.runs++
	case bisect.Focused:
		s.focused++
	case bisect.Broken, bisect.Limited:
	}
	return nil
}

// commitOf is the commit that an event is about.
func (s *searching) commitOf(e bisect.Event) string {
	if e.Artifact > 0 && e.Artifact <= len(s.artifacts) {
		return s.artifacts[e.Artifact-1].commit
	}
	return e.Commit
}
