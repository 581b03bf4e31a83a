package suite_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

const five = head + "[[scenario]]\nname = \"five\"\nnodes = 5\nduration = \"20s\"\n"

func TestWorkloadsHaveDefaults(t *testing.T) {
	s := parse(t, five+`
[[scenario.workload]]
kind = "publish"
[[scenario.workload]]
kind = "dht"
rate = 2
size = "300B"
arrival = "poisson"
warmup = "0s"
seed = 0
[[scenario.workload]]
kind = "transfer"
[[scenario.workload]]
kind = "connect"
rate = 0.5
`)
	want := []suite.Workload{
		{Kind: suite.Publish, Rate: 10, Size: 1024, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
		{Kind: suite.DHT, Rate: 2, Size: 300, Arrival: suite.Poisson},
		{Kind: suite.Transfer, Rate: 1, Size: 16 << 20, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
		{Kind: suite.Connect, Rate: 0.5, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
	}
	if diff := cmp.Diff(want, s.Scenarios[0].Workloads); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if load := s.Scenarios[0].Load(); load != 10*time.Second {
		t.Errorf("under load for %v, want the second half of 20s", load)
	}
	if load := parse(t, five).Scenarios[0].Load(); load != 0 {
		t.Errorf("a load of %v without a workload", load)
	}
}

func TestWorkloadsThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"no kind":              {"rate = 1\n", `scenario.workload.kind: "" is unknown (one of: publish, dht, transfer, connect)`},
		"another kind":         {"kind = \"publihs\"\n", `scenario.workload.kind: "publihs" is unknown (did you mean publish?)`},
		"no rate":              {"kind = \"dht\"\nrate = 0\n", "scenario.workload.rate: 0 ("},
		"a rate below 0":       {"kind = \"dht\"\nrate = -3\n", "scenario.workload.rate: -3 ("},
		"no number":            {"kind = \"dht\"\nrate = nan\n", "scenario.workload.rate: NaN ("},
		"a rate without end":   {"kind = \"dht\"\nrate = inf\n", "scenario.workload.rate: +Inf ("},
		"nothing":              {"kind = \"publish\"\nsize = \"0B\"\n", "scenario.workload.size: 0 bytes (from 128B to 524kB)"},
		"too much":             {"kind = \"publish\"\nsize = \"1MiB\"\n", "scenario.workload.size: 1048576 bytes"},
		"half a byte":          {"kind = \"publish\"\nsize = \"0.5B\"\n", `scenario.workload.size: "0.5B" is no number of bytes`},
		"no unit":              {"kind = \"publish\"\nsize = \"12\"\n", `scenario.workload.size: "12" is no number of bytes`},
		"a size of nothing":    {"kind = \"connect\"\nsize = \"1B\"\n", "scenario.workload.size: a connection has no size (leave it out)"},
		"another arrival":      {"kind = \"dht\"\narrival = \"burst\"\n", `scenario.workload.arrival: "burst" is unknown`},
		"a warm-up below 0":    {"kind = \"dht\"\nwarmup = \"-1s\"\n", "scenario.workload.warmup: -1s"},
		"a warm-up of it all":  {"kind = \"dht\"\nwarmup = \"10s\"\n", "workload: a warm-up of 10s leaves nothing of a load of 10s"},
		"a seed below 0":       {"kind = \"dht\"\nseed = -1\n", "scenario.workload.seed: -1"},
		"a key of another one": {"kind = \"dht\"\nrates = 1\n", "unknown key (did you mean rate?)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := suite.Parse("perfgate.toml", []byte(five+"[[scenario.workload]]\n"+tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want an error with %q", err, tc.want)
			}
		})
	}
	_, err := suite.Parse("perfgate.toml", []byte(strings.Replace(five, "nodes = 5", "nodes = 1", 1)+"[[scenario.workload]]\nkind = \"dht\"\n"))
	if err == nil || !strings.Contains(err.Error(), "a workload needs two nodes") {
		t.Errorf("of one node: %v", err)
	}
}

func TestAWorkloadIsPartOfTheConfiguration(t *testing.T) {
	idle := parse(t, five).Configuration("five")
	loaded := parse(t, five+"[[scenario.workload]]\nkind = \"dht\"\n").Configuration("five")
	other := parse(t, five+"[[scenario.workload]]\nkind = \"dht\"\nseed = 2\n").Configuration("five")
	if idle == loaded || loaded == other {
		t.Errorf("configurations %s, %s, %s", idle, loaded, other)
	}
	if same := parse(t, five+"[[scenario.workload]]\nkind = \"dht\"\nrate = 10.0\n").Configuration("five"); same != loaded {
		t.Error("a default that is written down makes another configuration")
	}
}
