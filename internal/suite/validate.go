package suite

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// MaxNodes is the largest network that one host is asked to carry.
const MaxNodes = 1000

// maxRuns keeps a slip of the hand from measuring for months.
const maxRuns = 1000

// Formats returns the outputs of benchmarks that can be read.
func Formats() []string { return []string{"criterion", "libtest", "go", "hyperfine", "json"} }

// StopSignals returns the signals that a node can be stopped with.
func StopSignals() []string { return []string{"SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP", "SIGKILL"} }

// validate checks a resolved suite against the file that it was read from.
func (r *resolver) validate(s *Suite, wire wireFile) {
	r.validateSubject(s.Subject)
	r.validateNode(s.Node)
	seen := map[string]bool{}
	for i, sc := range s.Scenarios {
		at := tomlfile.At("scenario").Index(i)
		r.name(sc.Name, at, seen)
		if isResultFile(sc.Name) {
			r.problems.Add(at.Key("name"), "choose another name", "%q is a file among the results, where the scenario has a folder", sc.Name)
		}
		r.tags(sc.Tags, at)
		r.templates(sc.Args, at.Key("args"))
		if wire.Scenario[i].Nodes == nil {
			r.problems.Add(at.Key("nodes"), "write nodes = 5, or as many as the network shall have", "is missing")
			sc.Nodes = max(2, sc.Expect.Min+1)
		}
		for _, p := range sc.problems() {
			r.problems.Add(at.Key(p.key), p.hint, "%s", p.text)
		}
	}
	seen = map[string]bool{}
	for i, b := range s.Benchmarks {
		at := tomlfile.At("benchmark").Index(i)
		r.name(b.Name, at, seen)
		r.tags(b.Tags, at)
		r.command(b.Command, at.Key("command"))
		r.oneOf(b.Format, Formats(), at.Key("format"))
		for _, p := range b.problems() {
			r.problems.Add(at.Key(p.key), p.hint, "%s", p.text)
		}
	}
	r.whole(s, wire)
}

// whole checks what needs more than one table.
func (r *resolver) whole(s *Suite, wire wireFile) {
	if len(s.Scenarios) == 0 && len(s.Benchmarks) == 0 {
		r.problems.Add(tomlfile.Path{}, "add a [[scenario]] with name and nodes, or a [[benchmark]] with name and command",
			"there is nothing to measure")
	}
	if len(s.Scenarios) == 0 {
		return
	}
	if wire.Node.Args == nil {
		r.problems.Add(tomlfile.At("node", "args"), `write args = ["--listen", "{listen}"], or [] for a node without arguments`,
			"is missing, and a scenario launches nodes")
	}
	if s.Subject.Binary == "" {
		r.problems.Add(tomlfile.At("subject", "binary"), "write the path of the file that the build leaves",
			"is missing, and a scenario launches nodes")
	}
}

func (r *resolver) validateSubject(s Subject) {
	at := tomlfile.At("subject")
	if s.Name == "" {
		r.problems.Add(at.Key("name"), `write name = "my-node" under [subject]`, "is missing")
	}
	if len(s.Build) > 0 {
		r.command(s.Build, at.Key("build"))
	}
	if len(s.Clean) > 0 {
		r.command(s.Clean, at.Key("clean"))
	}
	for i, p := range s.Paths {
		if p == "" || path.IsAbs(p) {
			r.problems.Add(at.Key("paths").Index(i), "write it relative to the folder of this file", "%q is no relative path", p)
		}
	}
	if s.BuildRuns < 1 || s.BuildRuns > maxRuns {
		r.problems.Add(at.Key("build_runs"), "from 1 to 1000", "%d builds", s.BuildRuns)
	}
}

func (r *resolver) validateNode(n Node) {
	at := tomlfile.At("node")
	r.templates(n.Args, at.Key("args"))
	r.templates(n.BootstrapArgs, at.Key("bootstrap_args"))
	if len(n.BootstrapArgs) > 0 && !slices.ContainsFunc(n.BootstrapArgs, mentions(PlaceholderBootstrap)) {
		r.problems.Add(at.Key("bootstrap_args"), `such as ["--bootstrap", "{bootstrap}"]`, "has no {bootstrap}: no node would know another")
	}
	for _, name := range slices.Sorted(maps.Keys(n.Env)) {
		r.template(n.Env[name], at.Key("env").Key(name))
		if name == "" || strings.ContainsAny(name, "=\x00") {
			r.problems.Add(at.Key("env").Key(name), "", "%q is no name of an environment variable", name)
		}
	}
	r.page(n.Ready, at.Key("ready"))
	r.page(n.Metrics, at.Key("metrics"))
	r.page(n.Probe, at.Key("probe"))
	if n.Peers != "" && !prometheusName(n.Peers) {
		r.problems.Add(at.Key("peers"), "the bare name of a gauge, without labels", "%q is no name of a Prometheus series", n.Peers)
	}
	if n.Peers != "" && n.Metrics == "" {
		r.problems.Add(at.Key("peers"), "name the page in metrics, or drop peers", "there is no metrics page that could show it")
	}
	r.oneOf(string(n.PeersCount), []string{string(PeersAll), string(PeersOutbound)}, at.Key("peers_count"))
	r.oneOf(n.StopSignal, StopSignals(), at.Key("stop_signal"))
	if n.StopTimeout <= 0 {
		r.problems.Add(at.Key("stop_timeout"), "a length of time above 0", "%v", n.StopTimeout)
	}
}

func (r *resolver) validateCustom(c CustomMetric, name string, wire wireCustom) {
	at := tomlfile.At("node", "metrics", name)
	_, builtin := metric.Lookup(name)
	switch {
	case builtin:
		r.problems.Add(at, "choose another name", "perfgate has a metric of this name itself")
	case !metric.ValidName(name) || strings.Contains(name, "/"):
		r.problems.Add(at, "letters, digits, \"_\", \"-\" and \".\", starting with a letter or digit", "%q is no name for a metric", name)
	}
	if !prometheusName(c.Series) {
		r.problems.Add(at.Key("series"), "the bare name of a series, without labels", "%q is no name of a Prometheus series", c.Series)
	}
	if !validUnit(wire.Unit) {
		r.problems.Add(at.Key("unit"), "one of s, B, B/s, ratio, count, peers, or a word of your own", "%q is no unit", wire.Unit)
	}
	r.oneOf(wire.Better, []string{string(metric.Lower), string(metric.Higher)}, at.Key("better"))
	r.page(c.Path, at.Key("path"))
	if c.Path == "" {
		r.problems.Add(at.Key("path"), `write path = "/metrics", or name the page in [node]`, "no page shows the series")
	}
}
