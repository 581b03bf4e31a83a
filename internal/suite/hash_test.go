package suite_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/suite"
)

func TestConfigurationCoversWhatIsMeasured(t *testing.T) {
	base := parse(t, whole)
	scenario, build, benchmark := base.Configuration("standard"), base.Configuration(""), base.Benchmarks[0].Configuration()
	if len(scenario) != 64 || len(build) != 64 || len(benchmark) != 64 || benchmark == build || scenario == build || scenario == base.Configuration("quick") {
		t.Fatalf("hashes %q and %q", scenario, build)
	}
	for _, tc := range []struct {
		name, old, with string
		scenario, build bool // whether the hash of the scenario and of the build changes
		benchmark       bool // and that of the first benchmark
	}{
		{"argument", `"--metrics",`, `"--metrics", "--fast",`, true, false, false},
		{"where an argument ends", `"{listen}", "--config"`, `"{listen}--config"`, true, false, false},
		{"argument of the scenario", `"--min-peers", "3"`, `"--min-peers", "4"`, true, false, false},
		{"bootstrap argument", `"--bootstrap"`, `"--join"`, true, false, false},
		{"config template", "listen_addrs =", "addrs =", true, false, false},
		{"environment", `"info"`, `"debug"`, true, false, false},
		{"gauge", `"communitas_peers_connected"`, `"peers"`, true, false, false},
		{"meaning of the gauge", `"outbound"`, `"all"`, true, false, false},
		{"custom series", `"app_depth"`, `"app_height"`, true, false, false},
		{"nodes", "nodes    = 5", "nodes    = 6", true, false, false},
		{"duration", `"2m"`, `"3m"`, true, false, false},
		{"duration written otherwise", `"2m"`, `"120s"`, false, false, false},
		{"quiet period", `"1s"`, `"2s"`, true, false, false},
		{"expectation", "min_peers=3", "min_peers=2", true, false, false},
		{"formation timeout", `"30s"`, `"31s"`, true, false, false},
		{"build command", `"--locked"`, `"--offline"`, false, true, false},
		{"clean command", `"clean", "--release"`, `"clean"`, false, true, false},
		{"benchmark command", `"bench", "--bench"`, `"bench", "--test"`, false, false, true},
		{"benchmark format", `"libtest"`, `"criterion"`, false, false, true},
		{"name of the scenario's neighbour", `"quick"`, `"small"`, false, false, false},
		{"runs", "runs     = 7", "runs     = 8", false, false, false},
		{"warm-up", "warmup   = 0", "warmup   = 1", false, false, false},
		{"tags", `["full", "night"]`, `["pr"]`, false, false, false},
		{"binary", "target/release/c", "/elsewhere/c", false, false, false},
		{"paths", `"Cargo.toml"`, `"Cargo.lock"`, false, false, false},
		{"stop signal", "SIGTERM", "SIGINT", false, false, false},
		{"order of benchmarks' runs", "runs    = 3", "runs    = 4", false, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if strings.Count(whole, tc.old) == 0 {
				t.Fatalf("the example has no %s", tc.old)
			}
			s := parse(t, strings.Replace(whole, tc.old, tc.with, 1))
			if got := s.Configuration("standard") != scenario; got != tc.scenario {
				t.Errorf("the scenario's hash changed: %v", got)
			}
			if got := s.Benchmarks[0].Configuration() != benchmark; got != tc.benchmark {
				t.Errorf("the benchmark's hash changed: %v", got)
			}
			if got := s.Configuration("") != build; got != tc.build {
				t.Errorf("the build's hash changed: %v", got)
			}
		})
	}
}

func TestConfigurationIgnoresFoldersOfAbsolutePaths(t *testing.T) {
	at := func(folder string) *suite.Suite {
		return parse(t, head+"bootstrap_args = [\"{bootstrap}\", \""+folder+"/genesis.json\", \"--seed="+folder+"/seed\"]\n"+
			"[[scenario]]\nname = \"a\"\nnodes = 2\n")
	}
	if at("/home/a").Configuration("a") != at("/srv/b/c").Configuration("a") {
		t.Error("the folder is part of the hash")
	}
	if at("/home/a").Configuration("a") == at("rel").Configuration("a") {
		t.Error("a relative path is no part of the hash")
	}
}

func TestConfigurationOfTheBuildDoesNotDependOnTheSelection(t *testing.T) {
	s := parse(t, whole)
	selected, err := s.Select([]string{"quick"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if selected.Configuration("") != s.Configuration("") {
		t.Error("selecting one scenario changed the hash of the build")
	}
	if selected.Configuration("standard") != "" {
		t.Error("a hash for a scenario that is not there")
	}
}

func TestConfigurationFollowsAnOverride(t *testing.T) {
	s := parse(t, whole)
	changed, _, err := s.Override(suite.Overrides{Nodes: 9, Runs: 3})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Configuration("standard") == s.Configuration("standard") {
		t.Error("9 nodes have the hash of 5")
	}
}
