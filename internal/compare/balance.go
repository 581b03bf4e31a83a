package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Runs on a machine that others kept too busy are invalid. Those that others disturbed less count, and a difference of such
// loads between base and head would look like one of the subject: the formation of a network keeps every core busy, and a
// twentieth of the machine makes it some tenths slower. So where the machine was busier for head no time is called worse, and where it
// was for base none is called better, and none passes: that would have hidden what got worse (docs/adr/0029-no-pass-beside-a-busier-base.md).

const (
	// leastImbalance is by how much of the machine the loads of head and base must differ before that is held against them.
	leastImbalance = 0.02
	// imbalanceAlpha is the chance with which equal loads are taken to differ. It costs power alone: what it leads to is
	// inconclusive.
	imbalanceAlpha = 0.05
)

// imbalance says how the machine was busier for head, and how for base, of a scenario: in one phase it may be the one and in another
// the other. "" says that it was not.
type imbalance struct{ head, base string }

// imbalanceOf compares what other processes took of the machine in the runs of both sides, in each phase.
func imbalanceOf(head, base *result.Results, plan result.Scenario) imbalance {
	var found imbalance
	for _, phase := range []struct {
		when string
		of   func(*result.Machine) *result.MachinePhase
	}{
		{"in the steady window", func(m *result.Machine) *result.MachinePhase { return m.Steady }},
		{"under load", func(m *result.Machine) *result.MachinePhase { return m.Load }},
		{"while it ran", func(m *result.Machine) *result.MachinePhase { return m.Running }},
		{"while the network formed", func(m *result.Machine) *result.MachinePhase { return m.Forming }},
	} {
		now, before := loads(head.RunsOf(plan), phase.of), loads(base.RunsOf(plan), phase.of)
		nowMedian, nowErr := stat.Median(now)
		beforeMedian, beforeErr := stat.Median(before)
		if nowErr != nil || beforeErr != nil || math.Abs(nowMedian-beforeMedian) < leastImbalance {
			continue
		}
		busier, direction := &found.base, stat.Less
		if nowMedian > beforeMedian {
			busier, direction = &found.head, stat.Greater
		}
		if test, err := stat.RankSum(before, now, direction); err != nil || test.P > imbalanceAlpha || *busier != "" {
			continue
		}
		*busier = fmt.Sprintf("other processes took %s of the machine %s for head and %s for base", share(nowMedian), phase.when, share(beforeMedian))
	}
	return found
}

// loads are the shares of the machine that other processes took in a phase of each run that counts.
func loads(runs []result.Run, phase func(*result.Machine) *result.MachinePhase) []float64 {
	var all []float64
	for _, run := range runs {
		if run.Warmup || run.Invalid != "" || run.Machine == nil {
			continue
		}
		if p := phase(run.Machine); p != nil && p.OthersRatio != nil {
			all = append(all, *p.OthersRatio)
		}
	}
	return all
}

func share(ratio float64) string { return fmt.Sprintf("%.0f %%", 100*ratio) }

// withoutBalance weakens what a time shows when the machine was busier on one side: where it was for head it is not worse, where it was for
// base it is neither better nor within the tolerance.
// Sizes of memory do not depend on who else is at work.
func (e evidence) withoutBalance(q question, j judgement) judgement {
	if q.imbalance == (imbalance{}) || q.metric.Unit == metric.Bytes {
		return j
	}
	text := ChangeText(e.change, e.low, e.high)
	switch {
	case j.outcome == Regressed && q.imbalance.head != "":
		j.outcome, j.worse = Inconclusive, false
		j.mend, j.rule = mendImbalance, ruleImbalance
		j.reason = fmt.Sprintf("looks worse by %s, but %s", text, q.imbalance.head)
	case j.outcome == Improved && q.imbalance.base != "":
		j.outcome, j.mend, j.rule = Inconclusive, mendImbalance, ruleImbalance
		j.reason = fmt.Sprintf("looks better: %s, but %s", text, q.imbalance.base)
	case j.outcome == Pass && q.imbalance.base != "":
		j.outcome, j.mend, j.rule = Inconclusive, mendImbalance, ruleImbalance
		j.reason = fmt.Sprintf("looks no worse: %s, but %s, which would hide what got worse", text, q.imbalance.base)
	}
	return j
}

const mendImbalance = "measure base and head again, both on an idle machine, or in turns: perfgate check --against REVISION"
