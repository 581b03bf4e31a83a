package doctor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/suite"
)

func scenario(name string, nodes int, timeout time.Duration, graph suite.Graph, least int) suite.Scenario {
	return suite.Scenario{
		Name: name, Nodes: nodes, Duration: 10 * time.Second, Quiet: time.Second, FormationTimeout: timeout,
		Expect: suite.Expectation{Graph: graph, Min: least},
	}
}

func TestTimeouts(t *testing.T) {
	pair := scenario("pair", 2, time.Minute, suite.FullMesh, 0)
	for _, tc := range []struct {
		name             string
		scenarios        []suite.Scenario
		cores            int
		measured         map[string]float64
		severity         diagnosis.Severity
		text, cost, mend string
	}{
		{"a mesh of ten", []suite.Scenario{pair, scenario("large", 10, time.Minute, suite.FullMesh, 0)}, 2, nil,
			diagnosis.OK, "large (10 nodes) forms in 202ms (as estimated) and has 60s; the others have more to spare", "", ""},
		{"alone", []suite.Scenario{pair}, 1, nil, diagnosis.OK, "pair (2 nodes) forms in 9ms (as estimated) and has 60s", "", ""},
		{"a mesh of a hundred on two cores", []suite.Scenario{pair, scenario("huge", 100, time.Minute, suite.FullMesh, 0)}, 2, nil,
			diagnosis.Warn, "huge (100 nodes) forms in 22.3s (as estimated) and has 60s", "busy moment", "min_peers=K"},
		{"the same on sixteen", []suite.Scenario{scenario("huge", 100, time.Minute, suite.FullMesh, 0)}, 16, nil,
			diagnosis.OK, "forms in 2.78s", "", ""},
		{"a hundred with eight peers each", []suite.Scenario{scenario("ring", 100, time.Minute, suite.MinPeers, 8)}, 2, nil,
			diagnosis.OK, "ring (100 nodes) forms in 1.8s", "", ""},
		{"a tree", []suite.Scenario{scenario("tree", 101, time.Minute, suite.Connected, 0)}, 1, nil, diagnosis.OK, "forms in 900ms", "", ""},
		{"a measurement knows better", []suite.Scenario{pair}, 2, map[string]float64{"pair": 25}, diagnosis.Warn, "25s (as measured)", "busy moment", "formation_timeout"},
		{"in either direction", []suite.Scenario{scenario("huge", 100, time.Minute, suite.FullMesh, 0)}, 2, map[string]float64{"huge": 5}, diagnosis.OK, "5s (as measured)", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			says(t, checkTimeouts(&suite.Suite{Scenarios: tc.scenarios}, tc.cores, tc.measured), tc.severity, tc.text, tc.cost, tc.mend)
		})
	}
}

func TestConfiguration(t *testing.T) {
	e := &Examination{Config: "perfgate.toml", Suite: &suite.Suite{Scenarios: []suite.Scenario{scenario("pair", 2, time.Minute, suite.FullMesh, 0)}}}
	says(t, e.checkConfiguration(), diagnosis.OK, "perfgate.toml: 1 scenario, 0 benchmarks", "", "")
	e.Suite.Scenarios[0].Quiet = time.Minute
	says(t, e.checkConfiguration(), diagnosis.Warn, "quiet period", "missing", "perfgate.toml")
}

func TestBenchmarks(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	there := suite.Benchmark{Name: "there", Command: []string{"." + string(filepath.Separator) + "run.sh"}}
	absent := suite.Benchmark{Name: "absent", Command: []string{"no-such-program", "bench"}}
	says(t, checkBenchmarks([]suite.Benchmark{there}, dir), diagnosis.OK, "1 benchmark, and every program is there", "", "")
	says(t, checkBenchmarks([]suite.Benchmark{there, absent}, dir), diagnosis.Warn, "benchmark absent: ", "fails", "install")
	says(t, checkBenchmarks([]suite.Benchmark{there}, t.TempDir()), diagnosis.Warn, "benchmark there: ", "fails", "command")
}

func TestBinary(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none := filepath.Join(dir, "none")
	says(t, checkBinary(file("release/node", 0o755), nil), diagnosis.OK, "node, 10B", "", "")
	says(t, checkBinary(file("debug/node", 0o755), nil), diagnosis.Warn, "debug build", "little about a release", "cargo build --release")
	says(t, checkBinary(file("plain", 0o644), nil), diagnosis.Bad, "no executable file", noBinary, "chmod +x")
	says(t, checkBinary(dir, nil), diagnosis.Bad, "no executable file", noBinary, "chmod")
	says(t, checkBinary(none, nil), diagnosis.Bad, "no such file", noBinary, "--subject")
	says(t, checkBinary(none, []string{"go", "build"}), diagnosis.OK, "not built yet; go build will make it", "", "")
	says(t, checkBinary(none, []string{"no-such-compiler"}), diagnosis.Bad, "no-such-compiler is not installed", noBinary, "install no-such-compiler")
}
