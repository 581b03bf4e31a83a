package baseline_test

import (
	"os"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// TestOwnBaselinesWriteOutTheGuide holds this repository's files against the budgets that are built in: each stands there for
// every scenario that it is for, and is the same but where the file says why.
func TestOwnBaselinesWriteOutTheGuide(t *testing.T) {
	own := load(t, "../../baselines.toml", baseline.Parse)
	scenarios := load(t, "../../perfgate.toml", suite.Parse).Scenarios
	scenarios = append(scenarios, suite.Scenario{}) // builds
	other := map[string]bool{"swarm discovery_success_rate": true, "swarm message_latency_p50": true}
	seen := 0
	for _, s := range scenarios {
		for _, m := range metric.Builtin() {
			var nothing *baseline.File
			guide, here := nothing.Rule(m, s.Name, s.Nodes, false), own.Rule(m, s.Name, s.Nodes, false)
			switch {
			case guide.Target == nil:
				continue
			case here.TargetErr != nil || here.Target == nil || here.Target.Origin == guide.Target.Origin:
				t.Errorf("%s of scenario %q has the target %s and it is not in the file", m.Name, s.Name, guide.Target.Text)
			case here.TargetPolicy != metric.Block:
				t.Errorf("%s of scenario %q: the target's policy is %s", m.Name, s.Name, here.TargetPolicy)
			case (here.Target.Op != guide.Target.Op || here.Target.Value != guide.Target.Value) && !other[s.Name+" "+m.Name]:
				t.Errorf("%s of scenario %q is held to %s, and the guide says %s", m.Name, s.Name, here.Target.Text, guide.Target.Text)
			}
			seen++
		}
	}
	if seen < 90 {
		t.Errorf("%d budgets were looked at", seen)
	}
}

func load[F any](t *testing.T, path string, parse func(string, []byte) (*F, error)) *F {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
