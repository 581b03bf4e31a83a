package bisect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Schema names the form of an outcome.
const Schema = "perfgate.bisect/1"

// OutcomeKind is how a search ended.
type OutcomeKind string

// The ways in which a search ends.
const (
	OutcomeCulprit   OutcomeKind = "culprit"   // one commit made the change
	OutcomeNone      OutcomeKind = "none"      // there is no change of the least size
	OutcomeSet       OutcomeKind = "set"       // one of several commits did, and they can not be told apart
	OutcomeUndecided OutcomeKind = "undecided" // a limit was reached, or the measurements contradict the model
)

// Outcome is what a search found, and how sure it is. Its first fields are those that `bisect --json` promises.
type Outcome struct {
	Schema    string      `json:"schema"`
	Outcome   OutcomeKind `json:"outcome"`
	Culprit   string      `json:"culprit"`   // of a culprit; else ""
	Set       []string    `json:"set"`       // the culprit, or one of them did it; undecided: the fewest that hold the confidence
	Posterior float64     `json:"posterior"` // probability of what the outcome says; undecided: of the likeliest commit
	// Change is the effect as a ratio, 0.1 is +10 %, with its 95 % interval. Without an accusation no change counts as 0.
	Change     float64 `json:"change"`
	ChangeLow  float64 `json:"change_low"`
	ChangeHigh float64 `json:"change_high"`
	Builds     int     `json:"builds"`
	Runs       int     `json:"runs"`
	Predicted  Cost    `json:"predicted"` // what was expected once a change was established; zero before

	Reason        string        `json:"reason"`
	Halt          Halt          `json:"halt"`           // the limit that ended it; "" for none
	Seconds       float64       `json:"seconds"`        // of builds and runs, one after another
	FailedBuilds  int           `json:"failed_builds"`  // of the builds
	InvalidRuns   int           `json:"invalid_runs"`   // of the runs
	NoChange      float64       `json:"no_change"`      // probability of no change, or a smaller one than the least
	LeastChange   float64       `json:"least_change"`   // as a ratio
	Likeliest     []Suspect     `json:"likeliest"`      // at most ten, falling
	Unmeasured    []Unmeasured  `json:"unmeasured"`     // commits that could not be measured, by reason
	Noise         Noise         `json:"noise"`          // as far as it was learnt
	Checks        []Check       `json:"checks"`         // of the model; empty when nobody was accused or nearly so
	Confirmation  *Confirmation `json:"confirmation"`   // null without one
	Further       []Further     `json:"further"`        // where there may be another change, the largest first
	SuspectsAtAll int           `json:"suspects_total"` // how many commits could have been the culprit
}

// Suspect is a commit with its probability.
type Suspect struct {
	Commit    string  `json:"commit"`
	Posterior float64 `json:"posterior"`
}

// Unmeasured are commits that could not be measured for one reason.
type Unmeasured struct {
	Reason  string   `json:"reason"`
	Commits []string `json:"commits"`
}

// Noise is what was learnt of the noise, as ratios.
type Noise struct {
	CV     float64 `json:"cv"`     // of one run
	Offset float64 `json:"offset"` // of a build
	Drift  float64 `json:"drift"`  // that the machine gains in the time of one run
}

// Outcome returns what the search has found: when it is done what it ends with, else undecided, as things stand.
func (s *Search) Outcome() Outcome {
	if s.outcome != nil {
		return *s.outcome
	}
	if s.params.Exact {
		return s.sayExact(OutcomeUndecided, "the search is not over", nil)
	}
	return s.say(OutcomeUndecided, "the search is not over")
}

// end ends the search.
func (s *Search) end(kind OutcomeKind, reason string) {
	o := s.say(kind, reason)
	s.outcome = &o
}

// accuse ends a confirmed search: with the culprit, with the set that can not be told apart, or, when a check fails,
// without an accusation.
func (s *Search) accuse(leader *group, slow, fast int) {
	kind, reason := OutcomeCulprit, "confirmed against its parent"
	if len(leader.members) > 1 {
		kind, reason = OutcomeSet, "no commit between them can be measured"
	}
	further := s.further(leader)
	checks := append([]Check{s.agreement(leader, slow, fast)}, s.checks(leader)...)
	for _, c := range checks {
		// A commit that is off its place contradicts one change, but not two.
		if c.OK || c.Name == "commits" && s.fitsWithout(further, leader) {
			continue
		}
		kind, reason = OutcomeUndecided, "the measurements contradict the model: "+c.Says
	}
	o := s.say(kind, reason)
	confirmation, _ := s.confirmation(slow, fast)
	o.Checks, o.Confirmation, o.Further = checks, &confirmation, further
	s.outcome = &o
}

