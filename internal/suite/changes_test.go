package suite_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

const changesBefore = `schema = "perfgate.config/1"
[subject]
name = "node"
binary = "bin/node"
[node]
args = ["--listen", "{listen}", "--metrics-addr", "{control}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
[[scenario]]
name = "quick"
nodes = 5
runs = 6
[[scenario]]
name = "large"
nodes = 20
[[benchmark]]
name = "codec"
command = ["cargo", "bench"]
`

func TestChangesOfWhatIsMeasuredAreNamed(t *testing.T) {
	before := parse(t, changesBefore)
	text := strings.NewReplacer("nodes = 5\nruns = 6", "nodes = 2\nruns = 6\ntags = [\"slow\"]", "\"large\"", "\"huge\"", "[\"cargo\", \"bench\"]", "[\"true\"]",
		"\"--listen\"", "\"--fast\", \"--listen\"").Replace(changesBefore)
	want := []string{
		"scenario large is gone", "scenario quick: nodes from 5 to 2, tags from [pr] to [slow]", "benchmark codec: command from [cargo bench] to [true]",
		"node: args from [--listen {listen} --metrics-addr {control}] to [--fast --listen {listen} --metrics-addr {control}]", "scenario huge is new",
	}
	if diff := cmp.Diff(want, suite.Changes(before, parse(t, text))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if same := suite.Changes(before, before); len(same) > 0 {
		t.Errorf("a suite differs from itself: %v", same)
	}
}

// TestChangesAreNamedByTheKeysOfTheFile, in which a reader looks for them.
func TestChangesAreNamedByTheKeysOfTheFile(t *testing.T) {
	text := strings.NewReplacer("nodes = 20", "nodes = 20\nformation_timeout = \"30s\"\n[[scenario.workload]]\nkind = \"connect\"",
		"[node]", "[node.metrics]\nx = { series = \"x\", unit = \"s\", better = \"lower\" }\n[node]\nstop_timeout = \"9s\"", "binary =", "build_runs = 2\nbinary =").Replace(changesBefore)
	want := []string{
		"scenario large: formation_timeout from 1m0s to 30s, workload changes",
		"node: stop_timeout from 5s to 9s, metrics changes", "subject: build_runs from 1 to 2",
	}
	if diff := cmp.Diff(want, suite.Changes(parse(t, changesBefore), parse(t, text))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLinesOfPlans(t *testing.T) {
	lines := suite.LinesOf([]byte(changesBefore))
	for name, want := range map[[2]string]int{{"quick", ""}: 8, {"large", ""}: 12, {"", "codec"}: 15, {"other", ""}: 0, {"", ""}: 2} {
		if got := lines.Of(name[0], name[1]); got != want {
			t.Errorf("%q is in line %d, want %d", name, got, want)
		}
	}
	if got := suite.LinesOf([]byte("no = [toml")).Of("quick", ""); got != 0 {
		t.Errorf("what cannot be read has line %d", got)
	}
}
