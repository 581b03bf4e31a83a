package doctor

import (
	"context"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/suite"
)

// Whatever the machine, every check says something, in the order of the groups, and a fault has a cost.
func TestExamineThisMachine(t *testing.T) {
	e := &Examination{Root: os.DirFS("/"), Suite: &suite.Suite{Scenarios: []suite.Scenario{{Name: "pair", Nodes: 2}}}, Out: t.TempDir()}
	groups := []diagnosis.Group{}
	names := map[string]bool{}
	for _, f := range e.Examine(t.Context()) {
		if len(groups) == 0 || groups[len(groups)-1] != f.Group {
			groups = append(groups, f.Group)
		}
		if names[f.Name] {
			t.Errorf("two checks are called %s", f.Name)
		}
		names[f.Name] = true
		faulty := f.Severity == diagnosis.Warn || f.Severity == diagnosis.Bad
		if f.Text == "" || f.Severity == "" || runtime.GOOS == "linux" && faulty && f.Cost == "" {
			t.Errorf("incomplete: %+v", f)
		}
	}
	want := []diagnosis.Group{diagnosis.Machine, diagnosis.Limits, diagnosis.Project, diagnosis.Network, diagnosis.LastResults, diagnosis.Workflows}
	if diff := cmp.Diff(want, groups); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A suite of benchmarks alone needs no binary and no network.
func TestExamineASuiteOfBenchmarks(t *testing.T) {
	e := &Examination{Root: files(), Suite: &suite.Suite{Benchmarks: []suite.Benchmark{{Name: "codec"}}}, Out: t.TempDir()}
	for _, f := range e.Examine(t.Context()) {
		if f.Group == diagnosis.Network || f.Name == "binary" {
			t.Errorf("examined all the same: %+v", f)
		}
	}
}

func TestAnExaminationThatIsInterruptedLaunchesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	e := &Examination{Root: files(), Suite: &suite.Suite{Scenarios: []suite.Scenario{{Nodes: 1}}}, Binary: program, Launch: true}
	says(t, e.checkBootstrap(ctx), diagnosis.Warn, "interrupted", "unknown", "")
}

// A program may need what stands in each scenario.
func TestTheNodeThatIsTriedHasTheArgumentsOfAScenario(t *testing.T) {
	e := &Examination{LaunchTimeout: time.Second, Suite: &suite.Suite{Scenarios: []suite.Scenario{
		{Nodes: 2, FormationTimeout: time.Minute, Args: []string{"--network", "test"}}, {Nodes: 5, FormationTimeout: time.Minute},
	}}}
	if got := e.alone(); !slices.Equal(got.Args, []string{"--network", "test"}) || got.FormationTimeout != time.Second || got.Nodes != 1 {
		t.Errorf("%+v", got)
	}
}
