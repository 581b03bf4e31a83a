package suite_test

import (
	_ "embed"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

//go:embed testdata/whole.toml
var whole string

const head = "schema = \"perfgate.config/1\"\n[subject]\nname = \"n\"\nbinary = \"bin\"\n[node]\nargs = []\n"

func parse(t testing.TB, text string) *suite.Suite {
	t.Helper()
	s, err := suite.Parse("perfgate.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseReadsEveryKey(t *testing.T) {
	count := metric.Metric{
		Name: "dht_records", Unit: metric.Count, Better: metric.Higher, Kind: metric.Level, Level: metric.L1,
		Policy: metric.Block, Tolerance: metric.DefaultTolerance,
	}
	frames := count
	frames.Name, frames.Unit, frames.Better, frames.Kind = "another", "frames", metric.Lower, metric.Continuous
	want := &suite.Suite{
		Subject: suite.Subject{
			Name: "communitas-headless", Build: []string{"cargo", "build", "--release", "--locked", "-p", "communitas-headless"},
			Clean: []string{"cargo", "clean", "--release"}, Binary: "target/release/communitas-headless",
			Paths: []string{"communitas-headless/", "Cargo.toml"}, BuildRuns: 2,
		},
		Node: suite.Node{
			Args: []string{"--listen", "{listen}", "--config", "{dir}/config.toml", "--storage", "{dir}/storage",
				"--metrics", "--metrics-addr", "{control}"},
			BootstrapArgs: []string{"--bootstrap", "{bootstrap}"},
			Config:        "listen_addrs = [\"{listen}\"]\nstorage = { base_dir = \"{dir}\" }\n[node.metrics]\n{unknown} = 1\n",
			Env:           map[string]string{"RUST_LOG": "info"}, Ready: "/ready", Metrics: "/page",
			Peers: "communitas_peers_connected", PeersCount: suite.PeersOutbound, Probe: "/probe",
			StopSignal: "SIGTERM", StopTimeout: 3 * time.Second,
			Custom: []suite.CustomMetric{
				{Metric: frames, Series: "app_depth", Path: "/custom"},
				{Metric: count, Series: "communitas_dht_records", Path: "/page"},
			},
		},
		Scenarios: []suite.Scenario{
			{
				Name: "standard", Nodes: 5, Duration: 2 * time.Minute, Runs: 7, Warmup: 0, Quiet: time.Second,
				Expect: suite.Expectation{Graph: suite.MinPeers, Min: 3}, FormationTimeout: 30 * time.Second,
				Args: []string{"--min-peers", "3"}, Tags: []string{"full", "night"},
			},
			{
				Name: "quick", Nodes: 3, Duration: 2 * time.Minute, Runs: 5, Warmup: 1, Quiet: 5 * time.Second,
				Expect: suite.Expectation{Graph: suite.FullMesh}, FormationTimeout: time.Minute, Tags: []string{"pr"},
			},
		},
		Benchmarks: []suite.Benchmark{
			{Name: "codec", Command: []string{"cargo", "bench", "--bench", "codec"}, Format: "libtest", Runs: 3, Warmup: 2, Tags: []string{}},
			{Name: "hash", Command: []string{"go", "test"}, Format: "criterion", Runs: 5, Tags: []string{"pr"}},
		},
	}
	if diff := cmp.Diff(want, parse(t, whole)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAbsentKeysHaveDefaultsAndEmptyOnesMeanNone(t *testing.T) {
	absent := parse(t, head+"[[scenario]]\nname = \"a\"\nnodes = 2\n")
	want := suite.Node{
		Args: []string{}, Ready: "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll,
		StopSignal: "SIGINT", StopTimeout: 5 * time.Second,
	}
	if diff := cmp.Diff(want, absent.Node); diff != "" {
		t.Errorf("absent: -want +got\n%s", diff)
	}
	empty := parse(t, head+"ready = \"\"\nmetrics = \"\"\n[[scenario]]\nname = \"a\"\nnodes = 2\n")
	want.Ready, want.Metrics, want.Peers = "", "", ""
	if diff := cmp.Diff(want, empty.Node); diff != "" {
		t.Errorf("empty: -want +got\n%s", diff)
	}
}

func TestBenchmarksAloneNeedNoNode(t *testing.T) {
	s := parse(t, "schema = \"perfgate.config/1\"\n[subject]\nname = \"n\"\n[[benchmark]]\nname = \"b\"\ncommand = [\"x\"]\n")
	if len(s.Benchmarks) != 1 || len(s.Scenarios) != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestBadConfigurationsNameFileLineKeyAndMend(t *testing.T) {
	scenario := head + "[[scenario]]\nname = \"a\"\n" // 8 lines
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", `perfgate.toml:1: schema: is missing (write schema = "perfgate.config/1" at the top of the file)`},
		{"newer schema", "schema = \"perfgate.config/2\"\nnew = 1", `perfgate.toml:1: schema: "perfgate.config/2" was written for a newer perfgate; this one reads "perfgate.config/1" (update perfgate)`},
		{"unknown key", scenario + "nodse = 3", "perfgate.toml:9: scenario.nodse: unknown key (did you mean nodes?)"},
		{"wrong type", scenario + "nodes = \"3\"", "perfgate.toml:9: scenario.nodes: is a string, wants a whole number"},
		{"syntax", scenario + "nodes = ", "perfgate.toml:9: scenario.nodes: unexpected EOF; expected value"},
		{"nothing to measure", head, "perfgate.toml:1: there is nothing to measure (add a [[scenario]] with name and nodes, or a [[benchmark]] with name and command)"},
		{"no nodes", scenario, "perfgate.toml:7: scenario.nodes: is missing (write nodes = 5, or as many as the network shall have)"},
		{"0 nodes", scenario + "nodes = 0", "perfgate.toml:9: scenario.nodes: 0 nodes are no network (from 1 to 1000)"},
		{"too many nodes", scenario + "nodes = 1001", "perfgate.toml:9: scenario.nodes: 1001 nodes are no network (from 1 to 1000)"},
		{"negative duration", scenario + "nodes = 2\nduration = \"-1s\"", "perfgate.toml:10: scenario.duration: -1s (a length of time above 0)"},
		{"no duration", scenario + "nodes = 2\nduration = \"soon\"", `perfgate.toml:10: scenario.duration: "soon" is no duration (write a number and a unit: 500ms, 120s, 2m)`},
		{"duration in seconds", scenario + "nodes = 2\nduration = 120", `perfgate.toml:10: scenario.duration: is a whole number, wants a string (such as "120s")`},
		{"zero quiet", scenario + "nodes = 2\nquiet = \"0s\"", "perfgate.toml:10: scenario.quiet: 0s (a length of time above 0)"},
		{"zero timeout", scenario + "nodes = 2\nformation_timeout = \"0s\"", "perfgate.toml:10: scenario.formation_timeout: 0s (a length of time above 0)"},
		{"no runs", scenario + "nodes = 2\nruns = 0", "perfgate.toml:10: scenario.runs: 0 runs (from 1 to 1000)"},
		{"negative warm-up", scenario + "nodes = 2\nwarmup = -1", "perfgate.toml:10: scenario.warmup: -1 runs (from 0 to 1000)"},
		{"unknown expectation", scenario + "nodes = 2\nexpect = \"ring\"", `perfgate.toml:10: scenario.expect: "ring" is no expectation (one of full_mesh, connected, min_peers=K)`},
		{"number on a mesh", scenario + "nodes = 2\nexpect = \"full_mesh=2\"", `perfgate.toml:10: scenario.expect: "full_mesh=2" is no expectation (one of full_mesh, connected, min_peers=K)`},
		{"no number of peers", scenario + "nodes = 2\nexpect = \"min_peers\"", `perfgate.toml:10: scenario.expect: "min_peers" is no expectation (one of full_mesh, connected, min_peers=K)`},
		{"too many peers", scenario + "nodes = 4\nexpect = \"min_peers=4\"", "perfgate.toml:10: scenario.expect: min_peers=4 cannot hold among 4 nodes (K from 1 to 3)"},
		{"no peers", scenario + "nodes = 4\nexpect = \"min_peers=0\"", "perfgate.toml:10: scenario.expect: min_peers=0 cannot hold among 4 nodes (K from 1 to 3)"},
		{"unknown placeholder in a scenario", scenario + "nodes = 2\nargs = [\"--seed\",\n\"{indx}\"]", "perfgate.toml:11: scenario.args: {indx} is no placeholder (did you mean index?)"},
		{"bad tag", scenario + "nodes = 2\ntags = [\"pr\",\n\"a b\"]", `perfgate.toml:11: scenario.tags: "a b" is no tag (a word such as pr or full)`},
		{"doubled scenario", scenario + "nodes = 2\n[[scenario]]\nnodes = 3\nname = \"a\"", `perfgate.toml:12: scenario.name: "a" is there already (choose another name)`},
		{"unnamed scenario", head + "[[scenario]]\nnodes = 2", `perfgate.toml:7: scenario.name: is missing (write name = "quick")`},
		{"name with a slash", head + "[[scenario]]\nnodes = 2\nname = \"../x\"", `perfgate.toml:9: scenario.name: "../x" is no name: it becomes a folder (at most 64 letters, digits, ".", "_" and "-", starting with a letter or digit)`},
		{"name of a file among the results", head + "[[scenario]]\nnodes = 2\nname = \"results.json\"", `perfgate.toml:9: scenario.name: "results.json" is a file among the results, where the scenario has a folder (choose another name)`},
		{"hidden name", head + "[[scenario]]\nnodes = 2\nname = \".x\"", `perfgate.toml:9: scenario.name: ".x" is no name: it becomes a folder (at most 64 letters, digits, ".", "_" and "-", starting with a letter or digit)`},
		{"no args", "schema = \"perfgate.config/1\"\n[subject]\nname = \"n\"\nbinary = \"b\"\n[node]\nready = \"/r\"\n[[scenario]]\nname = \"a\"\nnodes = 2", `perfgate.toml:5: node.args: is missing, and a scenario launches nodes (write args = ["--listen", "{listen}"], or [] for a node without arguments)`},
		{"no binary", "schema = \"perfgate.config/1\"\n[subject]\nname = \"n\"\n[node]\nargs = []\n[[scenario]]\nname = \"a\"\nnodes = 2", "perfgate.toml:2: subject.binary: is missing, and a scenario launches nodes (write the path of the file that the build leaves)"},
		{"no subject", "schema = \"perfgate.config/1\"\n[[benchmark]]\nname = \"b\"\ncommand = [\"x\"]", `perfgate.toml:1: subject.name: is missing (write name = "my-node" under [subject])`},
		{"empty build", strings.Replace(scenario+"nodes = 2", "binary", "build = [\"\"]\nbinary", 1), `perfgate.toml:4: subject.build: names no program (write the program and its arguments, such as ["go", "build"])`},
		{"absolute path", strings.Replace(scenario+"nodes = 2", "binary", "paths = [\"a\", \"/b\"]\nbinary", 1), `perfgate.toml:4: subject.paths: "/b" is no relative path (write it relative to the folder of this file)`},
		{"no builds", strings.Replace(scenario+"nodes = 2", "binary", "build_runs = 0\nbinary", 1), "perfgate.toml:4: subject.build_runs: 0 builds (from 1 to 1000)"},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, tc.text, tc.want) })
	}
}

func TestBadNodesNameFileLineKeyAndMend(t *testing.T) {
	tail := "\n[[scenario]]\nname = \"a\"\nnodes = 2\n"
	for _, tc := range []struct{ name, text, want string }{
		{"unknown placeholder", head + "bootstrap_args = [\"{bootstrap}\",\n \"{lisen}\"]" + tail, "perfgate.toml:8: node.bootstrap_args: {lisen} is no placeholder (did you mean listen?)"},
		{"unknown placeholder in env", head + "env = { A = \"{x}\", B = \"{\\\"json\\\": 1}\" }" + tail, "perfgate.toml:7: node.env.A: {x} is no placeholder (known are: dir, listen, control, listen_port, control_port, bootstrap, index, binary)"},
		{"no bootstrap", head + "bootstrap_args = [\"--join\"]" + tail, `perfgate.toml:7: node.bootstrap_args: has no {bootstrap}: no node would know another (such as ["--bootstrap", "{bootstrap}"])`},
		{"unknown signal", head + "stop_signal = \"SIGITN\"" + tail, `perfgate.toml:7: node.stop_signal: "SIGITN" is unknown (did you mean SIGINT?)`},
		{"unknown count", head + "peers_count = \"both\"" + tail, `perfgate.toml:7: node.peers_count: "both" is unknown (one of: all, outbound)`},
		{"labels on a gauge", head + "peers = 'peers{a=\"b\"}'" + tail, `perfgate.toml:7: node.peers: "peers{a=\"b\"}" is no name of a Prometheus series (the bare name of a gauge, without labels)`},
		{"gauge without a page", head + "peers = \"p\"\nmetrics = \"\"" + tail, "perfgate.toml:7: node.peers: there is no metrics page that could show it (name the page in metrics, or drop peers)"},
		{"page without a slash", head + "ready = \"health\"" + tail, `perfgate.toml:7: node.ready: "health" is no path on the control address (write it as "/metrics")`},
		{"zero stop timeout", head + "stop_timeout = \"0s\"" + tail, "perfgate.toml:7: node.stop_timeout: 0s (a length of time above 0)"},
		{"series as a plain key", head + "metrics = { a = { series = \"a\" } }" + tail, `perfgate.toml:7: node.metrics: is a table, wants a string (such as "/metrics"; further series stand under [node.metrics])`},
		{"unknown key of a series", head + "[node.metrics]\nx = { serie = \"a\" }" + tail, "perfgate.toml:8: node.metrics.x.serie: unknown key (did you mean series?)"},
		{"built-in name", head + "[node.metrics.formation_time]\nseries = \"a\"\nunit = \"s\"\nbetter = \"lower\"" + tail, "perfgate.toml:7: node.metrics.formation_time: perfgate has a metric of this name itself (choose another name)"},
		{"name of a benchmark's metric", head + "[node.metrics]\n\"a/b\" = { series = \"a\", unit = \"s\", better = \"lower\" }" + tail, `perfgate.toml:8: node.metrics."a/b": "a/b" is no name for a metric (letters, digits, "_", "-" and ".", starting with a letter or digit)`},
		{"doubled series", head + "[node.metrics]\na = { series = \"a\", unit = \"s\", better = \"lower\" }\na = {}" + tail, "perfgate.toml:9: node.metrics.a: is there already, at line 8"},
		{"series without all", head + "[node.metrics]\na = {}" + tail,
			"perfgate.toml:8: node.metrics.a.series: \"\" is no name of a Prometheus series (the bare name of a series, without labels)\n" +
				"perfgate.toml:8: node.metrics.a.unit: \"\" is no unit (one of s, B, B/s, ratio, count, peers, or a word of your own)\n" +
				"perfgate.toml:8: node.metrics.a.better: \"\" is unknown (one of: lower, higher)"},
		{"series without a page", head + "metrics = \"\"\n[node.metrics]\na = { series = \"a\", unit = \"s\", better = \"lower\" }" + tail, `perfgate.toml:9: node.metrics.a.path: no page shows the series (write path = "/metrics", or name the page in [node])`},
		{"unknown format", head + "[[benchmark]]\nname = \"b\"\ncommand = [\"x\"]\nformat = \"goo\"", `perfgate.toml:10: benchmark.format: "goo" is unknown (did you mean go?)`},
		{"no command", head + "[[benchmark]]\nname = \"b\"\nruns = -1", "perfgate.toml:7: benchmark.command: names no program (write the program and its arguments, such as [\"go\", \"build\"])\n" +
			"perfgate.toml:9: benchmark.runs: -1 runs (from 1 to 1000)"},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, tc.text, tc.want) })
	}
}

