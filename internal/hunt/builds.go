package hunt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
)

// builds are the builds of a search that go on. All but the building itself belongs to the goroutine of the search.
type builds struct {
	flight map[job]bool
	// free are the numbers of the builders that have nothing to do, done what has been built.
	free []int
	done chan built
}

// built is a build that has ended.
type built struct {
	job
	builder int
	made    made
	seconds float64
	err     error
}

func newBuilds() builds { return builds{flight: map[job]bool{}, done: make(chan built)} }

// buildApart lets one commit be built at a time where the builds of all work trees leave their binary in one place outside of them: of two at
// once, one could be taken for the other.
func (h *hunt) buildApart() {
	path := h.Suite.Subject.Binary
	if !filepath.IsAbs(path) || strings.HasPrefix(path, h.checkout.Top+string(filepath.Separator)) || strings.HasPrefix(path, h.Project+string(filepath.Separator)) {
		return
	}
	if h.record.Builders > 1 {
		h.Log.Warn("subject.binary lies outside of the checkout, where all builds leave it: one commit is built at a time (write it relative to perfgate.toml)")
	}
	h.record.Builders = 1
}

// wait ends when no build goes on any more; what they gave is on the shelf.
func (b *builds) wait() {
	for len(b.flight) > 0 {
		one := <-b.done
		delete(b.flight, one.job)
		b.free = append(b.free, one.builder)
	}
}

// build builds what the step asks for, and others ahead where builders are idle. It returns once the commit is there and, unless
// builds may go on beside runs, all others too. Where all builders are at work on what was built ahead it waits for one of them: what that
// gives may change what is asked for.
func (s *searching) build(ctx context.Context, step bisect.Step) error {
	j := job{step.Commit, s.layouts[step.Commit]}
	if !s.target.shares() {
		return s.buildInPlace(ctx, j)
	}
	if !s.builds.flight[j] {
		if n := len(s.builds.flight); n > 0 && n >= s.hunt.record.Builders {
			return s.takeBuilt(ctx, true)
		}
		s.tellStep()
		if err := s.start(ctx, j); err != nil {
			return err
		}
	}
	if err := s.buildAhead(ctx); err != nil {
		return err
	}
	for s.builds.flight[j] || len(s.builds.flight) > 0 && !s.hunt.record.BesideRuns {
		if err := s.takeBuilt(ctx, true); err != nil {
			return err
		}
	}
	return nil
}

// buildAhead gives idle builders what the search will probably ask for.
func (s *searching) buildAhead(ctx context.Context) error {
	idle := s.hunt.record.Builders - len(s.builds.flight)
	if idle <= 0 || !s.target.shares() {
		return nil
	}
	for _, commit := range s.search.Ahead(idle) {
		j := job{commit, s.layouts[commit]}
		if s.builds.flight[j] {
			continue
		}
		s.hunt.remark(s.target, fmt.Sprintf("build %s: ahead, since it may be asked for", short(commit)))
		if err := s.start(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// start gives a build to a builder, of whom one is idle.
func (s *searching) start(ctx context.Context, j job) error {
	number := len(s.builds.flight) // those of the builders that were never used follow one another
	if n := len(s.builds.free); n > 0 {
		number, s.builds.free = s.builds.free[n-1], s.builds.free[:n-1]
	}
	p, err := s.hunt.builder(ctx, number)
	if err != nil {
		s.builds.free = append(s.builds.free, number)
		return err
	}
	s.builds.flight[j] = true
	go func() {
		begun := time.Now()
		_, there := s.hunt.shelf.get(j.commit, j.layout)
		one := built{job: j, builder: number}
		if one.made, one.err = s.hunt.made(ctx, s.target, p, j); !there {
			one.seconds = time.Since(begun).Seconds()
		}
		s.builds.done <- one
	}()
	return nil
}

// takeBuilt takes a build that has ended into the search; with wait it waits for one, else it takes all that there are.
func (s *searching) takeBuilt(ctx context.Context, wait bool) error {
	for len(s.builds.flight) > 0 {
		var one built
		if wait {
			one = <-s.builds.done // the builds end with the context
		} else {
			select {
			case one = <-s.builds.done:
			default:
				return nil
			}
		}
		delete(s.builds.flight, one.job)
		s.builds.free = append(s.builds.free, one.builder)
		if one.err != nil {
			return errors.Join(one.err, ctx.Err())
		}
		if err := s.happened(s.eventOf(one)); err != nil {
			return err
		}
		if wait {
			return nil
		}
	}
	return nil
}

// onShelf tells whether the binary of an artifact is there: `perfgate clean` may have taken it since it was built.
func (s *searching) onShelf(a job) bool {
	m, there := s.hunt.shelf.get(a.commit, a.layout)
	return there && m.Reason == ""
}

// rebuild builds an artifact again that is not on the shelf. What is being built comes first: it has the builders, and may change what is asked for.
func (s *searching) rebuild(ctx context.Context, a job) error {
	if len(s.builds.flight) > 0 {
		return s.takeBuilt(ctx, true)
	}
	s.hunt.remark(s.target, fmt.Sprintf("build %s: again, since its binary is gone", short(a.commit)))
	p, err := s.hunt.builder(ctx, 0)
	if err != nil {
		return err
	}
	m, err := s.hunt.made(ctx, s.target, p, a)
	if err != nil || m.Reason == "" {
		return err
	}
	return s.happened(bisect.Event{Type: bisect.Broken, Commit: a.commit, Reason: m.Reason})
}

// eventOf is what a build means to the search.
func (s *searching) eventOf(one built) bisect.Event {
	if one.made.Reason != "" {
		return bisect.Event{Type: bisect.Broken, Commit: one.commit, Reason: one.made.Reason, Seconds: one.seconds}
	}
	e := bisect.Event{Type: bisect.Built, Commit: one.commit, Seconds: one.seconds, Binary: one.made.Code}
	if s.target.Exact {
		e.Binary = one.made.SHA256 // what is loaded may be equal, and the file another
	}
	return e
}

// buildInPlace builds a commit where it will be measured. All that is built of it there is the same thing, so that the search learns
// that building it again tells nothing.
func (s *searching) buildInPlace(ctx context.Context, j job) error {
	s.tellStep()
	begun, there := time.Now(), false
	e := bisect.Event{Type: bisect.Built, Commit: j.commit, Binary: j.commit}
	err := s.hunt.patiently(ctx, s.target, "build of "+short(j.commit), func() error {
		p, err := s.hunt.measuringAt(ctx, j.commit, mostMeasuring)
		if err != nil {
			return err
		}
		if there = p.built || len(p.suite.Subject.Build) == 0; there {
			return nil
		}
		_, err = s.hunt.build(ctx, p, j, s.target.Build)
		return err
	})
	if fault, ok := broken(err); ok {
		e = bisect.Event{Type: bisect.Broken, Commit: j.commit, Reason: fault.reason}
	} else if err != nil {
		return err
	}
	if !there {
		e.Seconds = time.Since(begun).Seconds()
	}
	return s.happened(e)
}
