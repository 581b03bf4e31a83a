package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// finding is what head says of a target.
type finding struct {
	outcome Outcome
	reason  string
	rule    string
	// low and high bound the center of head; NaN where values and not an interval decide.
	low, high float64
	more      int
}

// slack is the relative rounding that a closed or exact budget forgives: a mean over time of 4 peers may be 4-1e-15.
const slack = 1e-9

// meets tells whether one value keeps the budget.
func meets(t baseline.Target, x float64) bool {
	keeps, _ := clears(t, x, x)
	return keeps
}

// clears tells whether everything from low to high keeps the budget, and whether everything breaks it.
func clears(t baseline.Target, low, high float64) (keeps, breaks bool) {
	forgiven := slack * math.Abs(t.Value)
	switch t.Op {
	case "<":
		return high < t.Value, low >= t.Value
	case "<=":
		return high <= t.Value+forgiven, low > t.Value+forgiven
	case ">":
		return low > t.Value, high <= t.Value
	case ">=":
		return low >= t.Value-forgiven, high < t.Value-forgiven
	case "=":
		below, above := high < t.Value-forgiven, low > t.Value+forgiven
		return low >= t.Value-forgiven && high <= t.Value+forgiven, below || above
	default:
		return false, false
	}
}

// budgetText is the target as the person wrote it.
func budgetText(t baseline.Target, u metric.Unit) string {
	if t.Text != "" {
		return t.Text
	}
	return t.Op + " " + metric.Format(t.Value, u)
}

// holdByInterval wants the interval of the center of head to clear the budget: each end has the confidence of the
// decision. The interval is that of the pseudo-median (signed rank), of logarithms where the values are positive and
// skewed. What timed out is longer than its time-out.
func holdByInterval(q question, t baseline.Target, logs bool) finding {
	n := len(q.head.values)
	if q.metric.Origin == metric.FromBuild && n < needed(q.confidence) {
		return holdByValue(q, t)
	}
	values, limit := q.head.values, math.Inf(-1)
	if q.head.timeouts > 0 {
		limit = q.head.limit
	}
	if logs {
		values, limit = logarithms(values), math.Log(max(0, limit))
	}
	estimate, err := stat.PseudoMedianCensored(values, limit, 2*q.confidence-1)
	if err != nil {
		return finding{outcome: Inconclusive, rule: ruleUndecided, low: math.NaN(), high: math.NaN(), reason: fmt.Sprintf("no interval: %v", err)}
	}
	if !estimate.Reached {
		return finding{
			outcome: Inconclusive, rule: ruleTargetInterval, low: math.NaN(), high: math.NaN(), more: needed(q.confidence) - n,
			reason: fmt.Sprintf("%s: too few for an interval, %d are needed", count(n, "sample"), needed(q.confidence)),
		}
	}
	f := finding{rule: ruleTargetInterval, low: estimate.Low, high: estimate.High}
	if logs {
		f.low, f.high = math.Exp(f.low), math.Exp(f.high)
	}
	interval := fmt.Sprintf("[%s, %s]", metric.Format(f.low, q.head.unit), metric.Format(f.high, q.head.unit))
	keeps, breaks := clears(t, f.low, f.high)
	switch {
	case keeps:
		f.outcome, f.reason = Pass, interval+" keeps the target "+budgetText(t, q.head.unit)
	case breaks:
		f.outcome, f.reason = OverTarget, interval+" breaks the target "+budgetText(t, q.head.unit)
	default:
		f.outcome, f.reason = Inconclusive, interval+" straddles the target "+budgetText(t, q.head.unit)
		f.more = moreForTarget(q, t, estimate.Value, values, logs)
	}
	return f
}

// needed is the least number of samples for which a signed-rank bound has the confidence: 5 at 95 %.
func needed(confidence float64) int {
	return int(math.Ceil(-math.Log2(1-confidence) - slack))
}

