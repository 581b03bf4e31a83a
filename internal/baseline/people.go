package baseline

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// maxChange is the largest tolerance or waiver: 1000 %.
const maxChange = 10

// resolver makes the runtime types of the wire types and notes what is wrong on the way.
type resolver struct {
	problems *tomlfile.Problems
	doc      *tomlfile.Document
}

func (r *resolver) entries(wire map[string]wireMetric) map[string]entry {
	entries := map[string]entry{}
	for _, name := range slices.Sorted(maps.Keys(wire)) {
		w, at := wire[name], tomlfile.At("metric", name)
		r.metricName(name, at)
		e := entry{
			limits: r.limits(name, wireLimits{w.Target, w.Tolerance, w.Floor, w.Policy, w.TargetPolicy}, at),
			at:     at, scenarios: map[string]limits{},
		}
		if len(w.Scenario) > 0 && ofNoScenario(name) {
			r.problems.Add(at.Key("scenario"), "write its keys under ["+at.String()+"]", "%s belongs to no scenario", name)
		}
		for _, scenario := range slices.Sorted(maps.Keys(w.Scenario)) {
			e.scenarios[scenario] = r.limits(name, w.Scenario[scenario], at.Key("scenario").Key(scenario))
		}
		entries[name] = e
	}
	return entries
}

// ofNoScenario tells of metrics of builds and benchmarks.
func ofNoScenario(name string) bool {
	m, _ := metric.Lookup(name)
	return m.Origin == metric.FromBuild || strings.Contains(name, "/")
}

func (r *resolver) limits(name string, wire wireLimits, at tomlfile.Path) limits {
	l := limits{toleranceAt: at.Key("tolerance"), policyAt: at.Key("policy"), targetPolicyAt: at.Key("target_policy")}
	if wire.Target != nil {
		l.target = &wish{text: strings.TrimSpace(*wire.Target), at: at.Key("target")}
		r.target(name, *l.target)
	}
	if wire.Tolerance != nil {
		tolerance, ok := r.share(wire.Tolerance, at.Key("tolerance"))
		if ok && tolerance < 0 {
			r.problems.Add(at.Key("tolerance"), `such as "10%"`, "%v is below 0", wire.Tolerance)
		}
		l.tolerance = &tolerance
	}
	if wire.Floor != nil {
		l.floor = &wish{text: strings.TrimSpace(*wire.Floor), at: at.Key("floor")}
		r.floor(name, *l.floor)
	}
	l.policy = r.policy(wire.Policy, at.Key("policy"))
	l.targetPolicy = r.policy(wire.TargetPolicy, at.Key("target_policy"))
	return l
}

// policy reads one of the policies; nil when the file says none.
func (r *resolver) policy(text *string, at tomlfile.Path) *metric.Policy {
	if text == nil {
		return nil
	}
	known := []string{string(metric.Block), string(metric.Warn), string(metric.Info)}
	if !slices.Contains(known, *text) {
		r.problems.Add(at, tomlfile.DidYouMean(*text, known, "one of"), "%q is unknown", *text)
	}
	policy := metric.Policy(*text)
	return &policy
}

// target checks what can be checked of a target: all of it for a built-in metric, the form for any other.
func (r *resolver) target(name string, w wish) {
	if w.text == noTarget {
		return
	}
	if _, _, err := splitTarget(w.text); err != nil {
		r.problems.Add(w.at, targetHint, "%v", err)
		return
	}
	if m, ok := metric.Lookup(name); ok {
		if _, err := ParseTarget(w.text, m.Unit); err != nil {
			r.problems.Add(w.at, "", "%v", err)
		}
	}
}

// floor checks what can be checked of a floor: all of it for a built-in metric, that it is not negative for any other.
func (r *resolver) floor(name string, w wish) {
	if strings.HasPrefix(w.text, "-") || w.text == "" {
		r.problems.Add(w.at, floorHint, "%q is no size", w.text)
		return
	}
	if m, ok := metric.Lookup(name); ok {
		if _, err := metric.Parse(w.text, m.Unit); err != nil {
			r.problems.Add(w.at, "", "%v", err)
		}
	}
}

// floorHint shows how floors are written.
const floorHint = `the smallest absolute change that matters, such as "1ms" or "100kB"`

// share reads a relative size: a text in percent or a number. Above 100 % only the text will do, since 10 for "10%" is
// an easy slip.
func (r *resolver) share(value any, at tomlfile.Path) (share float64, ok bool) {
	switch v := value.(type) {
	case int64:
		share = float64(v)
	case float64:
		share = v
	case string:
		number, percent := strings.CutSuffix(strings.TrimSpace(v), "%")
		parsed, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !percent {
			r.problems.Add(at, `such as "10%" or 0.10`, "%q is no share", v)
			return 0, false
		}
		share = parsed / 100
	default:
		r.problems.Add(at, `such as "10%" or 0.10`, "%v is no share", v)
		return 0, false
	}
	_, text := value.(string)
	switch {
	case math.IsNaN(share) || math.Abs(share) > maxChange:
		r.problems.Add(at, `such as "10%" or 0.10`, "%v is more than 1000 %%", value)
	case !text && share > 1:
		r.problems.Add(at, fmt.Sprintf(`write "%v%%" or "%v%%"`, share, share*100), "%v would be %v %%", value, share*100)
	default:
		return share, true
	}
	return 0, false
}

func (r *resolver) waivers(wire []wireWaiver) []Waiver {
	var waivers []Waiver
	for i, w := range wire {
		at := tomlfile.At("waiver").Index(i)
		waiver := Waiver{Metric: w.Metric, Scenario: w.Scenario, Reason: strings.TrimSpace(w.Reason), Line: r.doc.Line(at)}
		r.metricName(w.Metric, at.Key("metric"))
		if w.Scenario != "" && ofNoScenario(w.Metric) {
			r.problems.Add(at.Key("scenario"), "drop the scenario", "%s belongs to no scenario", w.Metric)
		}
		if waiver.Reason == "" {
			r.problems.Add(at.Key("reason"), "say why the regression is accepted", "is missing")
		}
		waiver.Until = r.date(w.Until, at.Key("until"))
		if w.Max == nil {
			r.problems.Add(at.Key("max"), `say how much is accepted, such as max = "15%"`, "is missing")
		} else if share, ok := r.share(w.Max, at.Key("max")); ok && share <= 0 {
			r.problems.Add(at.Key("max"), `say how much is accepted, such as max = "15%"`, "%v waives nothing", w.Max)
		} else {
			waiver.Max = share
		}
		for _, other := range waivers {
			if other.Metric == waiver.Metric && other.Scenario == waiver.Scenario {
				r.problems.Add(at, "keep one of the two", "the waiver at line %d is for the same", other.Line)
			}
		}
		waivers = append(waivers, waiver)
	}
	return waivers
}

// date reads a local date: midnight UTC of it.
func (r *resolver) date(until any, at tomlfile.Path) time.Time {
	const hint = "write the last day as a date without quotes: until = 2026-12-31"
	if until == nil {
		r.problems.Add(at, hint, "is missing")
		return time.Time{}
	}
	date, ok := until.(time.Time)
	if !ok || date.Location().String() != "date-local" { // the library's name for a date without a time
		r.problems.Add(at, hint, "%v is no plain date", until)
		return time.Time{}
	}
	year, month, day := date.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func (r *resolver) metricName(name string, at tomlfile.Path) {
	if !metric.ValidName(name) {
		r.problems.Add(at, `a built-in metric, one of [node.metrics], or "benchmark/metric"`, "%q is no metric's name", name)
	}
}
