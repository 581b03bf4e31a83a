package gate

import (
	"log/slog"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// TestControlsAreTakenWhereTheyCanVoidAPair: not outside of a trial, and not where figures count whatever the machine does.
func TestControlsAreTakenWhereTheyCanVoidAPair(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	b := suite.Benchmark{Name: "a", Command: []string{"echo", `[{"name": "x", "value": 1, "unit": "s"}]`}, Format: "json", Runs: 1}
	for _, tc := range []struct {
		name      string
		trial     *result.Trial
		disturbed runner.Disturbed
		taken     bool
	}{
		{"in a trial", &result.Trial{ID: "x", Side: result.SideHead, Looks: []int{1}}, runner.Retry, true},
		{"in a trial that takes what it gets", &result.Trial{ID: "x", Side: result.SideHead, Looks: []int{1}}, runner.Keep, false},
		{"by itself", nil, runner.Retry, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan := Plan{
				Suite: &suite.Suite{Benchmarks: []suite.Benchmark{b}}, Project: t.TempDir(), Dir: t.TempDir(), Disturbed: tc.disturbed,
				State: t.TempDir(), Log: slog.New(slog.DiscardHandler),
			}
			container, err := contain.Open(t.Context(), contain.Options{State: plan.State, Results: plan.Dir})
			if err != nil {
				t.Fatal(err)
			}
			inv := &invocation{Plan: plan, container: container, calm: time.Millisecond}
			s := inv.side(plan, tc.trial)
			if err := inv.carryOut(t.Context(), oneByOne(s)); err != nil {
				t.Error(err)
			}
			if err := inv.end(); err != nil {
				t.Error(err)
			}
			for _, run := range s.results.Runs {
				c := run.Controls
				if (c != nil) != tc.taken || c != nil && (c.Spin == nil || c.Loopback == nil || c.Disk == nil) {
					t.Errorf("controls %+v", c)
				}
			}
			if len(s.results.Runs) == 0 {
				t.Error("nothing was executed")
			}
		})
	}
}
