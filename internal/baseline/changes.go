package baseline

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// RuleChange is one difference between what two files demand.
type RuleChange struct {
	// Line is where the later file says it, 0 where it says it no longer.
	Line int
	// Text names what changes, with both values.
	Text string
	// Looser says that the later file lets more through.
	Looser bool
}

// Changes says what a later file demands otherwise than an earlier one, what lets more through first. Of recorded samples and
// calibrations it says only that they differ: they are the machine's, and a person cannot judge them by looking.
func Changes(earlier, later *File) []RuleChange {
	c := changes{earlier: earlier, later: later}
	before, after := earlier.rules(), later.rules()
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c.entry(name, before[name], after[name])
	}
	c.waivers()
	c.machine()
	slices.SortStableFunc(c.all, func(a, b RuleChange) int { return cmp.Compare(weight(b), weight(a)) })
	return c.all
}

func weight(c RuleChange) int {
	if c.Looser {
		return 1
	}
	return 0
}

func (f *File) rules() map[string]entry {
	if f == nil {
		return nil
	}
	return f.entries
}

type changes struct {
	earlier, later *File
	all            []RuleChange
}

func (c *changes) add(line int, looser bool, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if looser {
		text += " (looser)"
	}
	c.all = append(c.all, RuleChange{Line: line, Text: text, Looser: looser})
}

func (c *changes) entry(name string, before, after entry) {
	c.limits(name, name, before.limits, after.limits)
	scenarios := map[string]bool{}
	for s := range before.scenarios {
		scenarios[s] = true
	}
	for s := range after.scenarios {
		scenarios[s] = true
	}
	for _, s := range slices.Sorted(maps.Keys(scenarios)) {
		old, now := before.scenarios[s], after.scenarios[s]
		c.limits(name, name+" in scenario "+s, old.beside(now, before.limits), now.beside(old, after.limits))
	}
}

// beside are the limits of a scenario as they hold there, over those of the metric; without what neither they nor the other file's say of
// the scenario, since that is told of the metric.
func (l limits) beside(other, below limits) limits {
	held := l.over(below)
	if l.target == nil && other.target == nil {
		held.target = nil
	}
	if l.tolerance == nil && other.tolerance == nil {
		held.tolerance = nil
	}
	if l.floor == nil && other.floor == nil {
		held.floor = nil
	}
	if l.policy == nil && other.policy == nil && l.targetPolicy == nil && other.targetPolicy == nil {
		held.policy, held.targetPolicy = nil, nil
	}
	return held
}

func (c *changes) limits(name, where string, before, after limits) {
	known, ok := metric.Lookup(name)
	if !ok {
		known = metric.Describe(name, "", metric.Lower)
	}
	c.target(where, known, before.target, after.target)
	if old, now := share(before.tolerance, known), share(after.tolerance, known); old != now {
		c.add(c.line(after.tolerance != nil, after.toleranceAt), now > old, "the tolerance of %s goes from %s to %s", where, metric.Format(old, metric.Ratio), metric.Format(now, metric.Ratio))
	}
	c.floor(where, known, before.floor, after.floor)
	c.policies(where, known, before, after)
}

// policies compares both. That of the target follows the other where nothing else is said, and is told of where it does not change alike:
// a metric that was for information by default may have had a target that blocked.
func (c *changes) policies(where string, m metric.Metric, before, after limits) {
	old, now := policyOf(before.policy, m.Policy), policyOf(after.policy, m.Policy)
	if old != now {
		c.add(c.line(after.policy != nil, after.policyAt), strictness(now) < strictness(old), "the policy of %s goes from %s to %s", where, old, now)
	}
	oldTarget, nowTarget := policyOf(before.targetPolicy, policyOf(before.policy, metric.Block)), policyOf(after.targetPolicy, policyOf(after.policy, metric.Block))
	said := before.targetPolicy != nil || after.targetPolicy != nil
	if oldTarget != nowTarget && (said || oldTarget != old || nowTarget != now) {
		at := after.targetPolicyAt
		if after.targetPolicy == nil {
			at = after.policyAt
		}
		c.add(c.line(after.targetPolicy != nil || after.policy != nil, at), strictness(nowTarget) < strictness(oldTarget), "the policy of the target of %s goes from %s to %s", where, oldTarget, nowTarget)
	}
}

// line is where the later file says something, 0 when it does not.
func (c *changes) line(said bool, at tomlfile.Path) int {
	if !said || c.later == nil || c.later.doc == nil {
		return 0
	}
	return c.later.doc.Line(at)
}

func (c *changes) lineOf(w *wish) int {
	if w == nil {
		return 0
	}
	return c.line(true, w.at)
}

