package baseline

import (
	"github.com/communitas/perfgate/internal/metric"
)

// Rule is what holds for a metric in a scenario of that many nodes ("" and 0 for builds and benchmarks). Key by key, the
// scenario's table goes over the metric's, and that over the defaults: the metric's own policy and tolerance, and the
// default targets. With overridden, something else is measured than what the scenario's table was written for, and its
// target does not apply.
func (f *File) Rule(m metric.Metric, scenario string, nodes int, overridden bool) Rule {
	rule := Rule{
		Tolerance: m.Tolerance, Policy: m.Policy, TargetPolicy: metric.Block,
		ToleranceOrigin: DefaultOrigin, PolicyOrigin: DefaultOrigin, TargetPolicyOrigin: DefaultOrigin,
	}
	var said limits
	if f != nil {
		e := f.entries[m.Name]
		own := e.scenarios[scenario]
		if overridden {
			own.target = nil
		}
		said = own.over(e.limits)
		rule.Waiver = f.waiver(m.Name, scenario)
	}
	f.say(&rule, said)
	if said.floor != nil {
		rule.Floor, rule.FloorErr = f.floor(*said.floor, m.Unit)
	}
	if said.target != nil {
		rule.Target, rule.TargetErr = f.target(*said.target, m.Unit)
		return rule
	}
	if text := findDefault(m.Name, nodes); text != "" {
		if target, err := ParseTarget(text, m.Unit); err == nil { // another unit: no metric that the guide means
			target.Origin = DefaultOrigin
			rule.Target = &target
		}
	}
	return rule
}

// say lays over the defaults what the file says of tolerance and policies.
func (f *File) say(rule *Rule, said limits) {
	if said.tolerance != nil {
		rule.Tolerance, rule.ToleranceOrigin = *said.tolerance, f.origin(said.toleranceAt)
	}
	if said.policy != nil {
		rule.Policy, rule.PolicyOrigin = *said.policy, f.origin(said.policyAt)
		rule.TargetPolicy, rule.TargetPolicyOrigin = rule.Policy, rule.PolicyOrigin
	}
	if said.targetPolicy != nil {
		rule.TargetPolicy, rule.TargetPolicyOrigin = *said.targetPolicy, f.origin(said.targetPolicyAt)
	}
}

func (f *File) floor(w wish, unit metric.Unit) (*Floor, error) {
	value, err := metric.Parse(w.text, unit)
	if err != nil {
		return nil, f.doc.Errorf(w.at, "", "%v", err)
	}
	return &Floor{Value: value, Text: w.text, Origin: f.origin(w.at)}, nil
}

func (f *File) target(w wish, unit metric.Unit) (*Target, error) {
	if w.text == noTarget {
		return nil, nil
	}
	target, err := ParseTarget(w.text, unit)
	if err != nil {
		return nil, f.doc.Errorf(w.at, "", "%v", err)
	}
	target.Origin = f.origin(w.at)
	return &target, nil
}

// waiver returns the waiver for a metric in a scenario; one for this scenario goes before one for all.
func (f *File) waiver(name, scenario string) *Waiver {
	var found *Waiver
	for _, w := range f.waivers {
		if w.Metric == name && (w.Scenario == scenario || w.Scenario == "" && found == nil) {
			found = &w
		}
	}
	return found
}

// over lays limits over others, key by key.
func (l limits) over(below limits) limits {
	if l.target == nil {
		l.target = below.target
	}
	if l.tolerance == nil {
		l.tolerance, l.toleranceAt = below.tolerance, below.toleranceAt
	}
	if l.floor == nil {
		l.floor = below.floor
	}
	if l.policy == nil {
		l.policy, l.policyAt = below.policy, below.policyAt
	}
	if l.targetPolicy == nil {
		l.targetPolicy, l.targetPolicyAt = below.targetPolicy, below.targetPolicyAt
	}
	return l
}