// account is what an outcome says of the way to it, whatever was found.
func (s *Search) account(kind OutcomeKind, reason string) Outcome {
	return Outcome{
		Schema: Schema, Outcome: kind, Reason: reason, Set: []string{},
		Builds: s.spent.cost.Builds, Runs: s.spent.cost.Runs, Seconds: s.spent.cost.Seconds, Predicted: s.predicted,
		FailedBuilds: s.spent.failed, InvalidRuns: s.spent.invalid, LeastChange: s.params.ratio(s.params.LeastChange),
		Likeliest: []Suspect{}, Unmeasured: s.unmeasured(), Checks: []Check{}, Further: []Further{},
	}
}

// say puts together what is known.
func (s *Search) say(kind OutcomeKind, reason string) Outcome {
	o := s.account(kind, reason)
	o.NoChange, o.SuspectsAtAll = s.belief.small(s.params.LeastChange), len(s.belief.suspects.listed)
	run, offset, drift := s.belief.noise()
	by := s.params.scale()
	o.Noise = Noise{CV: math.Sqrt(run) / by, Offset: math.Sqrt(offset) / by, Drift: drift / by}
	all := s.ranked()
	o.Likeliest = append(o.Likeliest, all[:min(10, len(all))]...)
	var counted *group
	switch leader := s.belief.leader(); kind {
	case OutcomeCulprit, OutcomeSet:
		counted, o.Posterior = leader, min(1, leader.weight) // a sum of rounded ones may be more
		for _, c := range leader.members {
			o.Set = append(o.Set, s.task.Commits[c].ID)
		}
		if kind == OutcomeCulprit {
			o.Culprit = o.Set[0]
		}
	case OutcomeNone:
		o.Posterior = o.NoChange
	case OutcomeUndecided:
		o.Posterior, o.Set = s.credible(all)
	}
	mean, low, high := s.belief.effects(counted, 0.95)
	o.Change, o.ChangeLow, o.ChangeHigh = s.params.ratio(mean), s.params.ratio(low), s.params.ratio(high)
	return o
}

// ranked returns all suspects, the likeliest first; of equals the earlier one.
func (s *Search) ranked() []Suspect {
	type one struct {
		index  int
		weight float64
	}
	var all []one
	for _, g := range s.belief.groups {
		for _, c := range g.members {
			all = append(all, one{c, g.weight / float64(len(g.members))})
		}
	}
	slices.SortFunc(all, func(a, b one) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.index, b.index))
	})
	ranked := make([]Suspect, len(all))
	for i, a := range all {
		ranked[i] = Suspect{Commit: s.task.Commits[a.index].ID, Posterior: min(1, a.weight)}
	}
	return ranked
}

// credible returns the probability of the likeliest commit, and the fewest commits that hold the confidence together;
// none when "no change" is in the way.
func (s *Search) credible(ranked []Suspect) (float64, []string) {
	set := []string{}
	if len(ranked) == 0 {
		return 0, set
	}
	var sum float64
	for _, suspect := range ranked {
		set = append(set, suspect.Commit)
		if sum += suspect.Posterior; sum >= s.params.Confidence {
			return ranked[0].Posterior, set
		}
	}
	return ranked[0].Posterior, []string{}
}

// unmeasured groups what is broken by its reason, in the order of the range.
func (s *Search) unmeasured() []Unmeasured {
	all := []Unmeasured{}
	for i, class := range s.class {
		why := s.broken[class]
		if why == "" {
			continue
		}
		k := slices.IndexFunc(all, func(u Unmeasured) bool { return u.Reason == why })
		if k < 0 {
			k = len(all)
			all = append(all, Unmeasured{Reason: why})
		}
		all[k].Commits = append(all[k].Commits, s.task.Commits[i].ID)
	}
	return all
}

// String is the outcome in one line.
func (o Outcome) String() string {
	sure := math.Floor(1e4*o.Posterior) / 100 // never rounded up to a certainty
	change := fmt.Sprintf("%+.1f %% [%.1f, %.1f]", 100*o.Change, 100*o.ChangeLow, 100*o.ChangeHigh)
	switch o.Outcome {
	case OutcomeCulprit:
		return fmt.Sprintf("culprit %s (%.2f %%): %s", o.Culprit, sure, change)
	case OutcomeSet:
		return fmt.Sprintf("one of %d commits (%.2f %%): %s", len(o.Set), sure, change)
	case OutcomeNone:
		return fmt.Sprintf("no change of %.1f %% or more (%.2f %%)", 100*o.LeastChange, sure)
	case OutcomeUndecided:
	}
	return "undecided: " + o.Reason
}
