package hunt_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
)

// TestABuildThatLeavesNoProgramIsTheCommitsFault: the search goes round it, as round one that does not compile.
func TestABuildThatLeavesNoProgramIsTheCommitsFault(t *testing.T) {
	r := newRepository(t)
	r.write("build.sh", buildScript+"grep -q plain source && chmod -x text\nexit 0\n")
	sources := sizes()[2:6]
	sources[1] = "plain " + sources[1]
	commits := r.line(sources...)
	o := found(t, r.plan(t.TempDir(), commits[0], commits[3])).Outcome
	if o.Outcome != bisect.OutcomeSet || len(o.Unmeasured) != 1 || !strings.Contains(o.Unmeasured[0].Reason, "is not executable") {
		t.Errorf("%s: %+v", o, o.Unmeasured)
	}
}
