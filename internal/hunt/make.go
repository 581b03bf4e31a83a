package hunt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/anatomy"
	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
)

// LayoutVariable has the number of the layout in the environment of a build: 0 for the first build of a commit, 1 for the next,
// and so on. A build that wants to be searched well gives its linker another order or padding by it; one that does not, gives the same
// binary again, which tells the search that building again tells nothing.
const LayoutVariable = "PERFGATE_LAYOUT"

// job is a build of a commit.
type job struct {
	commit string
	layout int
}

// made builds a commit in a place, unless it is on the shelf, and puts it there. A commit that does not build is no error: its reason says why.
func (h *hunt) made(ctx context.Context, t Target, p *place, j job) (made, error) {
	if m, there := h.shelf.get(j.commit, j.layout); there {
		return m, nil
	}
	var m made
	err := h.patiently(ctx, t, "build of "+short(j.commit), func() error {
		var err error
		m, err = h.make(ctx, p, j)
		return err
	})
	if broken, ok := errors.AsType[*brokenError](err); ok {
		m = made{Reason: broken.reason, Patched: p.patched}
	} else if err != nil {
		return made{}, err
	}
	from := ""
	if m.SHA256 != "" {
		from = p.binary()
	}
	return m, h.shelf.put(j.commit, j.layout, m, from)
}

// make builds a commit once. The error of a commit that does not build is a *brokenError.
func (h *hunt) make(ctx context.Context, p *place, j job) (made, error) {
	if err := p.at(ctx, j.commit); err != nil {
		return made{}, err
	}
	results, err := h.build(ctx, p, j, false)
	if err != nil {
		return made{}, err
	}
	m := made{Patched: p.patched}
	if p.suite.Subject.Binary == "" {
		return m, nil
	}
	file, err := build.Examine(p.binary())
	if err != nil {
		return made{}, err
	}
	m.SHA256, m.Size = results.Subject.BinarySHA256, file.Size
	m.Code, err = anatomy.Code(p.binary(), p.tree.Path(), p.cache)
	return m, err
}

// build runs the build of a suite in a place, as `perfgate run` does, without the binary that was there; with clean it is measured from
// clean. The error of a commit that does not build is a *brokenError.
func (h *hunt) build(ctx context.Context, p *place, j job, clean bool) (*result.Results, error) {
	p.built = false
	if err := p.removeBinary(); err != nil {
		return nil, err
	}
	dir, err := h.emptyDir("builds", fmt.Sprintf("%s-%d", j.commit, j.layout))
	if err != nil {
		return nil, err
	}
	whole := *p.suite
	whole.Scenarios, whole.Benchmarks, whole.Subject.BuildRuns = nil, nil, 1
	if !clean {
		whole.Subject.Clean = nil
	}
	plan := h.gatePlan(p, dir)
	plan.Suite = &whole
	plan.BuildEnvironment = []string{fmt.Sprintf("%s=%d", LayoutVariable, j.layout)}
	plan.BuildLimit = h.record.BuildTimeout
	results, err := gate.Measure(ctx, plan)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, faultOfBuild(err)
	}
	p.built = true
	return results, nil
}

// gatePlan is what all measurements in a place have in common.
func (h *hunt) gatePlan(p *place, dir string) gate.Plan {
	return gate.Plan{
		Suite: p.suite, Project: p.project, Dir: dir, Cache: p.cache, State: h.State, Cleanup: h.Cleanup,
		Disturbed: h.record.Disturbed, Tool: h.Tool, Log: h.Log,
	}
}

// emptyDir makes a folder of the hunt anew.
func (h *hunt) emptyDir(parts ...string) (string, error) {
	dir := filepath.Join(append([]string{h.folder.path}, parts...)...)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return "", fmt.Errorf("make a folder for results: %w", err)
	}
	return dir, nil
}

// since is the time since the hunt was begun, in seconds.
func (h *hunt) since() float64 { return max(0, time.Since(h.record.Created).Seconds()) }
