package bisect

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// World is a simulated truth that can be searched: what builds and runs of its commits give. The searches of the tests and
// of the calibration are in such worlds.
type World struct {
	Commits int // suspects, besides the good end; c0 is the good end, and so on
	// Parents are those of each commit by index, the good end first, as in Task; nil is a chain.
	Parents [][]int
	// Changes are the effects of the commits that make one, of logarithms, by index.
	Changes map[int]float64
	SD      float64 // of a run, of logarithms
	Drift   float64 // of the level in the time of one run, in units of SD
	Heavy   float64 // share of runs that something else delays
	Offset  float64 // standard deviation of a binary's offset, of logarithms
	// Reproducible says that building a commit again gives the same binary.
	Reproducible bool
	// Broken are the commits that do not build. It takes a quarter of a build to learn that.
	Broken map[int]bool
	// BuildSeconds is what a build takes; a run takes one.
	BuildSeconds float64
	Clock        float64 // seconds since the search began

	level   float64
	offsets []float64
	where   []int // the commit of each artifact
	rng     *rand.Rand
}

// WorldValue is what a run of the good end gives, but for noise.
const WorldValue = 3.0

// runSeconds is what a run takes in a world.
const runSeconds = 1.0

// NewWorld is a world without noise and changes, in which a build takes as long as twenty runs.
func NewWorld(commits int, rng *rand.Rand) *World {
	return &World{Commits: commits, Changes: map[int]float64{}, Broken: map[int]bool{}, BuildSeconds: 20, rng: rng}
}

// Task is to search the world; guess is the change that is expected, of logarithms, and 0 for none.
func (w *World) Task(guess float64, seed uint64) Task {
	ids := make([]string, w.Commits+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("c%d", i)
	}
	commits := Chain(ids...)
	for i := range w.Parents {
		commits[i].Parents = w.Parents[i]
	}
	return Task{Commits: commits, Parameters: Parameters{
		Effect: Effect{Mean: guess}, Costs: Costs{ColdBuildSeconds: w.BuildSeconds, RunSeconds: runSeconds}, Seed: seed}}
}

// contained tells which changes a commit has.
func (w *World) contained(commit int) func(int) bool {
	if w.Parents == nil {
		return func(at int) bool { return at <= commit }
	}
	found := make([]bool, commit+1)
	found[commit] = true
	for i := commit; i > 0; i-- {
		for _, p := range w.Parents[i] {
			found[p] = found[p] || found[i]
		}
	}
	return func(at int) bool { return at <= commit && found[at] }
}

// pass lets the clock run.
func (w *World) pass(seconds float64) {
	w.Clock += seconds
	w.level += w.Drift * w.SD * math.Sqrt(seconds/runSeconds) * w.rng.NormFloat64()
}

// Do carries a step out, and says what came of it.
func (w *World) Do(step Step) Event {
	if step.Action == Build {
		return w.build(step.Commit)
	}
	w.pass(runSeconds)
	y := w.level + w.offsets[step.Artifact-1] + w.noise()
	contained := w.contained(w.where[step.Artifact-1])
	for _, at := range slices.Sorted(maps.Keys(w.Changes)) {
		if contained(at) {
			y += w.Changes[at]
		}
	}
	return Event{Type: Ran, Artifact: step.Artifact, Value: WorldValue * math.Exp(y), AtSeconds: w.Clock, Seconds: runSeconds}
}

func (w *World) build(id string) Event {
	var commit int
	if _, err := fmt.Sscanf(id, "c%d", &commit); err != nil || commit > w.Commits || w.Broken[commit] {
		w.pass(w.BuildSeconds / 4)
		return Event{Type: Broken, Commit: id, Reason: "does not compile", AtSeconds: w.Clock, Seconds: w.BuildSeconds / 4}
	}
	w.pass(w.BuildSeconds)
	e := Event{Type: Built, Commit: id, AtSeconds: w.Clock, Seconds: w.BuildSeconds}
	offset := w.Offset * w.rng.NormFloat64()
	if w.Reproducible {
		e.Binary = id
		if i := slices.Index(w.where, commit); i >= 0 {
			offset = w.offsets[i]
		}
	}
	w.where, w.offsets = append(w.where, commit), append(w.offsets, offset)
	return e
}

func (w *World) noise() float64 {
	if w.rng.Float64() < w.Heavy {
		return math.Abs(w.rng.NormFloat64()) * max(0.25, 5*w.SD)
	}
	return w.SD * w.rng.NormFloat64()
}

// Search drives a search of the world to its end, and returns the events as well. The error is that of an impossible task.
func (w *World) Search(task Task) (*Search, []Event, error) {
	s, err := New(task)
	if err != nil {
		return nil, nil, err
	}
	var events []Event
	for step := s.Next(); step.Action != Done; step = s.Next() {
		e := w.Do(step)
		if err := s.Apply(e); err != nil {
			return nil, events, err
		}
		events = append(events, e)
	}
	return s, events, nil
}
