package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// missing begins the reason of a run that did not give the metric though it should have. One such run may have been bad luck;
// so many in a row of one binary, and its commit counts as broken.
const (
	missing     = "no value: "
	mostMissing = 3
)

// sample is what a run gave: an event without its place in time.
type sample struct {
	event bisect.Event
	unit  unit
}

// unit is that of a metric whose series says it, such as a benchmark's.
type unit struct {
	Unit   metric.Unit      `json:"unit"`
	Better metric.Direction `json:"better"`
}

// measure runs an artifact once, as a run of `perfgate run`. The error is of the machine, of git, or a *brokenError.
func (s *searching) measure(ctx context.Context, number int, a job) (sample, error) {
	h := s.hunt
	if s.target.Exact {
		return s.weigh(number, a)
	}
	most := mostMeasuring
	if s.target.Scenario != "" {
		most = 1 // the binary comes from the shelf: the tree has the files beside it
	}
	p, err := h.measuringAt(ctx, a.commit, most)
	if err != nil {
		return sample{}, err
	}
	var results *result.Results
	switch {
	case s.target.Build:
		results, err = h.build(ctx, p, a, true)
	case s.target.Benchmark != "":
		results, err = s.execute(ctx, p, a)
	default:
		results, err = s.network(ctx, p, a)
	}
	if err != nil {
		return sample{}, err
	}
	return s.valueOf(results, number)
}

// weigh tells the size of a binary.
func (s *searching) weigh(number int, a job) (sample, error) {
	m, there := s.hunt.shelf.get(a.commit, a.layout)
	if !there {
		return sample{}, fmt.Errorf("the binary of %s is gone", short(a.commit))
	}
	return sample{event: bisect.Event{Type: bisect.Ran, Artifact: number, Value: float64(m.Size)}}, nil
}

// network is a run of a scenario with a binary from the shelf. The runs that come first and are discarded are made once by a
// process: what they warm is the machine.
func (s *searching) network(ctx context.Context, p *place, a job) (*result.Results, error) {
	whole := *p.suite
	scenario, _ := whole.Scenario(s.target.Scenario)
	scenario.Runs = max(1, s.target.Sum)
	s.warmUp(&scenario.Warmup)
	whole.Scenarios, whole.Benchmarks = []suite.Scenario{scenario}, nil
	return s.once(ctx, p, &whole, s.hunt.shelf.binary(a.commit, a.layout))
}

// execute is an execution of a benchmark, in a tree in which its commit was built.
func (s *searching) execute(ctx context.Context, p *place, a job) (*result.Results, error) {
	if !p.built && len(p.suite.Subject.Build) > 0 {
		if _, err := s.hunt.build(ctx, p, a, false); err != nil {
			return nil, err
		}
	}
	whole := *p.suite
	at := slices.IndexFunc(whole.Benchmarks, func(b suite.Benchmark) bool { return b.Name == s.target.Benchmark })
	b := whole.Benchmarks[at]
	b.Runs = 1
	s.warmUp(&b.Warmup)
	whole.Scenarios, whole.Benchmarks, whole.Subject.Build = nil, []suite.Benchmark{b}, nil
	return s.once(ctx, p, &whole, "")
}

// warmUp leaves the number of runs that come first where there were none yet.
func (s *searching) warmUp(runs *int) {
	if s.hunt.warm[s.target.Name()] {
		*runs = 0
	}
}

// once measures what is in the suite, which is one run.
func (s *searching) once(ctx context.Context, p *place, whole *suite.Suite, subject string) (*result.Results, error) {
	h := s.hunt
	within, err := filepath.Rel(h.folder.path, s.dir)
	if err != nil {
		return nil, fmt.Errorf("make a folder for results: %w", err)
	}
	dir, err := h.emptyDir(within, "runs", fmt.Sprintf("%04d", s.runs+1))
	if err != nil {
		return nil, err
	}
	plan := h.gatePlan(p, dir)
	plan.Suite, plan.Subject = whole, subject
	plan.Progress = func(m gate.Progress) {
		if m.Run != nil && m.Run.Phase == runner.Waiting {
			h.remark(s.target, fmt.Sprintf("waiting up to %v for a calm machine (%s)", m.Run.Length, m.Run.Note))
		}
	}
	results, err := gate.Measure(ctx, plan)
	if err == nil {
		h.warm[s.target.Name()] = true
	}
	return results, err
}

