package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// File is baselines.toml. The zero value and nil are an empty file.
type File struct {
	name         string
	raw          []byte
	doc          *tomlfile.Document
	entries      map[string]entry
	waivers      []Waiver
	calibrations []Calibration
	recordings   []Recording
}

// entry is [metric.NAME] with its scenarios.
type entry struct {
	limits
	at        tomlfile.Path
	scenarios map[string]limits
}

// limits are what one table says; what it does not say is nil.
type limits struct {
	target    *wish
	tolerance *float64
	floor     *wish
	policy    *metric.Policy
	// targetPolicy is for the target alone.
	targetPolicy *metric.Policy
	// The places where each is said.
	toleranceAt, policyAt, targetPolicyAt tomlfile.Path
}

// wish is a target as it was written, before its unit is known.
type wish struct {
	text string
	at   tomlfile.Path
}

// Empty is a file that is not there yet; name is what errors will call it.
func Empty(name string) *File { return &File{name: name} }

// Parse reads baselines.toml; name is what errors call the file. A file without any key, comments or not, is empty.
// Every error is a *tomlfile.Error, or several joined, with file, line, key and mend.
func Parse(name string, raw []byte) (*File, error) {
	doc, err := tomlfile.Parse(name, raw)
	if err != nil {
		return nil, err
	}
	f := &File{name: name, raw: slices.Clone(raw), doc: doc}
	if doc.Empty() {
		return f, nil
	}
	if err := doc.Schema(Schema); err != nil {
		return nil, err
	}
	var wire wireFile
	if err := doc.Decode(&wire); err != nil {
		return nil, err
	}
	r := resolver{problems: doc.Problems(), doc: doc}
	f.entries = r.entries(wire.Metric)
	f.waivers = r.waivers(wire.Waiver)
	f.calibrations = r.calibrations(wire.Calibrated)
	f.recordings = r.recordings(wire.Recorded)
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// Name is what errors call the file.
func (f *File) Name() string {
	if f == nil {
		return ""
	}
	return f.name
}

// Bytes returns the file as it was read; nothing of one that is not there.
func (f *File) Bytes() []byte {
	if f == nil {
		return nil
	}
	return slices.Clone(f.raw)
}

// Metrics returns the names of the metrics that the people's part has a table for, sorted.
func (f *File) Metrics() []string {
	if f == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.entries))
}

// Waivers returns the waivers in the order of the file, also those whose date has passed.
func (f *File) Waivers() []Waiver {
	if f == nil {
		return nil
	}
	return slices.Clone(f.waivers)
}

// Recording returns what is currently recorded of a scenario ("" for builds) in an environment.
func (f *File) Recording(environment, scenario string) (Recording, bool) {
	return f.recording(slot{environment: environment, scenario: scenario})
}

// BenchmarkRecording returns what is currently recorded of a benchmark in an environment.
func (f *File) BenchmarkRecording(environment, benchmark string) (Recording, bool) {
	return f.recording(slot{environment: environment, benchmark: benchmark})
}

// OfRelease returns the recording of the last release in the place of a current one: same environment and scenario or benchmark.
func (f *File) OfRelease(environment, scenario, benchmark string) (Recording, bool) {
	return f.recording(slot{environment, scenario, benchmark, true})
}

func (f *File) recording(at slot) (Recording, bool) {
	for _, r := range f.Recordings() {
		if r.slot() == at {
			return r, true
		}
	}
	return Recording{}, false
}

// Recordings returns all recordings, by environment and scenario, the current one before that of a release. Their series are the file's own: not to be changed.
func (f *File) Recordings() []Recording {
	if f == nil {
		return nil
	}
	return slices.Clone(f.recordings)
}

// Check finds what only shows beside the metrics that there are: tables and waivers for metrics that nobody gives,
// targets in a unit that is not the metric's, tables for scenarios that do not exist. Metrics are those that the suite
// or the results give beside the built-in ones. A name with a "/" may belong to a benchmark that did not run, and is not
// missed. Scenarios are the names of all scenarios of the suite; nil when they are not known.
func (f *File) Check(metrics []metric.Metric, scenarios []string) error {
	if f == nil || f.doc == nil {
		return nil
	}
	c := checker{problems: f.doc.Problems(), doc: f.doc, known: map[string]metric.Metric{}, scenarios: scenarios}
	for _, m := range append(metric.Builtin(), metrics...) {
		c.known[m.Name] = m
	}
	for _, name := range f.Metrics() {
		c.entry(name, f.entries[name])
	}
	for i, w := range f.waivers {
		at := tomlfile.At("waiver").Index(i)
		c.metric(w.Metric, at.Key("metric"))
		c.scenario(w.Scenario, at.Key("scenario"))
	}
	return c.problems.Err()
}

// CheckBenchmarks finds tables and waivers for metrics of benchmarks that the suite does not have; benchmarks are the names of
// all that it has.
func (f *File) CheckBenchmarks(benchmarks []string) error {
	if f == nil || f.doc == nil {
		return nil
	}
	problems := f.doc.Problems()
	check := func(name string, at tomlfile.Path) {
		if b := metric.Benchmark(name); b != "" && !slices.Contains(benchmarks, b) {
			problems.Add(at, tomlfile.DidYouMean(b, benchmarks, "there are"), "there is no benchmark %q", b)
		}
	}
	for _, name := range f.Metrics() {
		check(name, f.entries[name].at)
	}
	for i, w := range f.waivers {
		check(w.Metric, tomlfile.At("waiver").Index(i).Key("metric"))
	}
	return problems.Err()
}

type checker struct {
	problems  *tomlfile.Problems
	doc       *tomlfile.Document
	known     map[string]metric.Metric
	scenarios []string
}

func (c *checker) entry(name string, e entry) {
	if !c.metric(name, e.at) {
		return
	}
	c.target(name, e.limits)
	c.floor(name, e.limits)
	for _, scenario := range slices.Sorted(maps.Keys(e.scenarios)) {
		c.scenario(scenario, e.at.Key("scenario").Key(scenario))
		c.target(name, e.scenarios[scenario])
		c.floor(name, e.scenarios[scenario])
	}
}

func (c *checker) metric(name string, at tomlfile.Path) bool {
	_, known := c.known[name]
	if !known && !strings.Contains(name, "/") {
		hint := "a custom metric is declared under [node.metrics] of perfgate.toml"
		if near := tomlfile.Nearest(name, slices.Sorted(maps.Keys(c.known))); near != "" {
			hint = "did you mean " + near + "?"
		}
		c.problems.Add(at, hint, "there is no metric %q", name)
	}
	return known
}

func (c *checker) scenario(name string, at tomlfile.Path) {
	if name != "" && c.scenarios != nil && !slices.Contains(c.scenarios, name) {
		c.problems.Add(at, tomlfile.DidYouMean(name, c.scenarios, "there are"), "there is no scenario %q", name)
	}
}

// floor checks one of a custom metric, whose unit is known by now.
func (c *checker) floor(name string, l limits) {
	if m, known := c.known[name]; known && l.floor != nil {
		if _, err := metric.Parse(l.floor.text, m.Unit); err != nil {
			c.problems.Add(l.floor.at, "", "%v", err)
		}
	}
}

func (c *checker) target(name string, l limits) {
	if l.target == nil || l.target.text == noTarget {
		return
	}
	if _, err := ParseTarget(l.target.text, c.known[name].Unit); err != nil {
		c.problems.Add(l.target.at, "", "%v", err)
	}
}

// origin names the line of a place in the file.
func (f *File) origin(at tomlfile.Path) string { return fmt.Sprintf("%s:%d", f.name, f.doc.Line(at)) }
