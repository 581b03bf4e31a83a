package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// TrialPlan says which two sides to measure in turns, and when to stop.
type TrialPlan struct {
	// Head is what is judged; what both sides share, such as the ports, is taken from it. The results directory of Base lies
	// in that of Head.
	Head, Base Plan
	// HeadName and BaseName are what a person calls the commits, "" for nothing.
	HeadName, BaseName string
	// Looks are the numbers of pairs after which it is decided, rising; the last one bounds the trial.
	Looks []int
	// Budget is how long pairs may be measured, warm-up included and builds not; 0 is without end. No pair is begun for which
	// there would be no time, going by the longest one of its plan.
	Budget time.Duration
	// MeasureIdentical measures the scenarios also when both binaries are the same.
	MeasureIdentical bool
	// Seed is what the order in the blocks is drawn from; 0 draws one.
	Seed uint64
	// Decide is how the results so far are decided; it says which plans are open.
	Decide func(base, head *result.Results) compare.Verdict
}

// Trial measures base and head in turns, in pairs of runs, and stops when every gated metric is decided, no look is left, or
// the budget is spent. The results of both sides lie in their directories after each run; with an error they are what was
// measured so far, or nil.
//
// Two pairs are a block: base, head, head, base or the other way round, as a coin says for each scenario and block. So neither
// side is always the first, and a drift of the machine falls on both.
func Trial(ctx context.Context, plan TrialPlan) (base, head *result.Results, err error) {
	if a, b := len(unitsOf(plan.Base)), len(unitsOf(plan.Head)); a != b {
		return nil, nil, fmt.Errorf("base has %d plans and head %d: nothing says how to build one of them (give subject.build)", a, b)
	}
	if err := os.MkdirAll(plan.Base.Dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("make the results directory of base: %w", err)
	}
	inv, err := begin(ctx, plan.Head)
	if err != nil {
		return nil, nil, err
	}
	if plan.Seed == 0 {
		plan.Seed = drawSeed()
	}
	t := &trial{TrialPlan: plan, inv: inv, id: rand.Text()}
	t.base, t.head = t.side(result.SideBase, plan.Base, plan.BaseName), t.side(result.SideHead, plan.Head, plan.HeadName)
	t.units = t.head.units
	t.longest = make([]time.Duration, len(t.units))
	err = inv.carryOut(ctx, t.schedule)
	return t.base.results, t.head.results, errors.Join(err, inv.end())
}

// trial is a plan while it is carried out.
type trial struct {
	TrialPlan
	inv        *invocation
	id         string
	base, head *side
	units      []unit
	// pairs are measured so far, of the units that were open throughout.
	pairs int
	// open are the indices of the units of which more pairs are wanted.
	open []int
	// begun is when the first run began, longest how long a pair of each unit took at most.
	begun   time.Time
	longest []time.Duration
	// end says why no more is measured, "" while it goes on.
	end string
	// progress is what was last told of it.
	progress Look
}

func (t *trial) side(name string, plan Plan, commit string) *side {
	s := t.inv.side(plan, &result.Trial{ID: t.id, Side: name, Seed: t.Seed, Looks: t.Looks})
	s.commit = commit
	return s
}

var _ iter.Seq[step] = (*trial)(nil).schedule

// schedule is the order of a trial: builds, warm-up runs, and then pairs of all units that are open, from look to look.
func (t *trial) schedule(yield func(step) bool) {
	if !t.build(yield) {
		return
	}
	t.begun = time.Now()
	t.begin()
	t.tell()
	if t.end != "" || !t.warmUp(yield) {
		return
	}
	for i, look := range t.Looks {
		for t.pairs < look && len(t.open) > 0 && t.end == "" {
			if !t.pair(yield) {
				return
			}
		}
		if t.end == "" {
			t.look(i)
		}
		t.tell()
		if t.end != "" {
			return
		}
	}
}

// build builds both sides in turns, as often as each has builds.
func (t *trial) build(yield func(step) bool) bool {
	for i, u := range t.units {
		if !u.builds() {
			continue
		}
		most := max(u.runs, t.base.units[i].runs)
		for k := range most {
			for _, s := range t.turns(i, k+1) {
				runs := s.units[i].runs
				if k < runs && !yield(step{s, i, turn{number: k + 1, attempt: 1, last: k+1 == runs}}) {
					return false
				}
			}
		}
	}
	return true
}

// warmUp measures the runs that are discarded.
func (t *trial) warmUp(yield func(step) bool) bool {
	for _, i := range t.open {
		for k := range t.units[i].warmup {
			for _, s := range t.turns(i, k+1) {
				if !yield(step{s, i, turn{number: k + 1, attempt: 1, warmup: true}}) {
					return false
				}
			}
		}
	}
	return true
}

// pair measures the next pair of each open unit, unless the budget has no room for it.
func (t *trial) pair(yield func(step) bool) bool {
	number := t.pairs + 1
	for _, i := range t.open {
		if left := t.left(); t.Budget > 0 && left < t.longest[i] || left < 0 {
			t.end = fmt.Sprintf("the budget of %v is spent", t.Budget)
			return true
		}
		begun := time.Now()
		for _, s := range t.turns(i, number) {
			if !t.run(yield, s, i, number) {
				return false
			}
		}
		t.longest[i] = max(t.longest[i], time.Since(begun))
	}
	t.pairs = number
	return true
}

// run measures one run of a pair, at once again where the machine has disturbed it: what belongs together stays together.
func (t *trial) run(yield func(step) bool, s *side, unit, number int) bool {
	for attempt := 1; ; attempt++ {
		if !yield(step{s, unit, turn{number: number, attempt: attempt, block: blockOf(number)}}) {
			return false
		}
		if !s.again {
			return true
		}
	}
}

// left is what is left of the budget: 0 without one, below 0 when more than all of it is spent.
func (t *trial) left() time.Duration {
	if t.Budget == 0 {
		return 0
	}
	return t.Budget - time.Since(t.begun)
}
