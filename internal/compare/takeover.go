package compare

import "fmt"

// Takeover says of one metric whether what was measured may take the place of what is recorded.
type Takeover struct {
	// Scenario is "" for builds and benchmarks.
	Scenario, Metric string
	// Take tells that it may; Reason says why, or why not, and is never "".
	Take   bool
	Reason string
}

// Takeovers says for each metric of a verdict, in its order, whether a baseline that refreshes itself may take head's samples. It may
// where an improvement is proven, and where nothing is recorded of the metric. It may not where the metric is no worse: a baseline
// that follows each pass takes in a regression step by step, and one that follows what looks better learns from one lucky run. Nothing of a
// head that is bad in any metric that blocks is taken: a red main never becomes a baseline. What is accepted by a waiver stays
// worse than what is recorded, and a person records it.
func Takeovers(v Verdict) []Takeover {
	all := make([]Takeover, len(v.Metrics))
	for i, m := range v.Metrics {
		all[i] = takeover(v, m)
	}
	return all
}

// Unfit says why head must not become a baseline, whoever asks: it is proven worse than what it would replace or than the last
// release, it breaks a target, or it failed. Waived regressions are accepted. It returns "" for what may become one; a head that is
// inconclusive may, since a person has to be able to begin again.
func Unfit(v Verdict) string {
	switch v.Verdict {
	case Failed, Regressed, OverTarget:
		return fmt.Sprintf("%s: %s", v.Verdict, v.Reason)
	default:
		return ""
	}
}

// spoilt tells of what is worse than it should be, whatever its policy, accepted or not.
func (m Metric) spoilt() bool {
	return m.Verdict == Failed || m.RelativeVerdict == Regressed || m.ReleaseVerdict == Regressed || m.TargetVerdict == OverTarget || m.Waived != ""
}

func takeover(v Verdict, m Metric) Takeover {
	t := Takeover{Scenario: m.Scenario, Metric: m.Metric}
	switch unfit := Unfit(v); {
	case unfit != "":
		t.Reason = "the whole is " + unfit
	case v.Comparison.Kind == Session || v.Comparison.Kind == Paired:
		t.Reason = "compared with other results, not with what is recorded"
	case m.spoilt():
		t.Reason = m.Reason
	case m.HeadSamples == 0:
		t.Reason = "there is no sample"
	case m.BaseSamples == 0:
		t.Take, t.Reason = true, "nothing is recorded of it"
	case m.RelativeVerdict == Improved, m.Basis == ByValue && worse(float64(m.Change), m.Better) < 0:
		t.Take, t.Reason = true, "better: "+ChangeText(float64(m.Change), float64(m.ChangeLow), float64(m.ChangeHigh))
	case m.RelativeVerdict == Inconclusive:
		t.Reason = "not decided: " + m.Reason
	default:
		t.Reason = "no improvement is proven: what is recorded stays"
	}
	return t
}
