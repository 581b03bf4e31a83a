package compare

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Creep: many small steps for the worse, each of which passes against the one before. So every head is held against the last
// release as well. That can only make an outcome worse: what is no worse than a release may still be worse than its base.

// release is the last release as a base, beside the base of whatever kind.
type release struct {
	scenarioBase
	version string
	// text describes the recording.
	text string
}

// releaseOf is what was recorded of the last release for a plan in the environment of head. It has no series where there is none,
// or none that may be compared, and says so in the second case.
func (d *decider) releaseOf(plan result.Scenario, noise baseline.Calibration) release {
	head := d.in.Head
	if head.Environment.Fingerprint == "" || len(head.Overrides) > 0 {
		return release{}
	}
	recording, ok := d.in.Baselines.OfRelease(head.Environment.Fingerprint, plan.Name, plan.Benchmark)
	if !ok {
		return release{}
	}
	side := storedBase(head, recording, plan)
	if side.refusal != "" {
		d.warn("not held against release %s: %s; record it again: perfgate baseline record --release %s", recording.Release, side.refusal, recording.Release)
		return release{}
	}
	side.noise = noise
	text := "release " + recording.Release
	if !recording.Time.IsZero() {
		text += " of " + day(recording.Time)
	}
	return release{side, recording.Release, text}
}

// since is a metric held against the last release.
type since struct {
	candidate
	version string
	// convicts tells that the comparison may prove the metric worse.
	convicts bool
	// outcome is regressed, or not judged: nothing passes since it is no worse than a release.
	judgement judgement
	// looks says what seems to have crept in and is not proven, "" where nothing does.
	looks string
}

// holdAgainstRelease gathers what a metric shows beside the last release, where that has it.
func (c *candidate) holdAgainstRelease(r release, o Options) {
	base, ok := r.series[c.metric.Name]
	able, compares := c.rule.(comparer)
	if !ok || !compares || c.whole.outcome != NotJudged || c.head.status != result.Measured {
		return
	}
	s := &since{version: r.version, candidate: candidate{
		entry: newMetric(c.entry.Scenario, c.entry.Metric), metric: c.metric, limits: c.limits, rule: c.rule,
		plan: c.plan, side: r.scenarioBase, base: base, head: c.early(), memo: c.memo,
	}}
	if c.side.kind == Paired && c.side.pairs.reached == 0 || s.fewBuilds() {
		return
	}
	reason := s.failure()
	if reason == "" {
		reason = s.incomparable().reason
	}
	if reason != "" {
		c.note("not held against release %s: %s", r.version, reason)
		return
	}
	s.evidence = able.compare(s.question(o))
	s.convicts = s.mayConvict() && !c.sameAs(s)
	s.evidence.tested = s.evidence.tested && s.convicts
	c.since = s
}

// mayConvict tells whether a recording of another session proves the metric worse: sizes, counts and successes at once, what is
// noisy where it is known how much sessions differ.
func (s *since) mayConvict() bool {
	switch s.metric.Kind {
	case metric.Continuous, metric.Level:
		return s.evidence.open == "" && s.evidence.sessions != nil
	default:
		return s.evidence.open == ""
	}
}

// sameAs tells that the recording of the release is the one that the metric is compared with anyway.
func (c *candidate) sameAs(s *since) bool {
	return c.side.kind == Stored && c.side.refusal == "" && slices.Equal(c.base.values, s.base.values)
}

// early are the samples that are held against a release: in a trial those up to the first look, which later looks do not change, so
// that there is one test however many looks there are. Otherwise it is all.
func (c *candidate) early() series {
	if c.side.kind != Paired || c.metric.Kind == metric.Exact {
		return c.head
	}
	p := c.side.pairs
	early := c.head.emptied()
	for i, run := range c.head.runs {
		if run <= p.looks[0] && !p.isVoid(run) {
			early.take(run, c.head.values[i], c.head.limit)
		}
	}
	return early
}

// tests are all comparisons that may share the error budget: of each metric that with its base, and that with the release.
func (d *decider) tests() []*candidate {
	all := slices.Clone(d.candidates)
	for _, c := range d.candidates {
		if c.since != nil && c.since.convicts {
			all = append(all, &c.since.candidate)
		}
	}
	return all
}

// decideSince says what has crept in since the release, once the error budget is known.
func (c *candidate) decideSince(in Input) {
	s := c.since
	if s == nil {
		return
	}
	e := s.evidence
	c.entry.Release, c.entry.ReleaseBase = s.version, Number(s.rule.center(s.base))
	c.entry.ReleaseChange, c.entry.ReleaseChangeLow, c.entry.ReleaseChangeHigh = Number(e.change), Number(e.low), Number(e.high)
	if e.tested {
		c.entry.ReleasePValue, c.entry.ReleasePAdjusted = Number(e.pWorse), Number(e.adjWorse)
	}
	q := s.question(in.Options)
	if s.convicts {
		if j := s.rule.(comparer).decide(q, e); j.outcome == Regressed { //nolint:errcheck // only rules that compare are held against a release
			j.policy, j.reason = c.limits.Policy, fmt.Sprintf("since release %s %s", s.version, j.reason)
			j.mend = fmt.Sprintf("see what has added up since release %s: perfgate check --against %s", s.version, s.version)
			s.judgement = j
			return
		}
	}
	if counts(worse(e.change, q.metric.Better), max(q.tolerance/2, q.relativeFloor())) && !c.sameAs(s) && c.metric.Kind != metric.Exact {
		s.looks = fmt.Sprintf("looks %s since release %s, which is not proven", ChangeText(e.change, e.low, e.high), s.version)
		c.note("%s", s.looks)
	}
}

// reviewCreep warns of gated metrics that look worse than the last release by more than their tolerance, and where that is not proven.
func (d *decider) reviewCreep() {
	for _, c := range d.candidates {
		s := c.since
		if s != nil && s.looks != "" && c.limits.Policy == metric.Block && worse(s.evidence.change, c.metric.Better) >= c.limits.Tolerance {
			d.warn("%s %s", where(c.entry), s.looks)
		}
	}
}
