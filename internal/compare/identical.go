package compare

import "github.com/communitas/perfgate/internal/result"

// identical tells whether a scenario of a trial needed no run, since both sides would have started the same: both results say
// so, and neither the binaries nor the configurations that they name contradict it. What is the same is not worse.
func (d *decider) identical(plan result.Scenario) bool {
	head, base := d.in.Head, d.in.Base
	if base == nil || !sameTrial(base, head) || plan.Name == "" || !plan.Identical || len(head.RunsOf(plan)) > 0 {
		return false
	}
	other, ok := base.Scenario(plan.Name)
	return ok && other.Identical && other.Configuration == plan.Configuration &&
		head.Subject.BinarySHA256 != "" && head.Subject.BinarySHA256 == base.Subject.BinarySHA256
}
