package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// targetFlags choose the metrics of a search.
type targetFlags struct {
	metrics, scenarios, benchmarks []string
	size                           string
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.metrics, "metric", nil, "search the change of this metric (repeatable; default: what the last check found regressed)")
	flags.StringArrayVarP(&f.scenarios, "scenario", "s", nil, "in this scenario (repeatable)")
	flags.StringArrayVar(&f.benchmarks, "benchmark", nil, "of this benchmark (repeatable)")
	flags.StringVar(&f.size, "against-size", "", "the least change that matters, such as 5% or 0.05 (default: the metric's tolerance)")
}

// targets are the metrics to search, one after another.
func (p *program) targets(f *targetFlags, s *suite.Suite) ([]hunt.Target, error) {
	regressed, err := p.lastRegressed()
	if err != nil {
		return nil, err
	}
	file, err := p.loadBaselines("")
	if err != nil {
		return nil, err
	}
	return p.targetsOf(f, regressed, s, file)
}

// targetsOf are the metrics to search when those were found regressed, by the tolerances of a file.
func (p *program) targetsOf(f *targetFlags, regressed []judged, s *suite.Suite, file *baseline.File) ([]hunt.Target, error) {
	least, err := parseSize(f.size)
	if err != nil {
		return nil, err
	}
	var all []hunt.Target
	if len(f.metrics) == 0 {
		if all, err = p.fromCheck(f, regressed, s); err != nil {
			return nil, err
		}
	}
	for _, name := range f.metrics {
		named, err := f.named(name, s)
		if err != nil {
			return nil, err
		}
		all = append(all, named...)
	}
	for i := range all {
		all[i].Effect = effectOf(all[i], regressed)
		if all[i].LeastChange = least; least == 0 {
			all[i].LeastChange = leastOf(all[i], s, file)
		}
	}
	return all, nil
}

// The runs over which a count is summed up to one value of a search, and the least change of one more than such a sum that matters where
// nobody said so: docs/MATH.md.
const (
	eventsOf    = 5
	successesOf = 10
	leastCounts = 0.5
)

// effectOf is the change of a target that the last check found, of logarithms; 0 when it found none.
func effectOf(t hunt.Target, regressed []judged) float64 {
	if t.Sum > 0 {
		return 0 // the check compares rates, and the search one more than sums
	}
	for _, r := range regressed {
		if r.Scenario == t.Scenario && r.Metric == t.Metric && r.Change != nil && *r.Change > -1 && *r.Change != 0 {
			return math.Log1p(*r.Change)
		}
	}
	return 0
}

// The changes that a search can be asked for, as ratios.
const leastSize, mostSize = 0.0001, 10

// leastOf is the least change that matters where nobody said so: the metric's tolerance, or less where less was found. A tolerance of 0 lets
// any change of what has no noise matter; of what has, none could be told, and the usual tolerance holds.
func leastOf(t hunt.Target, s *suite.Suite, file *baseline.File) float64 {
	if t.Sum > 0 {
		return leastCounts
	}
	scenario, _ := s.Scenario(t.Scenario)
	m := describe(t, s)
	least := file.Rule(m, t.Scenario, scenario.Nodes, false).Tolerance
	if least == 0 && !t.Exact {
		least = m.Tolerance
	}
	if t.Effect != 0 {
		const share = 0.4 // of what is expected: docs/MATH.md
		least = min(least, math.Expm1(share*math.Abs(t.Effect)))
	}
	return max(least, leastSize)
}

// describe is the metric of a target; of a benchmark's nobody knows more than the name yet.
func describe(t hunt.Target, s *suite.Suite) metric.Metric {
	if m, known := lookUp(t.Metric, s); known {
		return m
	}
	return metric.Describe(t.Metric, t.Unit, t.Better)
}

// fromCheck are the metrics that the last check found regressed.
func (p *program) fromCheck(f *targetFlags, regressed []judged, s *suite.Suite) ([]hunt.Target, error) {
	var all []hunt.Target
	var refused []error
	for _, r := range regressed {
		if len(f.scenarios) > 0 && !slices.Contains(f.scenarios, r.Scenario) || len(f.benchmarks) > 0 && !slices.Contains(f.benchmarks, metric.Benchmark(r.Metric)) {
			continue
		}
		t, err := target(r.Metric, r.Scenario, s)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		all = append(all, t)
	}
	if len(all) == 0 && len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	for _, err := range refused {
		p.log.Warn("not searched: " + err.Error())
	}
	if len(all) == 0 {
		return nil, usage("no check of this project has found anything regressed: name what to search with --metric (perfgate run shows what there is)")
	}
	return all, nil
}

