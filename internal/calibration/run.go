package calibration

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Cell is one rule in one world with one change.
type Cell struct {
	// World is the model; it is left aside when Recorded is set.
	World World
	// Recorded are real runs to draw from; nil draws from World.
	Recorded *Recorded
	Change   Change
	Rule     Rule
	// Last is how many runs of head a pull request takes that is never settled; 0 for a rule with one look.
	Last int
}

func (c Cell) source() source {
	if c.Recorded != nil {
		return c.Recorded
	}
	return newMachine(c.World)
}

// Runner judges pull requests with several workers.
type Runner struct {
	// Seed is what all chance comes from. Pull request number i of two cells has the same chance.
	Seed uint64
	// Workers is how many goroutines share the work, at least 1. The result does not depend on it.
	Workers int
	// Progress is told now and then how many of a cell's pull requests are done; nil is not.
	Progress func(done, of int)
	// Known are the tallies of the cells that tables had in common so far; nil remembers none. One table is written at a time.
	Known map[string]Tally
}

// batch is how many pull requests a worker takes at a time.
const batch = 16

// recall is Judge for a cell that another table may have had.
func (r Runner) recall(c Cell, requests int) Tally {
	key := fmt.Sprintf("%#v, %p, %v, %#v, %d", c.World, c.Recorded, c.Change, c.Rule, requests)
	t, ok := r.Known[key]
	if !ok {
		t = r.Judge(c, requests)
		if r.Known != nil {
			r.Known[key] = t
		}
	}
	return t
}

// Judge lets a cell's rule judge so many pull requests.
func (r Runner) Judge(c Cell, requests int) Tally {
	from := c.source()
	sum := Tally{MDEs: make([]float64, requests)}
	var taken, done atomic.Int64
	var lock sync.Mutex
	var workers sync.WaitGroup
	for range max(r.Workers, 1) {
		workers.Go(func() {
			mine := Tally{MDEs: sum.MDEs}
			for {
				first := int(taken.Add(batch)) - batch
				if first >= requests {
					break
				}
				last := min(first+batch, requests)
				for i := first; i < last; i++ {
					mine.judge(r.Seed, i, c, from)
				}
				if now := int(done.Add(int64(last - first))); r.Progress != nil {
					r.Progress(now, requests)
				}
			}
			lock.Lock()
			defer lock.Unlock()
			sum.join(mine)
		})
	}
	workers.Wait()
	return sum
}

// judge lets the rule judge pull request number i.
func (t *Tally) judge(seed uint64, i int, c Cell, from source) {
	p := &PullRequest{source: from, change: c.Change, random: rand.New(rand.NewPCG(seed, uint64(i)))}
	answer := c.Rule.Judge(p)
	t.add(c.Change, answer, c.Last)
	t.MDEs[i] = answer.MDE
}

// EffectFound searches the change for the worse, to a tenth of a percent, that the cell's rule finds with the given
// probability, and returns it; 1 (+100 %) when even that is not found so often.
func (r Runner) EffectFound(c Cell, power float64, requests int) float64 {
	if t, ok := c.Rule.(Trial); ok {
		t.MDE, t.Calibrated = false, 0 // nobody looks at it here
		c.Rule = t
	}
	low, high := 0.0, 1.0
	for high-low > 0.001 {
		middle := (low + high) / 2
		c.Change.Size = middle
		if t := r.Judge(c, requests); float64(t.Caught) < power*float64(t.Requests) {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
