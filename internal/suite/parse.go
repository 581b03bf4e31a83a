package suite

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// What an absent key means, where it does not mean none. All that names one project (commands, arguments, environment,
// the gauge of the peers) is empty when absent.
const (
	defaultBuildRuns        = 1
	defaultReady            = "/health"
	defaultMetrics          = "/metrics"
	defaultPeers            = "communitas_peers_connected"
	defaultStopSignal       = "SIGINT"
	defaultStopTimeout      = 5 * time.Second
	defaultDuration         = 120 * time.Second
	defaultRuns             = 5
	defaultWarmup           = 1
	defaultQuiet            = 5 * time.Second
	defaultFormationTimeout = 60 * time.Second
	defaultFormat           = "criterion"
	defaultBenchmarkWarmup  = 0
	defaultTag              = "pr"
)

// Parse reads perfgate.toml; name is what errors call the file. Every error is a *tomlfile.Error, or several joined,
// with file, line, key and mend.
func Parse(name string, raw []byte) (*Suite, error) {
	rest, series := tomlfile.Cut(raw, tomlfile.At("node", "metrics"))
	doc, err := tomlfile.Parse(name, rest)
	if err != nil {
		return nil, err
	}
	if err := doc.Schema(Schema); err != nil {
		return nil, err
	}
	customDoc, err := tomlfile.Parse(name, series)
	if err != nil {
		return nil, err
	}
	var wire wireFile
	var custom wireSeries
	if err := errors.Join(doc.Decode(&wire), customDoc.Decode(&custom)); err != nil {
		return nil, err
	}
	r := resolver{problems: doc.Problems()}
	s := r.suite(wire)
	c := resolver{problems: customDoc.Problems()}
	s.Node.Custom = c.custom(custom, s.Node.Metrics)
	if err := errors.Join(r.problems.Err(), c.problems.Err()); err != nil {
		return nil, err
	}
	return s, nil
}

// resolver makes the runtime types of the wire types and notes what is wrong on the way.
type resolver struct {
	problems *tomlfile.Problems
}

func (r *resolver) suite(wire wireFile) *Suite {
	s := &Suite{
		Subject: Subject{
			Name: wire.Subject.Name, Build: wire.Subject.Build, Clean: wire.Subject.Clean, Binary: wire.Subject.Binary,
			Paths: wire.Subject.Paths, BuildRuns: or(wire.Subject.BuildRuns, defaultBuildRuns),
		},
		Node: r.node(wire.Node),
	}
	for i, w := range wire.Scenario {
		s.Scenarios = append(s.Scenarios, r.scenario(w, tomlfile.At("scenario").Index(i)))
	}
	for _, w := range wire.Benchmark {
		s.Benchmarks = append(s.Benchmarks, Benchmark{
			Name: w.Name, Command: w.Command, Format: or(w.Format, defaultFormat),
			Runs: or(w.Runs, defaultRuns), Warmup: or(w.Warmup, defaultBenchmarkWarmup), Tags: tags(w.Tags),
		})
	}
	r.validate(s, wire)
	return s
}

func (r *resolver) node(wire wireNode) Node {
	return Node{
		Args: or(wire.Args, nil), BootstrapArgs: wire.BootstrapArgs, Config: wire.Config, Env: wire.Env,
		Ready: or(wire.Ready, defaultReady), Metrics: or(wire.Metrics, defaultMetrics),
		Peers: r.peers(wire), PeersCount: PeersCount(or(wire.PeersCount, string(PeersAll))), Probe: wire.Probe,
		StopSignal:  or(wire.StopSignal, defaultStopSignal),
		StopTimeout: r.duration(wire.StopTimeout, defaultStopTimeout, tomlfile.At("node", "stop_timeout")),
	}
}

// peers is the gauge's name: none where there is no metrics page that could show it.
func (r *resolver) peers(wire wireNode) string {
	if wire.Peers == nil && wire.Metrics != nil && *wire.Metrics == "" {
		return ""
	}
	return or(wire.Peers, defaultPeers)
}

func (r *resolver) scenario(wire wireScenario, at tomlfile.Path) Scenario {
	s := Scenario{
		Name: wire.Name, Nodes: or(wire.Nodes, 0),
		Duration: r.duration(wire.Duration, defaultDuration, at.Key("duration")),
		Runs:     or(wire.Runs, defaultRuns), Warmup: or(wire.Warmup, defaultWarmup),
		Quiet:            r.duration(wire.Quiet, defaultQuiet, at.Key("quiet")),
		Expect:           Expectation{Graph: FullMesh},
		FormationTimeout: r.duration(wire.FormationTimeout, defaultFormationTimeout, at.Key("formation_timeout")),
		Args:             wire.Args,
		Workloads:        r.workloads(wire.Workload, at.Key("workload")),
		Tags:             tags(wire.Tags),
	}
	if wire.Expect != nil {
		expect, err := ParseExpectation(*wire.Expect)
		if err != nil {
			r.problems.Add(at.Key("expect"), "one of full_mesh, connected, min_peers=K", "%v", err)
		} else {
			s.Expect = expect
		}
	}
	return s
}

// custom resolves [node.metrics], sorted by name; page is the one that shows a series without a path.
func (r *resolver) custom(wire wireSeries, page string) []CustomMetric {
	var custom []CustomMetric
	for _, name := range slices.Sorted(maps.Keys(wire.Node.Metrics)) {
		w := wire.Node.Metrics[name]
		c := CustomMetric{
			Metric: metric.Describe(name, metric.Unit(w.Unit), metric.Direction(w.Better)),
			Series: w.Series, Path: or(w.Path, page),
		}
		r.validateCustom(c, name, w)
		custom = append(custom, c)
	}
	return custom
}

// duration reads a length of time such as "120s". What is none is a problem and gives the default.
func (r *resolver) duration(text *string, absent time.Duration, at tomlfile.Path) time.Duration {
	if text == nil {
		return absent
	}
	d, err := time.ParseDuration(*text)
	if err != nil {
		r.problems.Add(at, "write a number and a unit: 500ms, 120s, 2m", "%q is no duration", *text)
		return absent
	}
	return d
}

func tags(wire *[]string) []string { return or(wire, []string{defaultTag}) }