// named are the targets of a metric that was named: in each scenario, or of each benchmark, that was.
func (f *targetFlags) named(name string, s *suite.Suite) ([]hunt.Target, error) {
	known, builtin := metric.Lookup(name)
	switch {
	case builtin && known.Origin == metric.FromBuild:
		return one(target(name, "", s))
	case metric.Benchmark(name) != "":
		return one(target(name, "", s))
	case len(f.benchmarks) > 0 && !builtin:
		var all []hunt.Target
		for _, b := range f.benchmarks {
			t, err := target(b+"/"+name, "", s)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		return all, nil
	}
	if _, err := target(name, "", s); err != nil { // whatever the scenario
		return nil, err
	}
	scenarios, err := f.scenariosOf(name, s)
	if err != nil {
		return nil, err
	}
	var all []hunt.Target
	for _, scenario := range scenarios {
		t, err := target(name, scenario, s)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// scenariosOf are those in which a metric of networks is searched: the ones that were named, or the only one that there is.
func (f *targetFlags) scenariosOf(name string, s *suite.Suite) ([]string, error) {
	names := scenarioNames(s)
	switch {
	case len(f.scenarios) > 0:
		return f.scenarios, nil
	case len(names) == 0:
		return nil, usage("--metric %s: it is one of networks, and the configuration has no scenario", name)
	case len(names) > 1:
		return nil, usage("--metric %s: in which scenario? give one with --scenario: there are %s", name, strings.Join(names, ", "))
	}
	return names, nil
}

func one(t hunt.Target, err error) ([]hunt.Target, error) { return []hunt.Target{t}, err }

func scenarioNames(s *suite.Suite) []string {
	var names []string
	for _, scenario := range s.Scenarios {
		names = append(names, scenario.Name)
	}
	return names
}

// target is that of a metric in a scenario, or of a build or benchmark where scenario is "".
func target(name, scenario string, s *suite.Suite) (hunt.Target, error) {
	t := hunt.Target{Metric: name, Benchmark: metric.Benchmark(name)}
	if t.Benchmark != "" {
		if !slices.ContainsFunc(s.Benchmarks, func(b suite.Benchmark) bool { return b.Name == t.Benchmark }) {
			return t, usage("--metric %s: there is no benchmark %s", name, t.Benchmark)
		}
		return t, nil
	}
	found, known := lookUp(name, s)
	if !known {
		return t, usage("--metric %s: no metric has that name (%s)", name, mendOfMetric(name, s))
	}
	if _, there := s.Scenario(scenario); scenario != "" && !there {
		return t, usage("--scenario %s: there are %s", scenario, strings.Join(scenarioNames(s), ", "))
	}
	t.Scenario, t.Unit, t.Better, t.Exact = scenario, found.Unit, found.Better, found.Kind == metric.Exact
	t.Build = found.Origin == metric.FromBuild && !t.Exact
	switch found.Kind {
	case metric.Event:
		t.Sum = eventsOf
	case metric.Success:
		t.Sum, t.Failures, t.Unit, t.Better = successesOf, true, metric.Count, metric.Lower
	case metric.Continuous, metric.Level, metric.Exact, metric.Signed:
	}
	return t, searchable(t, found, s)
}

// searchable says why the suite gives no values of a metric from which a change can be searched.
func searchable(t hunt.Target, m metric.Metric, s *suite.Suite) error {
	switch {
	case len(s.Subject.Build) == 0:
		return usage("subject.build is empty: nothing says how to build a commit")
	case !t.Build && s.Subject.Binary == "":
		return usage("--metric %s: subject.binary is empty", t.Metric)
	case t.Build && len(s.Subject.Clean) == 0:
		return usage("--metric %s: builds are measured from clean, and subject.clean is empty", t.Metric)
	case m.Kind == metric.Signed:
		return usage("--metric %s: it lies around 0, where no change is a ratio, and a search is one of ratios (search what it is the slope of, or give it a target in baselines.toml)", t.Metric)
	}
	return nil
}

// lookUp finds a metric among those that perfgate and the suite define.
func lookUp(name string, s *suite.Suite) (metric.Metric, bool) {
	for _, c := range s.Node.Custom {
		if c.Metric.Name == name {
			return c.Metric, true
		}
	}
	return metric.Lookup(name)
}

// mendOfMetric says what a name that no metric has may stand for.
func mendOfMetric(name string, s *suite.Suite) string {
	var known []string
	for _, m := range metric.Builtin() {
		known = append(known, m.Name)
	}
	for _, c := range s.Node.Custom {
		known = append(known, c.Metric.Name)
	}
	if near := tomlfile.Nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "perfgate run shows what there is; those of a benchmark are BENCHMARK/NAME"
}

// parseSize reads 5% or 0.05; "" is 0.
func parseSize(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	size, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		size /= 100
	}
	if err != nil || !(size >= leastSize && size <= mostSize) {
		return 0, usage("--against-size %s: it takes a share such as 5%% or 0.05, from 0.01%% to 1000%%", text)
	}
	return size, nil
}

// judged is a metric of a verdict.
type judged struct {
	Scenario string   `json:"scenario"`
	Metric   string   `json:"metric"`
	Verdict  string   `json:"verdict"`
	Change   *float64 `json:"change"`
}

// lastRegressed are the metrics that the last check found regressed; none when there was no check.
func (p *program) lastRegressed() ([]judged, error) {
	project, err := p.project()
	if err != nil {
		return nil, err
	}
	home, err := store.Home(project)
	if err != nil {
		return nil, usage("%w", err)
	}
	raw, err := os.ReadFile(filepath.Join(home, "results", "latest", verdictFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last verdict: %w", err)
	}
	var verdict struct {
		Metrics []judged `json:"metrics"`
	}
	if err := json.Unmarshal(raw, &verdict); err != nil {
		return nil, fmt.Errorf("read the last verdict: %w", err)
	}
	return slices.DeleteFunc(verdict.Metrics, func(j judged) bool { return j.Verdict != string(compare.Regressed) }), nil
}
