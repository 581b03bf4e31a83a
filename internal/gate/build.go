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

// build makes the subject as often as the suite says, or examines the one that was given, and starts the results with
// what that tells.
func (m *measurement) build(ctx context.Context) error {
	if m.Subject != "" {
		binary, err := build.Examine(m.Subject)
		if err != nil {
			return fmt.Errorf("%w (--subject names the binary to measure)", err)
		}
		m.binary = binary
		m.start(ctx)
		m.results.Scenarios[0].Runs = 1
		m.takeApart()
		m.assembler.Add("", 1, 1, m.measureBuild(binary))
		return nil
	}
	log, err := os.Create(filepath.Join(m.Dir, BuildLog))
	if err != nil {
		return fmt.Errorf("keep the log of the build: %w", err)
	}
	defer log.Close()
	cell, err := m.container.Cell()
	if err != nil {
		return err
	}
	defer func() {
		if err := cell.Close(context.WithoutCancel(ctx)); err != nil {
			m.Log.Warn("what the build has started is still there", "error", err)
		}
	}()
	plan := build.Plan{
		Dir: m.Project, Clean: m.Suite.Subject.Clean, Build: m.Suite.Subject.Build, Binary: m.Suite.Subject.Binary,
		Cache: m.Cache, Log: log, Hold: cell.Hold,
	}
	for i := range m.Suite.Subject.BuildRuns {
		m.tell(Progress{Building: strings.Join(plan.Build, " ")})
		built, err := build.Run(ctx, plan)
		if err != nil {
			return err
		}
		m.tell(Progress{Built: &built})
		m.binary = built
		if i == 0 {
			m.start(ctx)
		}
		m.results.Subject.Builds = append(m.results.Subject.Builds, built.SHA256)
		m.assembler.Add("", i+1, i+1, m.measureBuild(built))
	}
	m.results.Subject.BinarySHA256 = m.binary.SHA256
	m.takeApart()
	return nil
}

// takeApart keeps what the binary is made of, so that a change of its size can be explained when it is no longer there. What
// cannot be taken apart is measured all the same.
func (m *measurement) takeApart() {
	parts, err := anatomy.Of(m.binary.Path)
	if err != nil {
		m.Log.Debug("what the binary is made of is unknown", "error", err)
		parts = &result.Anatomy{Bytes: m.binary.Size, Reason: err.Error()}
	}
	m.results.Subject.Anatomy = parts
}

// measureBuild turns a build into measurements: times are those of a build from clean, or none.
func (m *measurement) measureBuild(built build.Built) []result.Measurement {
	var all []result.Measurement
	for _, x := range metric.Builtin() {
		if x.Origin != metric.FromBuild {
			continue
		}
		all = append(all, m.measureOne(x, built))
	}
	return all
}

func (m *measurement) measureOne(x metric.Metric, built build.Built) result.Measurement {
	switch {
	case x.Name == "binary_size" && built.Path == "":
		return result.Unmeasurable(x, "no subject.binary: nothing says which file the build leaves")
	case x.Name == "binary_size":
		return result.Value(x, float64(built.Size))
	case m.Subject != "":
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

func (m *measurement) tell(p Progress) {
	if m.Progress != nil {
		m.Progress(p)
	}
}
