package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// waive lets an accepted regression pass while its waiver holds, and says why one does not: against the base, and against the
// last release.
func (c *candidate) waive(now time.Time) {
	w := c.limits.Waiver
	if w == nil {
		return
	}
	waived := []bool{}
	if c.relative.worse {
		waived = append(waived, c.relative.waive(*w, worse(c.evidence.change, c.metric.Better), now))
	}
	if c.since != nil && c.since.judgement.worse {
		waived = append(waived, c.since.judgement.waive(*w, worse(c.since.evidence.change, c.metric.Better), now))
	}
	if len(waived) > 0 && !slices.Contains(waived, false) {
		c.entry.Waived = accepted(*w)
	}
}

// waive tells whether a waiver turned a judgement of that much worse into a pass.
func (j *judgement) waive(w baseline.Waiver, effect float64, now time.Time) bool {
	switch {
	case expired(w, now):
		j.reason += fmt.Sprintf("; the waiver %s expired on %s", at(w), day(w.Until))
	case !(effect <= w.Max):
		j.reason += fmt.Sprintf("; exceeds the waiver %s of at most %s", at(w), metric.Format(w.Max, metric.Ratio))
	default:
		j.outcome, j.mend, j.rule = Pass, "", ruleWaived
		j.reason += "; waived " + accepted(w)
		return true
	}
	return false
}

// accepted quotes a waiver.
func accepted(w baseline.Waiver) string {
	return fmt.Sprintf("up to %s until %s: %s", metric.Format(w.Max, metric.Ratio), day(w.Until), w.Reason)
}

// expired tells whether the last day of the waiver is over, in UTC.
func expired(w baseline.Waiver, now time.Time) bool {
	return !now.UTC().Before(w.Until.UTC().AddDate(0, 0, 1))
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func at(w baseline.Waiver) string {
	if w.Line > 0 {
		return fmt.Sprintf("in line %d of baselines.toml", w.Line)
	}
	return "in baselines.toml"
}

// reviewWaivers warns of waivers that did nothing, since their metrics were judged and are not worse. One for a metric that nobody
// knows is a mistake, and nothing passes with it; for one of a benchmark, or where no network ran that would have the project's own
// metrics, it is a warning.
func (d *decider) reviewWaivers() {
	for _, w := range d.in.Baselines.Waivers() {
		if !d.known(w.Metric) {
			reason := fmt.Sprintf("the waiver %s is for %q, a metric that nothing here measures: is the name right?", at(w), w.Metric)
			if strings.Contains(w.Metric, "/") || !slices.ContainsFunc(d.plans, func(p result.Scenario) bool { return p.Name != "" }) {
				d.warn("%s", reason)
			} else {
				d.problem("", Inconclusive, reason)
			}
			continue
		}
		if !d.idle(w) {
			continue
		}
		if expired(w, d.in.Now) {
			d.warn("the waiver %s for %s expired on %s and is not needed: remove it", at(w), w.Metric, day(w.Until))
		} else {
			d.warn("the waiver %s for %s is not needed: %s is no longer worse than base", at(w), w.Metric, w.Metric)
		}
	}
}

// idle tells of a waiver whose metric was judged here and is nowhere worse.
func (d *decider) idle(w baseline.Waiver) bool {
	judged := false
	for _, c := range d.candidates {
		if c.limits.Waiver == nil || *c.limits.Waiver != w {
			continue
		}
		if c.relative.worse || c.creep().worse {
			return false
		}
		judged = judged || c.relative.outcome == Pass || c.relative.outcome == Improved
	}
	return judged
}

// known tells whether a metric is built in, measured by head or base, or recorded.
func (d *decider) known(name string) bool {
	if _, ok := metric.Lookup(name); ok {
		return true
	}
	for _, s := range d.in.Head.Series {
		if s.Metric == name {
			return true
		}
	}
	for _, side := range d.sides {
		if _, ok := side.series[name]; ok {
			return true
		}
	}
	for _, r := range d.in.Baselines.Recordings() {
		for _, s := range r.Series {
			if s.Metric == name {
				return true
			}
		}
	}
	return false
}
