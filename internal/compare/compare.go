// Package compare decides: head against a base and against targets, with one error budget over all gated metrics. It is
// pure: the same input gives the same verdict, bit for bit.
//
// The way of a decision: each scenario gets a base (base.go), and the last release as a second one (creep.go), each metric the rule of its kind (continuous.go, level.go,
// event.go, success.go, exact.go, signed.go), which turns both series into evidence (evidence.go). Holm's correction
// goes over the evidence of all gated metrics, and only then is anything called worse. Targets (target.go) are decided
// apart, and the worst of both is the metric's outcome.
package compare

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Input is all that a decision depends on.
type Input struct {
	// Head is what is judged.
	Head *result.Results
	// Base is what head is compared with; nil compares with the recordings of Baselines.
	Base *result.Results
	// Baselines gives targets, tolerances, policies and waivers, and the recordings; nil is an empty file.
	Baselines *baseline.File
	// Now decides which waivers still hold.
	Now     time.Time
	Options Options
}

// Options are the knobs of a decision; the zero value has the defaults.
type Options struct {
	// Alpha is the error budget of the whole verdict, in (0, 0.5]; 0 is DefaultAlpha.
	Alpha float64
	// Confidence of the intervals of changes, in [0.5, 1); 0 is DefaultConfidence. A target must be cleared by a bound
	// of this confidence.
	Confidence float64
	// RequireBaseline makes the verdict inconclusive where there is no base.
	RequireBaseline bool
}

// The defaults of Options.
const (
	DefaultAlpha      = 0.05
	DefaultConfidence = 0.95
)

// minSamples is how many samples a side must have before anything relative, or a target that each run has to meet, is
// decided: below it no exact test of two samples reaches 5 %.
const minSamples = 4

func (o Options) withDefaults() Options {
	if !(o.Alpha > 0 && o.Alpha <= 0.5) {
		o.Alpha = DefaultAlpha
	}
	if !(o.Confidence >= 0.5 && o.Confidence < 1) {
		o.Confidence = DefaultConfidence
	}
	return o
}

// planKey tells plans apart: a scenario, the builds, or a benchmark.
type planKey struct{ scenario, benchmark string }

func keyOf(plan result.Scenario) planKey { return planKey{plan.Name, plan.Benchmark} }

// decider carries a decision from its input to the verdict.
type decider struct {
	in    Input
	bases bases
	// plans are the scenarios and benchmarks of head in their order, sides the base of each.
	plans      []result.Scenario
	sides      map[planKey]scenarioBase
	releases   map[planKey]release
	candidates []*candidate
	verdict    Verdict
	memo       stat.Memo
	// shared is the error budget of a trial; nil outside of one.
	shared *family
}

// Decide compares head with its base and with the targets. It never fails: what cannot be decided is in the verdict,
// failed or inconclusive, with the reason.
func Decide(in Input) Verdict {
	_, v := decided(in)
	return v
}

// decided is Decide with what it went through.
func decided(in Input) (*decider, Verdict) {
	in.Options = in.Options.withDefaults()
	if in.Baselines == nil {
		in.Baselines = &baseline.File{}
	}
	d := &decider{in: in, sides: map[planKey]scenarioBase{}, releases: map[planKey]release{}, verdict: newVerdict(in)}
	if !d.readable() {
		return d, d.finish()
	}
	d.bases = chooseBases(in)
	d.plans = in.Head.Scenarios
	for _, plan := range d.plans {
		side := d.bases.of(plan)
		side.noise = calibrationOf(in.Baselines, in.Head, plan)
		d.sides[keyOf(plan)], d.releases[keyOf(plan)] = side, d.releaseOf(plan, side.noise)
	}
	d.inspect()
	d.gather()
	d.budget()
	if d.trial() {
		d.decidePairs(newReaches(), false)
		d.tellTrial()
	}
	for _, c := range d.candidates {
		c.decide(in)
	}
	return d, d.finish()
}

