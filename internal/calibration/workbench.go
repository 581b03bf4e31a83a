package calibration

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/bisect"
)

// workbench builds and runs commits of a world for the seekers that are no search of internal/bisect.
type workbench struct {
	world     *bisect.World
	artifacts map[int]int // of each commit that was built
	made      int
	builds    int
	runs      int
}

func newWorkbench(w *bisect.World) *workbench {
	return &workbench{world: w, artifacts: map[int]int{}}
}

// build builds a commit, once; it tells whether that went well.
func (b *workbench) build(commit int) bool {
	if _, done := b.artifacts[commit]; done {
		return true
	}
	b.builds++
	e := b.world.Do(bisect.Step{Action: bisect.Build, Commit: fmt.Sprintf("c%d", commit)})
	if e.Type == bisect.Built {
		b.made++
		b.artifacts[commit] = b.made
	}
	return e.Type == bisect.Built
}

// run runs a commit that was built, and returns the logarithm of its value to that of the good end without noise.
func (b *workbench) run(commit int) float64 {
	b.runs++
	e := b.world.Do(bisect.Step{Action: bisect.Run, Artifact: b.artifacts[commit]})
	return math.Log(e.Value / bisect.WorldValue)
}

// sample runs a commit so many times.
func (b *workbench) sample(commit, runs int) []float64 {
	values := make([]float64, runs)
	for i := range values {
		values[i] = b.run(commit)
	}
	return values
}
