package hunt

import (
	"path/filepath"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/stat"
	"github.com/communitas/perfgate/internal/suite"
)

// What is expected of builds and runs, in seconds, where no earlier search tells. The search corrects it as it goes.
const (
	expectedBuild     = 60.0
	expectedRest      = 2.0 // of a run beside its steady window
	expectedExecution = 10.0
	expectedLook      = 0.01
)

// expectedNoise is how much a run varies, as a ratio, where no results of the project tell.
const expectedNoise = 0.05

// expectedCounts is how much the sum of a count varies, as a ratio to one more than it: that of some ten events.
const expectedCounts = 0.3

// noiseOf is how much a run of a target varies by the last results of the project, as a ratio.
func noiseOf(home string, t Target) float64 {
	results, err := gate.Load(filepath.Join(home, "results", "latest"))
	if err != nil {
		return expectedNoise
	}
	series, _ := results.Find(t.Scenario, t.Metric)
	var values []float64
	for _, sample := range series.Usable() {
		values = append(values, *sample.Value)
	}
	cv, err := stat.RobustCV(values)
	const enough = 5 // samples
	if t.Sum > 0 {
		return expectedCounts
	}
	if err != nil || len(values) < enough || !(cv > 0) {
		return expectedNoise
	}
	return cv
}

// earlierHunts is how many earlier hunts are asked.
const earlierHunts = 5

// costs expects what builds and runs of a target take, by what earlier hunts of the project took.
func costs(home string, s *suite.Suite, t Target) bisect.Costs {
	seen := earlier(home, t)
	build := seen.build.mean(expectedBuild)
	c := bisect.Costs{ColdBuildSeconds: build}
	switch scenario, found := s.Scenario(t.Scenario); {
	case t.Exact:
		c.RunSeconds = expectedLook
	case t.Build:
		c.RunSeconds = seen.run.mean(build)
	case found && t.Scenario != "":
		c.RunSeconds = seen.run.mean(float64(max(1, t.Sum)) * (scenario.Duration.Seconds() + expectedRest))
	default:
		c.RunSeconds = seen.run.mean(expectedExecution)
	}
	return c
}

// experience is what was seen of builds and of runs of one target.
type experience struct{ build, run mean }

type mean struct {
	sum float64
	n   int
}

func (m *mean) add(seconds float64) {
	if seconds > 0 {
		m.sum, m.n = m.sum+seconds, m.n+1
	}
}

func (m *mean) mean(otherwise float64) float64 {
	if m.n == 0 {
		return otherwise
	}
	return m.sum / float64(m.n)
}

// earlier asks the journals of the last hunts; one that can not be read says nothing.
func earlier(home string, t Target) experience {
	var seen experience
	hunts := begun(home)
	for _, id := range hunts[max(0, len(hunts)-earlierHunts):] {
		dir := filepath.Join(home, huntsFolder, id)
		r, err := readRecord(dir)
		if err != nil {
			continue
		}
		f := folder{path: dir, record: r}
		for i, other := range r.Targets {
			if read, err := readJournal(filepath.Join(f.targetDir(i, other), journalFile)); err == nil {
				seen.take(read.Events, other.Name() == t.Name())
			}
		}
	}
	return seen
}

func (x *experience) take(events []bisect.Event, same bool) {
	for _, e := range events {
		switch {
		case e.Type == bisect.Built:
			x.build.add(e.Seconds)
		case e.Type == bisect.Ran && same:
			x.run.add(e.Seconds)
		}
	}
}
