package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// DefaultLooks are the numbers of pairs after which a trial is decided by default, rising
// (docs/adr/0028-more-looks-at-a-trial.md has the reasons).
func DefaultLooks() []int { return []int{6, 9, 12, 14, 16, 18, 20, 24} }

// Sequential is the rule by which a trial is decided, by itself: without results, plans and targets. It is for those who
// simulate trials; Decide gives the same outcomes.
type Sequential struct {
	// Looks are the numbers of pairs after which it is decided, rising from 1 on.
	Looks   []int
	Options Options
	// GoesOn has all looks gone to that there are pairs for; else the trial ends with the first one that leaves nothing open, and later
	// pairs are not read.
	GoesOn bool
	// MDE fills in what would have been seen. It takes some milliseconds, whatever the number of metrics.
	MDE bool
}

// PairedSample is one gated noisy metric of a trial.
type PairedSample struct {
	// LogRatios are log(head/base) by pair, positive for the worse: those of the looks that were reached. ±Inf says that one
	// side timed out.
	LogRatios []float64
	// Tolerance is the smallest relative change that matters, above 0.
	Tolerance float64
	// Calibrated is the standard deviation of LogRatios that was measured here before, over so many Degrees of freedom: it is for the MDE
	// alone. Degrees of 0 say that nothing is known.
	Calibrated float64
	Degrees    int
}

// PairedOutcome is what became of one metric.
type PairedOutcome struct {
	Verdict Outcome
	// Pairs are those that the numbers come from: up to the look that decided, or all.
	Pairs int
	// Open tells that no look has decided.
	Open bool
	// Change is a ratio, Low and High bound it; MDE is what would have been seen with 80 % power, NaN when nobody asked.
	Change, Low, High, MDE float64
}

// Decide goes through the looks of all metrics of a trial, which share the error budget.
func (s Sequential) Decide(metrics []PairedSample) []PairedOutcome {
	o := s.Options.withDefaults()
	trial := &result.Results{Trial: &result.Trial{ID: "sequential", Side: result.SideHead, Looks: s.Looks}}
	base := *trial.Trial
	base.Side = result.SideBase
	d := &decider{in: Input{Head: trial, Base: &result.Results{Trial: &base}, Options: o}}
	for i, m := range metrics {
		c := s.candidate(i, m, o, &d.memo)
		d.candidates = append(d.candidates, c)
	}
	var known *reaches
	if s.MDE {
		known = newReaches()
	}
	d.decidePairs(known, !s.GoesOn)
	outcomes := make([]PairedOutcome, len(metrics))
	for i, c := range d.candidates {
		e := c.evidence
		outcomes[i] = PairedOutcome{c.relative.outcome, c.entry.Pairs, c.entry.Open, e.change, e.low, e.high, e.mde(metric.Lower)}
	}
	return outcomes
}

// candidate has a base of 1 and a head that is the ratio.
func (s Sequential) candidate(number int, m PairedSample, o Options, memo *stat.Memo) *candidate {
	d := metric.Describe(fmt.Sprintf("metric-%d", number), metric.Seconds, metric.Lower)
	p := &pairing{looks: s.Looks, measured: len(m.LogRatios)}
	for _, look := range s.Looks {
		if look <= p.measured {
			p.reached++
		}
	}
	base := series{unit: d.Unit, better: d.Better, status: result.Measured}
	head := base
	for i, ratio := range m.LogRatios {
		ours, theirs := math.Exp(ratio), 1.0
		if math.IsInf(ratio, -1) {
			ours, theirs = 1, math.Inf(1)
		}
		base.take(i+1, theirs, 1)
		head.take(i+1, ours, 1)
	}
	c := &candidate{
		entry: newMetric("", d.Name), metric: d, rule: continuousRule{}, side: scenarioBase{kind: Paired, pairs: p}, base: base, head: head,
		limits: baseline.Rule{Policy: metric.Block, Tolerance: m.Tolerance}, memo: memo,
	}
	c.calibrated = spread{m.Calibrated, m.Degrees}
	c.seq, c.evidence = newSequence(c, o), untested(math.NaN())
	return c
}
