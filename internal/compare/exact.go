package compare

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
)

// exactRule decides values without noise, such as the size of a file: the tolerance alone, no statistics.
type exactRule struct{}

func (exactRule) center(s series) float64 { return s.worst() }

func (exactRule) fault(s series) string {
	if len(s.values) > 0 && slices.Min(s.values) <= 0 {
		return fmt.Sprintf("the value is %s: nothing was measured", metric.Format(slices.Min(s.values), s.unit))
	}
	return ""
}

func (r exactRule) compare(q question) evidence {
	base := r.center(q.base)
	return untested((r.center(q.head) - base) / base)
}

func (exactRule) decide(q question, e evidence) judgement {
	j := judgement{basis: ByValue, rule: ruleExact}
	effect := worse(e.change, q.metric.Better)
	allowed, tolerance := q.allowed(), q.toleranceText()
	switch {
	case effect > 0 && counts(effect, allowed):
		j.outcome, j.worse = Regressed, true
		j.reason = fmt.Sprintf("worse: %s, tolerance %s", Percent(e.change), tolerance)
	case effect < 0 && counts(-effect, allowed):
		j.outcome, j.reason = Improved, "better: "+Percent(e.change)
	case e.change == 0:
		j.outcome, j.reason = Pass, "unchanged"
	default:
		j.outcome, j.reason = Pass, fmt.Sprintf("%s stays within %s", Percent(e.change), tolerance)
	}
	return j
}

func (exactRule) hold(q question, t baseline.Target) finding { return holdByValue(q, t) }