// moreForTarget is about how many more runs would clear the target one way or the other; 0 when it cannot be told.
func moreForTarget(q question, t baseline.Target, center float64, values []float64, logs bool) int {
	budget := t.Value
	if logs {
		if budget <= 0 {
			return 0
		}
		budget = math.Log(budget)
	}
	deviation, err := stat.StandardDeviation(values)
	if err != nil || deviation == 0 || !finite(center) || center == budget {
		return 0
	}
	runs, err := stat.Design{Alpha: 1 - q.confidence, Power: power, Spread: deviation}.PairedRuns(math.Abs(budget - center))
	if err != nil {
		return 0
	}
	return max(1, runs-len(values))
}

func logarithms(values []float64) []float64 {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	return logs
}

// holdInEachRun wants every run to keep the budget: for events, and for shares that must be whole. One run that breaks
// it is enough, however few there are.
func holdInEachRun(q question, t baseline.Target) finding {
	f := finding{outcome: Pass, rule: ruleTargetEachRun, low: math.NaN(), high: math.NaN()}
	var broken []string
	for i, v := range q.head.values {
		if !meets(t, v) {
			broken = append(broken, fmt.Sprintf("%s: %s", q.head.run(i), metric.Format(v, q.head.unit)))
		}
	}
	n, budget := len(q.head.values), budgetText(t, q.head.unit)
	switch {
	case len(broken) > 0:
		f.outcome = OverTarget
		f.reason = fmt.Sprintf("%d of %s broke the target %s (%s)", len(broken), count(n, "run"), budget, listed(broken))
	case n < minSamples:
		f.outcome, f.more = Inconclusive, minSamples-n
		f.reason = fmt.Sprintf("%s: too few to hold the target %s, %d are needed", count(n, "run"), budget, minSamples)
	default:
		f.reason = fmt.Sprintf("every run kept the target %s", budget)
	}
	return f
}

// listed joins at most four items.
func listed(items []string) string {
	const most = 4
	if len(items) > most {
		return strings.Join(items[:most], ", ") + fmt.Sprintf(", and %d more", len(items)-most)
	}
	return strings.Join(items, ", ")
}

// holdByShare wants the exact interval of the share of successes to clear the budget.
func holdByShare(q question, t baseline.Target) finding {
	trials := q.head.trials()
	if trials.Failures == 0 {
		return holdInEachRun(q, t)
	}
	share, err := stat.Proportion(trials, 2*q.confidence-1)
	if err != nil {
		return finding{outcome: Inconclusive, rule: ruleUndecided, low: math.NaN(), high: math.NaN(), reason: fmt.Sprintf("no interval: %v", err)}
	}
	f := finding{rule: ruleTargetShare, low: share.Low, high: share.High}
	succeeded := fmt.Sprintf("%d of %d succeeded", trials.Successes, len(q.head.values))
	keeps, breaks := clears(t, f.low, f.high)
	switch budget := budgetText(t, q.head.unit); {
	case keeps:
		f.outcome, f.reason = Pass, fmt.Sprintf("%s: the target %s holds", succeeded, budget)
	case breaks:
		f.outcome, f.reason = OverTarget, fmt.Sprintf("%s: the target %s is broken", succeeded, budget)
	default:
		f.outcome, f.reason = Inconclusive, fmt.Sprintf("%s: too few to tell whether the target %s holds", succeeded, budget)
	}
	return f
}

// holdByValue lets the worst value decide: for exact values, and for the few builds that there are.
func holdByValue(q question, t baseline.Target) finding {
	value := q.head.worst()
	f := finding{outcome: Pass, rule: ruleTargetValue, low: math.NaN(), high: math.NaN()}
	verb := "keeps"
	if !meets(t, value) {
		f.outcome, verb = OverTarget, "breaks"
	}
	f.reason = fmt.Sprintf("%s %s the target %s", metric.Format(value, q.head.unit), verb, budgetText(t, q.head.unit))
	if q.metric.Kind != metric.Exact {
		f.reason += fmt.Sprintf(" (%s: no interval)", count(len(q.head.values), "sample"))
	}
	return f
}
