// Package post says on GitHub what came of a measurement, and trusts nothing of it but the samples: whose results they are
// comes from the event, by which rules they are judged from the base branch, and what they say is only ever shown escaped.
package post

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// Rules are by what results are judged.
type Rules struct {
	// Suite is what should have been measured, before a selection; Config is its text, ConfigPath its path in the repository.
	Suite      *suite.Suite
	Config     []byte
	ConfigPath string
	// Baselines is never nil; BaselinesPath is its path in the repository.
	Baselines     *baseline.File
	BaselinesPath string
}

// Selection is what was to be measured, as the flags of check name it; nothing at all is what carries the tag "pr".
type Selection struct{ Scenarios, Benchmarks, Tags []string }

// Judgement is what came of results, and what is said of it.
type Judgement struct {
	Verdict    compare.Verdict
	Conclusion report.Conclusion
	Comment    report.Comment
	// Accused are culprits that were found.
	Accused []Accused
	// Annotations are the culprits' first, then the most important ones of the rules.
	Annotations []report.Annotation
}

// Judging is all that a judgement depends on.
type Judging struct {
	// Delivery is what was taken in; its Head is nil when it was refused, and Refusal says why.
	Delivery intake.Delivery
	Refusal  string
	Target   Target
	Rules    Rules
	// Culprits are what searches for the cause have found; zero without a search.
	Culprits Culprits
	// Changed are the rules as the judged change would have them.
	Changed   []string
	Selection Selection
	Options   compare.Options
	// Inconclusive is what becomes of an inconclusive verdict: "pass", "warn", "fail" or "".
	Inconclusive string
	Now          time.Time
	// Whole is the address of the whole report, "" for none.
	Whole string
}

// Judge decides from the samples.
func Judge(j Judging) Judgement {
	c := report.Comment{
		Now: j.Now, Whole: j.Whole, Rules: j.Changed, Culprits: j.Culprits.Lines, Doubts: slices.Clone(j.Target.Doubts),
		PullRequest: j.Target.Number, HeadCommit: j.Target.HeadSHA, BaseCommit: j.Target.BaseSHA,
	}
	if j.Delivery.Head == nil {
		c.Verdict = compare.Refused(j.Refusal)
	} else {
		c.Head, c.Base = j.Delivery.Head, j.Delivery.Base
		c.Verdict = compare.Decide(compare.Input{Head: c.Head, Base: c.Base, Baselines: j.Rules.Baselines, Now: j.Now, Options: j.Options})
		for _, p := range slices.Concat(j.Target.Problems, wanting(j)) {
			c.Verdict = c.Verdict.Beside(p)
		}
		if c.BaseCommit == "" && c.Base != nil {
			c.BaseCommit = c.Base.Subject.Commit
		}
		c.Trends = report.TrendsOf(j.Rules.Baselines, c.Verdict)
		if c.Head.Subject.Dirty {
			c.Doubts = append(c.Doubts, "what was measured had uncommitted changes beyond its commit")
		}
	}
	lines := suite.LinesOf(j.Rules.Config)
	return Judgement{
		Verdict: c.Verdict, Comment: c, Accused: j.Culprits.Accused, Conclusion: report.Conclude(c.Verdict.Verdict, j.Inconclusive),
		Annotations: append(slices.Clone(j.Culprits.Annotations), report.Annotations(c.Verdict, report.Rulebook{
			Baselines: j.Rules.Baselines, BaselinesPath: j.Rules.BaselinesPath, ConfigPath: j.Rules.ConfigPath, ConfigLine: lines.Of,
		})...),
	}
}

// wanting are the problems of results that are not what perfgate.toml asks for: a change that measures less, or something
// else, is not judged by what it measured.
func wanting(j Judging) []compare.Problem {
	var problems []compare.Problem
	if overrides := j.Delivery.Head.Overrides; len(overrides) > 0 {
		problems = append(problems, doubtful("", "%s changed what was measured: measure without", strings.Join(overrides, ", ")))
	}
	if j.Rules.Suite == nil {
		return problems
	}
	selected, err := j.Rules.Suite.Select(j.Selection.Scenarios, j.Selection.Benchmarks, j.Selection.Tags)
	if err != nil {
		return append(problems, doubtful("", "it is not known what should have been measured: %v", err))
	}
	for _, s := range selected.Scenarios {
		problems = append(problems, j.wantingPlan("scenario "+s.Name, result.Scenario{Name: s.Name, Runs: s.Runs, Configuration: selected.Configuration(s.Name)})...)
	}
	for _, b := range selected.Benchmarks {
		problems = append(problems, j.wantingPlan("benchmark "+b.Name, result.Scenario{Benchmark: b.Name, Runs: b.Runs, Configuration: b.Configuration()})...)
	}
	return problems
}

// wantingPlan holds what was measured of one plan against what should have been.
func (j Judging) wantingPlan(name string, want result.Scenario) []compare.Problem {
	head := j.Delivery.Head
	plan, ok := head.Plan(want.Name, want.Benchmark)
	switch {
	case !ok:
		return []compare.Problem{{Scenario: want.Name, Verdict: compare.Failed, Reason: name + " was not measured, and the perfgate.toml that it is judged by asks for it"}}
	case plan.Configuration != want.Configuration:
		return []compare.Problem{doubtful(want.Name, "%s was measured otherwise than the perfgate.toml that it is judged by says", name)}
	case j.Delivery.Base == nil && plan.Runs < want.Runs && len(head.Overrides) == 0:
		return []compare.Problem{doubtful(want.Name, "%s was planned with %d runs, and the perfgate.toml that it is judged by asks for %d", name, plan.Runs, want.Runs)}
	default:
		return nil
	}
}

func doubtful(scenario, format string, args ...any) compare.Problem {
	return compare.Problem{Scenario: scenario, Verdict: compare.Inconclusive, Reason: fmt.Sprintf(format, args...)}
}
