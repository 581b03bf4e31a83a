package compare

import "slices"

// Beside is the verdict together with a problem that the results themselves do not show: whose they are, what else should
// have been measured. The whole is the worse of both.
func (v Verdict) Beside(p Problem) Verdict {
	v.Problems = append(slices.Clone(v.Problems), p)
	if p.Verdict.severity() > v.Verdict.severity() {
		v.Verdict, v.Reason = p.Verdict, inScenario(p)
	}
	return v
}

// Refused is the verdict on results that nobody may judge.
func Refused(reason string) Verdict {
	v := newVerdict(Input{Options: Options{}.withDefaults()})
	v.Verdict, v.Reason = Failed, reason
	v.Problems = append(v.Problems, Problem{Verdict: Failed, Reason: reason})
	return v
}
