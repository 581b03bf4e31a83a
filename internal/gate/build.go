package gate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/anatomy"
	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// BuildLog is the name of the file that keeps what the build printed.
const BuildLog = "build.log"

// buildCourse is the builds of a side. Each starts from clean where the suite says how, and the last one's binary is what is
// measured.
type buildCourse struct{ side *side }

func (c *buildCourse) take(ctx context.Context, t turn) (again bool, err error) {
	return false, c.side.named(c.build(ctx, t))
}

func (c *buildCourse) build(ctx context.Context, t turn) error {
	s := c.side
	if s.Subject != "" {
		binary, err := build.Examine(s.Subject)
		if err != nil {
			return fmt.Errorf("%w (--subject names the binary to measure)", err)
		}
		s.binary = binary
		s.started(ctx)
	} else if err := s.make(ctx); err != nil {
		return err
	}
	s.assembler.Add("", t.number, t.number, s.measureBuild(s.binary))
	if !t.last {
		return nil
	}
	s.results.Subject.BinarySHA256 = s.binary.SHA256
	s.takeApart()
	if len(s.Suite.Scenarios) == 0 {
		return nil
	}
	return s.copy()
}

// make builds the subject once, in a cell of its own, and starts the results when it is the first time.
func (s *side) make(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(s.Dir, BuildLog), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("keep the log of the build: %w", err)
	}
	defer log.Close()
	cell, err := s.inv.container.Cell()
	if err != nil {
		return err
	}
	defer func() {
		if err := cell.Close(context.WithoutCancel(ctx)); err != nil {
			s.Log.Warn("what the build has started is still there", "error", err)
		}
	}()
	plan := build.Plan{
		Dir: s.Project, Clean: s.Suite.Subject.Clean, Build: s.Suite.Subject.Build, Binary: s.Suite.Subject.Binary,
		Cache: s.Cache, Environment: s.BuildEnvironment, Log: log, Hold: cell.Hold, Limit: s.BuildLimit,
	}
	s.tell(Progress{Building: strings.Join(plan.Build, " ")})
	built, err := build.Run(ctx, plan)
	if err != nil {
		return err
	}
	s.tell(Progress{Built: &built})
	s.binary = built
	s.started(ctx)
	s.results.Subject.Builds = append(s.results.Subject.Builds, built.SHA256)
	return nil
}

// takeApart keeps what the binary is made of, so that a change of its size can be explained when it is no longer there. What
// cannot be taken apart is measured all the same.
func (s *side) takeApart() {
	parts, err := anatomy.Of(s.binary.Path)
	if err != nil {
		s.Log.Debug("what the binary is made of is unknown", "error", err)
		parts = &result.Anatomy{Bytes: s.binary.Size, Reason: err.Error()}
	}
	s.results.Subject.Anatomy = parts
}

// measureBuild turns a build into measurements: times are those of a build from clean, or none.
func (s *side) measureBuild(built build.Built) []result.Measurement {
	var all []result.Measurement
	for _, x := range metric.Builtin() {
		if x.Origin != metric.FromBuild {
			continue
		}
		all = append(all, s.measureOne(x, built))
	}
	return all
}

func (s *side) measureOne(x metric.Metric, built build.Built) result.Measurement {
	switch {
	case x.Name == "binary_size" && built.Path == "":
		return result.Unmeasurable(x, "no subject.binary: nothing says which file the build leaves")
	case x.Name == "binary_size":
		return result.Value(x, float64(built.Size))
	case s.Subject != "":
		return result.Unmeasurable(x, "the subject was given, not built (--subject)")
	case !built.FromClean:
		return result.Unmeasurable(x, "no subject.clean: the build was not from clean")
	case x.Name == "build_time":
		return result.Value(x, built.Wall.Seconds())
	case x.Name == "build_memory_peak" && built.PeakMemory == 0:
		return result.Unmeasurable(x, "this system does not tell the memory of processes that have ended")
	case x.Name == "build_memory_peak":
		return result.Value(x, float64(built.PeakMemory))
	}
	return result.Value(x, built.CPU.Seconds())
}
