package suite

import (
	"github.com/communitas/perfgate/internal/tomlfile"
)

// Lines are where the plans of a perfgate.toml stand. The zero value knows none.
type Lines struct {
	scenarios, benchmarks map[string]int
	subject               int
}

// LinesOf finds the plans in a text. In one that cannot be read there are none.
func LinesOf(raw []byte) Lines {
	lines := Lines{scenarios: map[string]int{}, benchmarks: map[string]int{}}
	rest, _ := tomlfile.Cut(raw, tomlfile.At("node", "metrics"))
	doc, err := tomlfile.Parse("perfgate.toml", rest)
	if err != nil {
		return lines
	}
	var wire wireFile
	if err := doc.Decode(&wire); err != nil {
		return lines
	}
	for i, s := range wire.Scenario {
		lines.scenarios[s.Name] = doc.Line(tomlfile.At("scenario").Index(i))
	}
	for i, b := range wire.Benchmark {
		lines.benchmarks[b.Name] = doc.Line(tomlfile.At("benchmark").Index(i))
	}
	lines.subject = doc.Line(tomlfile.At("subject"))
	return lines
}

// Of is the line of a scenario or benchmark, or with neither of the subject, which is built; from 1, 0 for none.
func (l Lines) Of(scenario, benchmark string) int {
	switch {
	case scenario != "":
		return l.scenarios[scenario]
	case benchmark != "":
		return l.benchmarks[benchmark]
	default:
		return l.subject
	}
}