func newVerdict(in Input) Verdict {
	v := Verdict{
		Schema: Schema, Alpha: in.Options.Alpha, Confidence: in.Options.Confidence,
		Comparison: Comparison{Kind: NoBase},
		Metrics:    []Metric{}, Problems: []Problem{}, Warnings: []string{}, NotMeasurable: []NotMeasurable{}, Next: []string{},
	}
	if in.Head != nil {
		v.Subject, v.Commit = in.Head.Subject.Name, in.Head.Subject.Commit
		v.Environment = in.Head.Environment.Fingerprint
	}
	return v
}

// readable refuses a head that no statistics may touch.
func (d *decider) readable() bool {
	if d.in.Head == nil {
		d.problem("", Failed, "there are no results")
		return false
	}
	if err := d.in.Head.Validate(); err != nil {
		d.problem("", Failed, fmt.Sprintf("the results cannot be used: %v", err))
		return false
	}
	return true
}

func (d *decider) problem(scenario string, outcome Outcome, reason string) {
	d.verdict.Problems = append(d.verdict.Problems, Problem{Scenario: scenario, Verdict: outcome, Reason: reason})
}

// problemOf is a problem of a plan. One of a benchmark names it, since benchmarks have no scenario.
func (d *decider) problemOf(plan result.Scenario, outcome Outcome, reason string) {
	if plan.Benchmark != "" && !strings.Contains(reason, place(plan)) {
		reason = place(plan) + ": " + reason
	}
	d.problem(plan.Name, outcome, reason)
}

func (d *decider) warn(format string, args ...any) {
	d.verdict.Warnings = append(d.verdict.Warnings, fmt.Sprintf(format, args...))
}

// gather makes a candidate of each series of head, and of each metric that only the base has.
func (d *decider) gather() {
	for _, plan := range d.plans {
		side := d.sides[keyOf(plan)]
		seen := map[string]bool{}
		for _, s := range d.in.Head.SeriesOf(plan) {
			seen[s.Metric] = true
			d.consider(d.candidate(plan, side, s.Metric, fromResults(s)))
		}
		if side.kind == NoBase || side.refusal != "" {
			continue
		}
		for _, name := range side.order {
			if !seen[name] {
				d.missing(plan, side, name, seen)
			}
		}
	}
}

// consider sorts out what has no verdict, and lets the rest be prepared.
func (d *decider) consider(c *candidate) {
	if c.head.status == result.NotMeasurable && !c.lostMeasure() {
		d.notMeasurable(c)
		return
	}
	c.prepare(d.in.Options)
	c.holdAgainstRelease(d.releases[keyOf(c.plan)], d.in.Options)
	d.candidates = append(d.candidates, c)
}

func (d *decider) notMeasurable(c *candidate) {
	name := c.entry.Metric
	d.verdict.NotMeasurable = append(d.verdict.NotMeasurable, NotMeasurable{c.entry.Scenario, name, c.head.reason})
	if c.hasBase() && c.base.status == result.Measured {
		d.warn("%s is in the base and was not measured: %s", name, c.head.reason)
	}
}

// missing is a metric that the base has and head has not.
func (d *decider) missing(plan result.Scenario, side scenarioBase, name string, seen map[string]bool) {
	base := side.series[name]
	if base.status == result.NotMeasurable {
		return
	}
	if plan.Name == "" && plan.Benchmark == "" && side.kind == Stored && !chosen(group(name), seen) {
		d.warn("%s is in the baseline and was not part of this invocation", name)
		return
	}
	head := series{unit: base.unit, better: base.better, status: result.Failed, reason: "missing in head, present in base"}
	d.consider(d.candidate(plan, side, name, head))
}

// group names what is measured together among builds and benchmarks: one benchmark, or the build.
func group(name string) string {
	if m, ok := metric.Lookup(name); ok && m.Origin == metric.FromBuild {
		return "build"
	}
	return cmp.Or(metric.Benchmark(name), name)
}

// chosen tells whether anything of a group was measured or tried.
func chosen(wanted string, seen map[string]bool) bool {
	for name := range seen {
		if group(name) == wanted {
			return true
		}
	}
	return false
}
