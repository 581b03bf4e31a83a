package gate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/result"
)

// Prepare builds the subject of a plan once and keeps a copy of its binary in the plan's directory, for trials of the
// subject against itself: a build beside them changes nothing. Without a binary, as for benchmarks alone, it does nothing, and each trial
// builds what the suite says.
func Prepare(ctx context.Context, plan Plan) (Plan, error) {
	source := plan.Subject
	if source == "" {
		if plan.Suite.Subject.Binary == "" {
			return plan, nil
		}
		building := plan
		whole := *plan.Suite
		whole.Scenarios, whole.Benchmarks = nil, nil
		building.Suite, building.Dir = &whole, filepath.Join(plan.Dir, "build")
		if err := os.MkdirAll(building.Dir, 0o755); err != nil {
			return Plan{}, fmt.Errorf("make the folder of the build: %w", err)
		}
		if _, err := Measure(ctx, building); err != nil {
			return Plan{}, err
		}
		source = plan.Suite.Subject.Binary
		if !filepath.IsAbs(source) {
			source = filepath.Join(plan.Project, source)
		}
	}
	plan.Subject = filepath.Join(plan.Dir, filepath.Base(source))
	if err := copyFile(source, plan.Subject); err != nil {
		return Plan{}, fmt.Errorf("copy the subject: %w (--subject names a binary that is there)", err)
	}
	return plan, nil
}

// Same is a trial of a subject against itself: whatever differs is noise.
func Same(ctx context.Context, plan TrialPlan) (base, head *result.Results, err error) {
	if err := os.MkdirAll(plan.Head.Dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("make the results directory of a session: %w", err)
	}
	plan.Base = plan.Head
	plan.Base.Dir = filepath.Join(plan.Head.Dir, BaseFolder)
	plan.MeasureIdentical = true
	return Trial(ctx, plan)
}
