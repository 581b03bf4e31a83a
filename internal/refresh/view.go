package refresh

import (
	"errors"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// viewed is one set of results, judged.
type viewed struct {
	judged  Judged
	results *result.Results
	verdict compare.Verdict
	// speaksFor are the recordings of what no newer results have.
	speaksFor []baseline.Recording
}

// place is what at most one set of results speaks for.
type place struct{ environment, scenario, benchmark string }

func placeOf(r baseline.Recording) place { return place{r.Environment, r.Scenario, r.Benchmark} }

// view judges all results, the newest first, and says which of them speak for what. Times are whole seconds: of results of one second
// those that were named last are the newest.
func view(in Input) ([]viewed, error) {
	sources := slices.Clone(in.Sources)
	slices.Reverse(sources)
	slices.SortStableFunc(sources, func(a, b Source) int { return b.Results.Created.Compare(a.Results.Created) })
	var views []viewed
	var wrong []string
	taken := map[place]bool{}
	for _, s := range sources {
		v, faults := viewOf(in, s, taken)
		v.judged.Overtaken = len(v.speaksFor) == 0 && !slices.ContainsFunc(views, func(newer viewed) bool { return sameMain(newer, v) })
		if len(faults) > 0 && !v.judged.Overtaken {
			wrong = append(wrong, faults...)
		}
		views = append(views, v)
	}
	if len(wrong) > 0 {
		return nil, &baseline.UnfitError{Reasons: wrong}
	}
	return views, nil
}

// viewOf judges one set of results. The faults say why it must not teach anything.
func viewOf(in Input, s Source, taken map[place]bool) (viewed, []string) {
	v := viewed{results: s.Results, verdict: compare.Decide(compare.Input{Head: s.Results, Baselines: in.File, Now: in.Now})}
	v.judged = Judged{
		Name: s.Name, Environment: s.Results.Environment.Fingerprint, Commit: s.Results.Subject.Commit, Time: s.Results.Created,
		Verdict: v.verdict.Verdict, Reason: v.verdict.Reason,
	}
	recordings, err := baseline.FromResults(s.Results)
	faults := []string{}
	if unfit, ok := errors.AsType[*baseline.UnfitError](err); ok {
		for _, reason := range unfit.Reasons {
			faults = append(faults, s.Name+": "+reason)
		}
	}
	if s.Results.Subject.Dirty {
		faults = append(faults, s.Name+": measured from a checkout with changes that are not committed: commit them, or measure a clean checkout")
	}
	for _, rec := range recordings {
		v.judged.Note = rec.EnvironmentNote
		if at := placeOf(rec); !taken[at] {
			taken[at] = true
			v.speaksFor = append(v.speaksFor, rec)
		}
	}
	if len(faults) > 0 && len(recordings) == 0 { // what it would have spoken for is not known; that it is overtaken can not be said either
		for _, plan := range s.Results.Scenarios {
			at := place{s.Results.Environment.Fingerprint, plan.Name, plan.Benchmark}
			if !taken[at] {
				taken[at] = true
				v.speaksFor = append(v.speaksFor, baseline.Recording{Environment: at.environment, Scenario: at.scenario, Benchmark: at.benchmark})
			}
		}
	}
	return v, faults
}

// sameMain tells that two sets of results are of one program on one machine.
func sameMain(a, b viewed) bool {
	one, other := a.results.Subject, b.results.Subject
	return a.judged.Environment == b.judged.Environment &&
		(one.Commit != "" && one.Commit == other.Commit || one.BinarySHA256 != "" && one.BinarySHA256 == other.BinarySHA256)
}

// unfit says why nothing may be recorded, "" when something may.
func unfit(views []viewed) string {
	for _, v := range views {
		if why := compare.Unfit(v.verdict); why != "" && !v.judged.Overtaken {
			if len(views) > 1 {
				return fmt.Sprintf("%s is %s", v.judged.Name, why)
			}
			return why
		}
	}
	return ""
}

// untouched lists the current recordings that nobody speaks for.
func untouched(in Input, views []viewed) []Untouched {
	spoken, here := map[place]bool{}, map[string]bool{}
	for _, v := range views {
		here[v.judged.Environment] = true
		for _, rec := range v.speaksFor {
			spoken[placeOf(rec)] = true
		}
	}
	all := []Untouched{}
	for _, rec := range in.File.Recordings() {
		if rec.Release != "" || spoken[placeOf(rec)] {
			continue
		}
		u := Untouched{Environment: rec.Environment, Note: rec.EnvironmentNote, Scenario: rec.Scenario, Benchmark: rec.Benchmark}
		switch {
		case in.Suite.gone(rec):
			u.Reason = "gone: perfgate.toml does not have it any more; delete its [[recorded]] table"
		case !here[rec.Environment]:
			u.Reason = "environment: nothing was measured on that machine"
		default:
			u.Reason = "not measured this time"
		}
		all = append(all, u)
	}
	return all
}

func (s Suite) gone(rec baseline.Recording) bool {
	switch {
	case rec.Benchmark != "":
		return s.Benchmarks != nil && !slices.Contains(s.Benchmarks, rec.Benchmark)
	case rec.Scenario != "":
		return s.Scenarios != nil && !slices.Contains(s.Scenarios, rec.Scenario)
	}
	return false
}
