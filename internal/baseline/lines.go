package baseline

import "github.com/communitas/perfgate/internal/tomlfile"

// Lines are where baselines.toml says something of a metric, from 1; 0 where it says nothing.
type Lines struct {
	// Table is [metric.NAME], or the table of the scenario where it has one.
	Table                             int
	Target, Tolerance, Policy, Waiver int
}

// Lines returns the lines that rule a metric in a scenario, "" for builds and benchmarks.
func (f *File) Lines(name, scenario string) Lines {
	var lines Lines
	if f == nil || f.doc == nil {
		return lines
	}
	if w := f.waiver(name, scenario); w != nil {
		lines.Waiver = w.Line
	}
	e, ok := f.entries[name]
	if !ok {
		return lines
	}
	lines.Table = f.doc.Line(e.at)
	own, has := e.scenarios[scenario]
	if has {
		lines.Table = f.doc.Line(e.at.Key("scenario").Key(scenario))
	}
	said := own.over(e.limits)
	line := func(at tomlfile.Path, there bool) int {
		if !there {
			return 0
		}
		return f.doc.Line(at)
	}
	if said.target != nil {
		lines.Target = f.doc.Line(said.target.at)
	}
	lines.Tolerance = line(said.toleranceAt, said.tolerance != nil)
	lines.Policy = line(said.policyAt, said.policy != nil)
	return lines
}
