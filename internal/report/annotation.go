package report

import (
	"fmt"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// Annotation is a remark on a line of a file, as a check run shows it: plain text.
type Annotation struct {
	Path string
	// Line counts from 1.
	Line int
	// Level is "failure", "warning" or "notice".
	Level   string
	Title   string
	Message string
}

// Rulebook is where the lines are that rule metrics.
type Rulebook struct {
	// Baselines is baselines.toml, of which BaselinesPath is the path in the repository; "" annotates nothing in it.
	Baselines     *baseline.File
	BaselinesPath string
	// ConfigPath is the path of perfgate.toml in the repository; "" annotates nothing in it.
	ConfigPath string
	// ConfigLine is the line of perfgate.toml where a scenario or benchmark stands, 0 when it has none.
	ConfigLine func(scenario, benchmark string) int
}

// Annotations remark on each metric that is bad, on the line that decided it: the waiver that did not hold, the target or
// the tolerance of baselines.toml, or else the scenario of perfgate.toml. The most important come first; what has no line
// has no remark.
func Annotations(v compare.Verdict, rules Rulebook) []Annotation {
	first, _ := ranked(v.Metrics)
	var all []Annotation
	for _, m := range first {
		if !m.Verdict.Bad() || m.Policy == metric.Info {
			continue
		}
		a := Annotation{
			Level: "warning", Title: shortenedTo(plain(titled(m.Scenario, m.Metric))+": "+outcome(m), 200), Message: plain(m.Reason),
		}
		if m.Policy == metric.Block && m.Verdict != compare.Inconclusive {
			a.Level = "failure"
		}
		if a.Path, a.Line = rules.place(m); a.Line > 0 {
			all = append(all, a)
		}
	}
	for _, p := range v.Problems {
		if line := rules.configLine(p.Scenario, ""); p.Scenario != "" && line > 0 {
			level := "failure"
			if p.Verdict == compare.Inconclusive {
				level = "warning"
			}
			all = append(all, Annotation{
				Path: rules.ConfigPath, Line: line, Level: level,
				Title: fmt.Sprintf("%s: %s", plain(p.Scenario), p.Verdict), Message: plain(p.Reason),
			})
		}
	}
	return all
}

// place is the line that decided about a metric.
func (r Rulebook) place(m compare.Metric) (path string, line int) {
	if r.BaselinesPath != "" {
		lines := r.Baselines.Lines(m.Metric, m.Scenario)
		wanted := []int{lines.Waiver, lines.Tolerance, lines.Policy}
		if m.Verdict == compare.OverTarget || m.Basis == compare.Target {
			wanted = []int{lines.Target}
		}
		for _, line := range append(wanted, lines.Table) {
			if line > 0 {
				return r.BaselinesPath, line
			}
		}
	}
	return r.ConfigPath, r.configLine(m.Scenario, metric.Benchmark(m.Metric))
}

func (r Rulebook) configLine(scenario, benchmark string) int {
	if r.ConfigPath == "" || r.ConfigLine == nil {
		return 0
	}
	return r.ConfigLine(scenario, benchmark)
}
