package calibration

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/communitas/perfgate/internal/bisect"
)

// The noises of a search.
const (
	Gauss    = "normal"
	Heavy    = "heavy"    // 5 % of the runs are late, by five deviations and at least 25 % on average
	Drifting = "drifting" // the level of the machine walks at random, in a hundred runs as far as the noise
)

// Hunt is a range in which a commit is searched for, and what the search is told of it. The truth is drawn anew each time.
type Hunt struct {
	// Commits is how many may be the culprit.
	Commits int
	// Effect is the change that one of them made, as a ratio; 0 for none.
	Effect float64
	// Second is another change, elsewhere in the range; 0 for none.
	Second float64
	// Guess is what the search is told of the effect, as a ratio; 0 is nothing.
	Guess float64
	// SD is the standard deviation of a run, of logarithms.
	SD    float64
	Noise string
	// Offset is the standard deviation by which builds differ, of logarithms; Told is what the search is told of that, 0 nothing.
	Offset, Told float64
	// Broken is the share of commits that do not build, in stretches of a mean length of eight.
	Broken float64
}

// truth is what was drawn for one search.
type truth struct {
	world    *bisect.World
	culprits []int // of the changes
	broken   map[int]bool
}

// drawn is search number i of a hunt. It does not depend on who searches.
func (h Hunt) drawn(seed uint64, i int) truth {
	random := rand.New(rand.NewPCG(seed, uint64(i)))
	w := bisect.NewWorld(h.Commits, random)
	w.SD, w.Offset = h.SD, h.Offset
	switch h.Noise {
	case Heavy:
		w.Heavy = 0.05
	case Drifting:
		w.Drift = 0.1
	}
	for c := 2; c < h.Commits && h.Broken > 0; c++ {
		p := h.Broken / 8 / (1 - h.Broken)
		if w.Broken[c-1] {
			p = 7.0 / 8
		}
		w.Broken[c] = random.Float64() < p
	}
	t := truth{world: w, broken: w.Broken}
	for _, effect := range []float64{h.Effect, h.Second} {
		if effect != 0 {
			at := 1 + random.IntN(h.Commits)
			w.Changes[at] += math.Log1p(effect)
			t.culprits = append(t.culprits, at)
		}
	}
	return t
}

// least are the commits that nobody can tell from the culprit: those that do not build between two that do.
func (t truth) least() map[int]bool {
	set := map[int]bool{}
	for _, at := range t.culprits {
		set[at] = true
		for i := at - 1; i > 0 && t.broken[i]; i-- {
			set[i] = true
		}
		for i := at; i < t.world.Commits && t.broken[i]; i++ {
			set[i+1] = true
		}
	}
	return set
}

// Verdict is what a search says at its end.
type Verdict struct {
	// Accused are the commits of which it says that one did it; nobody when it says that there is none, or does not know.
	Accused []int
	// None says that there is no change.
	None bool
	// Sure is the probability that it claims, 0 when it claims none.
	Sure float64
	// Foreseen is the cost that it foresaw before the first build, told the noise, and Expected the one that it expected once it was
	// sure of a change, in runs; 0 when it does not.
	Foreseen, Expected float64
	// Builds and Runs are what it took; what failed counts.
	Builds, Runs int
}

// Seeker is a way to search. It keeps nothing from one search to the next.
type Seeker interface {
	// Name is how it is called in tables.
	Name() string
	// Seek searches a world that was drawn from a hunt. Only what a hunt says that a search is told may be used, but by
	// seekers that are made better than they are.
	Seek(h Hunt, w *bisect.World, seed uint64) Verdict
}

// Perfgate searches as `perfgate bisect` does.
type Perfgate struct{}

// Name names it.
func (Perfgate) Name() string { return "perfgate" }

// Seek lets internal/bisect search.
func (Perfgate) Seek(h Hunt, w *bisect.World, seed uint64) Verdict {
	task := w.Task(math.Log1p(h.Guess), seed)
	task.Parameters.OffsetSD = h.Told
	fresh, err := bisect.New(task)
	if err != nil {
		panic("calibration: an impossible task: " + err.Error()) // the hunts are this package's own
	}
	s, _, err := w.Search(task)
	if err != nil {
		panic("calibration: " + err.Error())
	}
	o := s.Outcome()
	v := Verdict{None: o.Outcome == bisect.OutcomeNone, Builds: o.Builds, Runs: o.Runs}
	if h.Effect != 0 { // both expect a search that ends with a culprit
		v.Foreseen, v.Expected = fresh.Forecast(h.SD).Seconds, o.Predicted.Seconds
	}
	if o.Outcome == bisect.OutcomeCulprit || o.Outcome == bisect.OutcomeSet {
		v.Sure = o.Posterior
		for _, id := range o.Set {
			v.Accused = append(v.Accused, commitNumber(id))
		}
	}
	return v
}

func commitNumber(id string) int {
	var n int
	if _, err := fmt.Sscanf(id, "c%d", &n); err != nil {
		panic("calibration: " + id + " is no commit of a world")
	}
	return n
}

// Steps searches 4096 commits for 5 % in a noise of 10 %, and calls step before each event with the number of runs so far.
func Steps(seed uint64, step func(runs int)) {
	h := hunted(4096, 0.05, 0.1, Gauss)
	w := h.drawn(seed, 0).world
	task := w.Task(math.Log1p(h.Guess), seed)
	task.Parameters.OffsetSD = h.Told
	s, err := bisect.New(task)
	if err != nil {
		panic("calibration: an impossible task: " + err.Error())
	}
	var runs int
	for next := s.Next(); next.Action != bisect.Done; next = s.Next() {
		step(runs)
		if next.Action == bisect.Run {
			runs++
		}
		if err := s.Apply(w.Do(next)); err != nil {
			panic("calibration: " + err.Error())
		}
	}
}