func refused(t *testing.T, text, want string) {
	t.Helper()
	s, err := suite.Parse("perfgate.toml", []byte(text))
	if err == nil || s != nil {
		t.Fatalf("got %+v, %v, want %s", s, err, want)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(head + "[[scenario]]\nname = \"a\"\nnodes = 2\nexpect = \"min_peers=1\"\n"))
	f.Add([]byte("schema = \"perfgate.config/1\"\n[node.metrics]\na = {}\n[node]\nmetrics = 1"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := suite.Parse("f", raw)
		if (err == nil) == (s == nil) {
			t.Fatalf("got %v, %v", s, err)
		}
		if err != nil {
			return
		}
		// What was accepted can be used: it selects, overrides by nothing and hashes.
		again, texts, err := s.Override(suite.Overrides{})
		if err != nil || len(texts) > 0 {
			t.Fatalf("overriding nothing: %q, %v", texts, err)
		}
		for _, sc := range again.Scenarios {
			if s.Configuration(sc.Name) == "" {
				t.Fatalf("no hash for %q", sc.Name)
			}
			if expect, err := suite.ParseExpectation(sc.Expect.String()); err != nil || expect != sc.Expect {
				t.Fatalf("%q is read as %v, %v", sc.Expect.String(), expect, err)
			}
		}
		s.Warnings()
	})
}