func share(tolerance *float64, m metric.Metric) float64 {
	if tolerance == nil {
		return m.Tolerance
	}
	return *tolerance
}

func policyOf(said *metric.Policy, otherwise metric.Policy) metric.Policy {
	if said == nil {
		return otherwise
	}
	return *said
}

func strictness(p metric.Policy) int {
	return slices.Index([]metric.Policy{metric.Info, metric.Warn, metric.Block}, p)
}

func (c *changes) target(where string, m metric.Metric, before, after *wish) {
	old, now := wished(before), wished(after)
	if old == now {
		return
	}
	c.add(c.lineOf(after), looser(m, old, now), "the target of %s goes from %s to %s", where, named(old), named(now))
}

func wished(w *wish) string {
	if w == nil {
		return ""
	}
	return w.text
}

func named(target string) string {
	if target == "" {
		return "the default"
	}
	return `"` + target + `"`
}

// looser tells whether a target lets more through than another. What cannot be compared may.
func looser(m metric.Metric, before, after string) bool {
	if after == noTarget || before == noTarget {
		return after == noTarget
	}
	if before == "" { // the default of some networks, or none
		return slices.ContainsFunc(defaultTargets(), func(d defaultTarget) bool { return d.metric == m.Name && looser(m, d.text, after) })
	}
	old, errOld := ParseTarget(before, m.Unit)
	now, errNow := ParseTarget(after, m.Unit)
	switch {
	case errOld != nil || errNow != nil || old.Op[:1] != now.Op[:1] || old.Op == "=":
		return true
	case old.Op[:1] == "<":
		return now.Value > old.Value
	default:
		return now.Value < old.Value
	}
}

func (c *changes) floor(where string, m metric.Metric, before, after *wish) {
	old, now := wished(before), wished(after)
	if old == now {
		return
	}
	c.add(c.lineOf(after), higher(old, now, m.Unit), "the floor of %s goes from %s to %s", where, orNone(old), orNone(now))
}

// higher tells whether a floor lets more through than another. What cannot be compared may.
func higher(before, after string, unit metric.Unit) bool {
	if before == "" || after == "" {
		return before == ""
	}
	old, errOld := metric.Parse(before, unit)
	now, errNow := metric.Parse(after, unit)
	return errOld != nil || errNow != nil || now > old
}

func orNone(floor string) string {
	if floor == "" {
		return "none"
	}
	return `"` + floor + `"`
}

func (c *changes) waivers() {
	type place struct{ metric, scenario string }
	before := map[place]Waiver{}
	for _, w := range c.earlier.Waivers() {
		before[place{w.Metric, w.Scenario}] = w
	}
	for _, w := range c.later.Waivers() {
		at := place{w.Metric, w.Scenario}
		old, there := before[at]
		delete(before, at)
		text := fmt.Sprintf("%s up to %s until %s", w.where(), metric.Format(w.Max, metric.Ratio), w.Until.UTC().Format("2006-01-02"))
		switch {
		case !there:
			c.add(w.Line, true, "a new waiver for %s: %s", text, w.Reason)
		case old.Max != w.Max || !old.Until.Equal(w.Until):
			c.add(w.Line, w.Max > old.Max || w.Until.After(old.Until), "the waiver for %s, which was up to %s until %s",
				text, metric.Format(old.Max, metric.Ratio), old.Until.UTC().Format("2006-01-02"))
		}
	}
	for _, w := range c.earlier.Waivers() {
		if _, gone := before[place{w.Metric, w.Scenario}]; gone {
			c.add(0, false, "the waiver for %s is gone", w.where())
		}
	}
}

func (w Waiver) where() string {
	if w.Scenario == "" {
		return w.Metric
	}
	return w.Metric + " in scenario " + w.Scenario
}

// machine compares what machines wrote.
func (c *changes) machine() {
	if n := differing(c.earlier.Recordings(), c.later.Recordings()); n > 0 {
		c.add(0, false, "the recorded samples differ in %d of the baselines", n)
	}
	if n := differing(c.earlier.Calibrations(), c.later.Calibrations()); n > 0 {
		c.add(0, false, "%d of the calibrations differ", n)
	}
}

// differing counts what only one of two lists has.
func differing[T any](a, b []T) int {
	has := func(list []T, x T) bool {
		return slices.ContainsFunc(list, func(y T) bool { return reflect.DeepEqual(x, y) })
	}
	added, removed := 0, 0
	for _, x := range a {
		if !has(b, x) {
			removed++
		}
	}
	for _, x := range b {
		if !has(a, x) {
			added++
		}
	}
	return max(added, removed)
}
