package bisect

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// world is a simulated truth: what builds and runs of its commits give.
type world struct {
	commits int             // suspects, besides the good end
	parents [][]int         // nil: a chain
	changes map[int]float64 // effect of each change, of logarithms, by index
	sd      float64         // of a run, of logarithms
	drift   float64         // of the level in the time of one run, in units of sd
	heavy   float64         // share of outliers
	offset  float64         // standard deviation of a binary's offset
	broken  map[int]bool
	build   float64 // seconds; a run takes one
	clock   float64
	level   float64
	offsets []float64
	where   []int // the commit of each artifact
	rng     *rand.Rand
}

// theTable is made once for all simulations.
var theTable = newTable()

const runSeconds = 1.0

func newWorld(commits int, rng *rand.Rand) *world {
	return &world{commits: commits, changes: map[int]float64{}, broken: map[int]bool{}, build: 20, rng: rng}
}

func (w *world) task(guess float64, seed uint64) Task {
	ids := make([]string, w.commits+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("c%d", i)
	}
	commits := Chain(ids...)
	for i := range w.parents {
		commits[i].Parents = w.parents[i]
	}
	return Task{Commits: commits, Parameters: Parameters{
		Effect: Effect{Mean: guess}, Costs: Costs{ColdBuildSeconds: w.build, RunSeconds: runSeconds}, Seed: seed}}
}

// contained tells which changes a commit has.
func (w *world) contained(commit int) func(int) bool {
	if w.parents == nil {
		return func(at int) bool { return at <= commit }
	}
	found := containedByWalk(w.parents, commit)
	return func(at int) bool { return found[at] }
}

// pass lets the clock run.
func (w *world) pass(seconds float64) {
	w.clock += seconds
	w.level += w.drift * w.sd * math.Sqrt(seconds/runSeconds) * w.rng.NormFloat64()
}

// do carries a step out.
func (w *world) do(step Step) Event {
	if step.Action == Build {
		var commit int
		fmt.Sscanf(step.Commit, "c%d", &commit)
		if w.broken[commit] {
			w.pass(w.build / 4)
			return Event{Type: Broken, Commit: step.Commit, Reason: "does not compile", AtSeconds: w.clock, Seconds: w.build / 4}
		}
		w.pass(w.build)
		w.where = append(w.where, commit)
		w.offsets = append(w.offsets, w.offset*w.rng.NormFloat64())
		return Event{Type: Built, Commit: step.Commit, AtSeconds: w.clock, Seconds: w.build}
	}
	w.pass(runSeconds)
	y := w.level + w.offsets[step.Artifact-1] + w.noise()
	contained := w.contained(w.where[step.Artifact-1])
	for _, at := range slices.Sorted(maps.Keys(w.changes)) {
		if contained(at) {
			y += w.changes[at]
		}
	}
	return Event{Type: Ran, Artifact: step.Artifact, Value: 3 * math.Exp(y), AtSeconds: w.clock, Seconds: runSeconds}
}

func (w *world) noise() float64 {
	if w.rng.Float64() < w.heavy {
		return math.Abs(w.rng.NormFloat64()) * max(0.25, 5*w.sd)
	}
	return w.sd * w.rng.NormFloat64()
}

// search drives a search of the world to its end, and returns the events as well.
func (w *world) search(tb testing.TB, task Task) (*Search, []Event) {
	tb.Helper()
	s, err := begin(task, theTable)
	if err != nil {
		tb.Fatal(err)
	}
	var events []Event
	for step := s.Next(); step.Action != Done; step = s.Next() {
		e := w.do(step)
		if err := s.Apply(e); err != nil {
			tb.Fatalf("%+v: %v", e, err)
		}
		if events = append(events, e); len(events) > 20000 {
			tb.Fatal("the search does not end")
		}
	}
	return s, events
}
