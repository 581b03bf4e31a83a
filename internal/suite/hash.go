package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"strings"
	"time"
)

// Samples are comparable when the same was measured. The configuration hash says so: it is the SHA-256 of a canonical
// text of everything that shapes the values, with all defaults filled in.
//
// It leaves out what shapes only how often and where: runs, warm-up, tags, the subject's binary, the way a node is
// stopped after its measurement, the folder of the file, and the folder of any argument that is an absolute path. It
// leaves out names, too: a scenario that is renamed measures the same (baselines are looked up by name besides).

// hashVersion goes into each hash: it changes with the canonical text.
const hashVersion = "perfgate.configuration/1"

type nodeText struct {
	Args, BootstrapArgs   []string
	Config                string
	Env                   map[string]string
	Ready, Metrics, Peers string
	PeersCount            PeersCount
	Probe                 string
	Custom                []customText
}

type customText struct{ Name, Unit, Better, Series, Path string }

type scenarioText struct {
	Version                           string
	Node                              nodeText
	Nodes                             int
	Duration, Quiet, FormationTimeout time.Duration
	Expect                            string
	Args                              []string   `json:",omitempty"`
	Workloads                         []Workload `json:",omitempty"`
}

type buildText struct {
	Version      string
	Build, Clean []string
}

type benchmarkText struct {
	Version string
	Command []string
	Format  string
}

// Configuration is the hash over what a scenario measures, in hexadecimal. The name "" stands for builds. It is "" for a
// name that the suite does not have.
func (s *Suite) Configuration(scenario string) string {
	if scenario == "" {
		return hash(buildText{Version: hashVersion, Build: portable(s.Subject.Build), Clean: portable(s.Subject.Clean)})
	}
	sc, ok := s.Scenario(scenario)
	if !ok {
		return ""
	}
	return hash(scenarioText{
		Version: hashVersion, Node: s.Node.text(), Nodes: sc.Nodes, Duration: sc.Duration, Quiet: sc.Quiet,
		FormationTimeout: sc.FormationTimeout, Expect: sc.Expect.String(), Args: portable(sc.Args),
		Workloads: sc.Workloads,
	})
}

// Configuration is the hash over what the benchmark measures, in hexadecimal: another command of one benchmark leaves all
// others comparable.
func (b Benchmark) Configuration() string {
	return hash(benchmarkText{Version: hashVersion, Command: portable(b.Command), Format: b.Format})
}

func (n Node) text() nodeText {
	text := nodeText{
		Args: portable(n.Args), BootstrapArgs: portable(n.BootstrapArgs), Config: n.Config, Env: map[string]string{},
		Ready: n.Ready, Metrics: n.Metrics, Peers: n.Peers, PeersCount: n.PeersCount, Probe: n.Probe,
	}
	for name, value := range n.Env {
		text.Env[name] = portableArg(value)
	}
	for _, c := range n.Custom {
		text.Custom = append(text.Custom, customText{c.Metric.Name, string(c.Metric.Unit), string(c.Metric.Better), c.Series, c.Path})
	}
	return text
}

// hash is over JSON: the order of fields is that of the types, the order of map keys sorted.
func hash(text any) string {
	canonical, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings, numbers and maps of strings always marshal
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

func portable(args []string) []string {
	all := make([]string, 0, len(args))
	for _, arg := range args {
		all = append(all, portableArg(arg))
	}
	return all
}

// portableArg cuts an absolute path, alone or behind --flag=, down to its last element.
func portableArg(arg string) string {
	flag, value, found := strings.Cut(arg, "=")
	if found && strings.HasPrefix(flag, "-") && path.IsAbs(value) {
		return flag + "=" + path.Base(value)
	}
	if path.IsAbs(arg) {
		return path.Base(arg)
	}
	return arg
}