// valueOf takes the value out of the results of one run, or of those over which a count is summed up.
func (s *searching) valueOf(results *result.Results, number int) (sample, error) {
	series, found := results.Find(s.target.Scenario, s.target.Metric)
	value, given := s.target.valueIn(series.Usable())
	switch {
	case !given:
		return s.noValue(results, series, found, number)
	case s.target.Sum == 0 && !(value > 0):
		return sample{}, &brokenError{fmt.Sprintf("%s is %v: only what is above 0 can be searched, since changes are ratios", s.target.Metric, value)}
	}
	return sample{bisect.Event{Type: bisect.Ran, Artifact: number, Value: value}, unit{series.Unit, series.Better}}, nil
}

// valueIn is what the search is told of the samples that count: the last one, or the sum of a count, of which none may be missing.
func (t Target) valueIn(usable []result.Sample) (value float64, given bool) {
	if t.Sum == 0 && len(usable) > 0 {
		return *usable[len(usable)-1].Value, true
	}
	var sum float64
	for _, one := range usable {
		sum += *one.Value
	}
	if t.Failures {
		sum = float64(len(usable)) - sum
	}
	return sum, t.Sum > 0 && len(usable) == t.Sum
}

// noValue says why there is none: the run was disturbed, or it did not give the metric though it should have, or it never will.
func (s *searching) noValue(results *result.Results, series result.Series, found bool, number int) (sample, error) {
	why := s.target.tellingRun(results.Runs)
	switch {
	case disturbedRun(why):
		return sample{event: bisect.Event{Type: bisect.Invalid, Artifact: number, Reason: normal(why.Invalid)}}, nil
	case found && series.Status == result.NotMeasurable && why.Failure == "":
		return sample{}, &brokenError{normal(fmt.Sprintf("%s is not measurable: %s", s.target.Metric, series.Reason))}
	case s.target.Benchmark != "" && noName.MatchString(strings.ToLower(why.Failure)):
		return sample{}, fmt.Errorf("the benchmark can not fetch what it needs from the network: %s", firstLine(why.Failure))
	}
	reason := missing + normal(firstLine(cmp.Or(why.Failure, series.Reason, "no run gave "+s.target.Metric)))
	if s.missingInARow(number)+1 >= mostMissing {
		return sample{}, &brokenError{strings.TrimPrefix(reason, missing) + fmt.Sprintf(" (%d runs in a row)", mostMissing)}
	}
	return sample{event: bisect.Event{Type: bisect.Invalid, Artifact: number, Reason: reason}}, nil
}

// tellingRun is the run that says why there is no value: the last one, or of several over which a count is summed up the first that was
// disturbed, else the first that failed.
func (t Target) tellingRun(runs []result.Run) result.Run {
	if len(runs) == 0 {
		return result.Run{}
	}
	if t.Sum > 0 {
		for _, is := range []func(result.Run) bool{disturbedRun, func(r result.Run) bool { return r.Failure != "" }} {
			if i := slices.IndexFunc(runs, is); i >= 0 {
				return runs[i]
			}
		}
	}
	return runs[len(runs)-1]
}

// disturbedRun tells a run that does not count for a reason outside of the subject.
func disturbedRun(r result.Run) bool { return r.Invalid != "" && !r.FaultOfSubject() }

// missingInARow counts how many runs of an artifact, the last ones, did not give the metric.
func (s *searching) missingInARow(number int) int {
	n := 0
	for _, e := range slices.Backward(s.journal.events) {
		if e.Artifact != number {
			continue
		}
		if e.Type != bisect.Invalid || !strings.HasPrefix(e.Reason, missing) {
			break
		}
		n++
	}
	return n
}

// broken tells a fault of the commit from every other error.
func broken(err error) (*brokenError, bool) { return errors.AsType[*brokenError](err) }
