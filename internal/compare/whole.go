package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// finish puts the metrics together into the whole: the worst of what blocks.
func (d *decider) finish() Verdict {
	v := &d.verdict
	if d.bases.of != nil {
		d.compareWith()
		d.builds()
		d.reproduce()
		d.explain()
		d.reviewWaivers()
		d.reviewTolerances()
		d.reviewCreep()
	}
	runs := 0
	for _, c := range d.candidates {
		v.Metrics = append(v.Metrics, c.entry)
		v.Counts.add(c.entry)
		for _, j := range c.judgements() {
			if more := d.next(j); c.entry.Verdict == Inconclusive { // what is bad for certain does not wait for more
				runs = max(runs, more)
			}
		}
		if e := c.entry; e.Verdict.Bad() && e.Policy == metric.Warn {
			d.warn("%s: %s (policy warn): %s", where(e), e.Verdict, e.Reason)
		}
	}
	v.Counts.NotMeasurable = len(v.NotMeasurable)
	if v.Verdict = d.worst(); v.Verdict == NotJudged {
		v.Verdict = Inconclusive
		d.problem("", Inconclusive, "nothing decides: no metric that blocks has a base or a target")
		v.Next = append(v.Next, mendRecord)
	}
	v.Reason = d.reason()
	if runs > 0 {
		v.Next = append(v.Next, fmt.Sprintf("measure more: perfgate check --runs %d", runs))
	}
	if v.Verdict == Regressed {
		v.Next = append(v.Next, "if the change is wanted, accept it in baselines.toml with a waiver (metric, until, max, reason)")
	}
	return d.verdict
}

// worst is the whole: the worst of the problems and of the outcomes that block; NotJudged when there are none.
func (d *decider) worst() Outcome {
	whole := NotJudged
	consider := func(o Outcome) {
		if o.severity() > whole.severity() {
			whole = o
		}
	}
	for _, p := range d.verdict.Problems {
		consider(p.Verdict)
	}
	for _, c := range d.candidates {
		for _, j := range c.judgements() {
			if j.policy == metric.Block {
				consider(j.outcome)
			}
		}
	}
	return whole
}

// add counts one metric.
func (c *Counts) add(m Metric) {
	if m.Policy == metric.Block && m.Verdict != NotJudged {
		c.Gated++
	}
	switch m.Verdict {
	case Failed:
		c.Failed++
	case Regressed:
		c.Regressed++
	case OverTarget:
		c.OverTarget++
	case Inconclusive:
		c.Inconclusive++
	case Improved:
		c.Improved++
	case Pass:
		c.Pass++
	default:
		c.NotJudged++
	}
}

// next keeps each mend of a bad outcome once, and returns how many runs it asks for.
func (d *decider) next(j judgement) int {
	if !j.outcome.Bad() || j.policy == metric.Info {
		return 0
	}
	if j.mend != "" && !slices.Contains(d.verdict.Next, j.mend) {
		d.verdict.Next = append(d.verdict.Next, j.mend)
	}
	return j.runs
}

// compareWith says what head was compared with, and limits the verdict where there was nothing.
func (d *decider) compareWith() {
	var without []string
	whys := map[string][]string{}
	v := &d.verdict
	v.Comparison.Description = d.bases.describe
	for _, plan := range d.plans {
		side := d.sides[keyOf(plan)]
		if r := d.releases[keyOf(plan)]; r.text != "" {
			v.Comparison.Release = r.text
		}
		if side.kind == NoBase {
			without = append(without, place(plan))
			whys[side.why] = append(whys[side.why], plan.Name)
			if len(whys[side.why]) == 1 {
				d.withoutBase(side)
			}
			continue
		}
		v.Comparison.Kind = better(v.Comparison.Kind, side.kind)
		if side.refusal != "" && v.Comparison.Reason == "" {
			v.Comparison.Reason = side.refusal
		}
	}
	switch {
	case len(without) == len(d.plans):
		v.Qualifier = "targets only"
	case len(without) > 0:
		v.Qualifier = "targets only in " + strings.Join(without, ", ")
	}
	if v.Comparison.Reason == "" {
		v.Comparison.Reason = v.Comparison.Kind.carries()
		if v.Comparison.Kind == Stored {
			v.Comparison.Reason = d.carriesStored()
		}
	}
}

// better is the kind that carries further, or else the later one.
func better(before, now BaseKind) BaseKind {
	if before == Paired {
		return before
	}
	return now
}

// carries says what comparisons with such a base are worth; "" of none.
func (k BaseKind) carries() string {
	switch k {
	case Paired:
		return "base and head were measured in turns: run is held against run"
	case Session:
		return "base and head count as one session: their environment, configuration and subject are equal"
	default:
		return ""
	}
}

// withoutBase says once for each reason what the lack of a base means.
func (d *decider) withoutBase(side scenarioBase) {
	v := &d.verdict
	if v.Comparison.Reason == "" {
		v.Comparison.Reason = side.why
	}
	if d.in.Options.RequireBaseline {
		d.problem("", Inconclusive, "a baseline is required: "+side.why)
	}
	if side.mend != "" && !slices.Contains(v.Next, side.mend) {
		v.Next = append(v.Next, side.mend)
	}
}

// builds reports builds of one commit that differ.
func (d *decider) builds() {
	for _, c := range d.candidates {
		if c.metric.Kind == metric.Exact && len(c.head.values) > 1 && !c.head.constant() {
			d.warn("%s differs between builds of one commit: %s to %s", c.entry.Metric,
				metric.Format(slices.Min(c.head.values), c.head.unit), metric.Format(slices.Max(c.head.values), c.head.unit))
		}
	}
}

// reason is the why of the whole in one clause.
func (d *decider) reason() string {
	v := &d.verdict
	var first string
	n := 0
	for _, p := range v.Problems {
		if p.Verdict == v.Verdict {
			n++
			if first == "" {
				first = inScenario(p)
			}
		}
	}
	for _, c := range d.candidates {
		for _, j := range c.judgements() {
			if j.policy == metric.Block && j.outcome == v.Verdict {
				n++
				if first == "" {
					first = fmt.Sprintf("%s: %s", where(c.entry), j.reason)
				}
				break // a metric is one, though the release finds it worse as well
			}
		}
	}
	if v.Verdict == Pass {
		return d.reasonToPass()
	}
	return first + more(n)
}

func inScenario(p Problem) string {
	if p.Scenario == "" || strings.Contains(p.Reason, place(result.Scenario{Name: p.Scenario})) {
		return p.Reason
	}
	return p.Scenario + ": " + p.Reason
}

func (d *decider) reasonToPass() string {
	v := &d.verdict
	judged := count(v.Counts.Gated, "gated metric")
	switch {
	case v.Qualifier == "targets only":
		return fmt.Sprintf("%s; %s within the targets", v.Comparison.Reason, judged)
	case v.Qualifier != "":
		return fmt.Sprintf("%s not worse than %s, or within the targets", judged, v.Comparison.Description)
	default:
		return fmt.Sprintf("%s not worse than %s and within the targets", judged, v.Comparison.Description)
	}
}
