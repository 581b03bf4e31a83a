package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Percent prints a relative change with its sign and at most one decimal: 0.1234 is "+12.3%", what rounds to nothing is
// "0%". NaN is "-".
func Percent(change float64) string {
	if math.IsNaN(change) || math.IsInf(change, 0) {
		return strings.Replace("+"+metric.Format(change, metric.Ratio), "+-", "-", 1)
	}
	decimals := 1
	if math.Abs(change) >= 10 {
		decimals = 0
	}
	text := strconv.FormatFloat(100*change, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(text, ".0")
	}
	switch {
	case text == "0" || text == "-0":
		return "0%"
	case change > 0:
		return "+" + text + "%"
	default:
		return text + "%"
	}
}

// ChangeText prints a change with its interval: "+12.3% [+10%, +14.7%]". Without an interval, or with one that is a
// point, it is the change alone.
func ChangeText(change, low, high float64) string {
	if math.IsNaN(low) || math.IsNaN(high) || low == high {
		return Percent(change)
	}
	return fmt.Sprintf("%s [%s, %s]", Percent(change), Percent(low), Percent(high))
}

// place names in a sentence what a plan is of.
func place(plan result.Scenario) string {
	switch {
	case plan.Benchmark != "":
		return "benchmark " + plan.Benchmark
	case plan.Name == "":
		return "builds and benchmarks"
	default:
		return "scenario " + plan.Name
	}
}

// where names a metric with its scenario.
func where(m Metric) string {
	if m.Scenario == "" {
		return m.Metric
	}
	return m.Metric + " of " + m.Scenario
}

// count writes a number with its noun: "1 run", "6 runs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// more is " (and 2 more)" after the first of n, or "".
func more(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (and %d more)", n-1)
}

func short(hash string) string { return hash[:min(12, len(hash))] }

// environmentNote says where a recording was made, and what sets that apart from here.
func environmentNote(r baseline.Recording, here result.Environment) string {
	where := r.EnvironmentNote
	if where == "" {
		where = short(r.Environment)
	}
	if len(r.Traits) == 0 {
		return where
	}
	return where + differing(here, r.Traits)
}

// differing names in what an environment differs from another; "" when nothing that is known does.
func differing(here result.Environment, there []result.Trait) string {
	differences := here.Differences(there)
	if len(differences) == 0 {
		return ""
	}
	return ", which differ in: " + strings.Join(differences, ", ")
}

// describeEnvironment says in a few words what a machine is.
func describeEnvironment(e result.Environment) string {
	var parts []string
	if e.OS != "" || e.Arch != "" {
		parts = append(parts, strings.Trim(e.OS+"-"+e.Arch, "-"))
	}
	if e.CPU != "" {
		parts = append(parts, e.CPU)
	}
	if e.Cores > 0 {
		parts = append(parts, count(e.Cores, "core"))
	}
	if e.Fingerprint != "" {
		parts = append(parts, e.Fingerprint)
	}
	if len(parts) == 0 {
		return "unknown"
	}
	return strings.Join(parts, ", ")
}

func describeRecording(r baseline.Recording) string {
	text := "baseline"
	if r.Commit != "" {
		text += " " + short(r.Commit)
	}
	if !r.Time.IsZero() {
		text += " of " + r.Time.UTC().Format("2006-01-02")
	}
	return text
}

func describeResults(r *result.Results) string {
	text := "results"
	if r.Subject.Commit != "" {
		text += " of " + short(r.Subject.Commit)
	}
	if r.Subject.Dirty {
		text += " with uncommitted changes"
	}
	if !r.Created.IsZero() {
		text += ", " + r.Created.UTC().Format("2006-01-02 15:04")
	}
	return text
}
