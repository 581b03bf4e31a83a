package calibration

import (
	"math"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestTheNumberOfWorkersChangesNothing compares whole tallies, printed MDEs included, of a rule with an interval.
func TestTheNumberOfWorkersChangesNothing(t *testing.T) {
	w := World{Metrics: 2, Shape: HeavyTailed, CV: 0.08, Pair: 0.3, Wander: 0.02, Outliers: 0.1}
	cell := Cell{World: w, Change: Change{Size: 0.1}, Rule: Unpaired{Runs: 8}}
	const requests = 3*batch + 5 // the last batch is short
	one := Runner{Seed: 5, Workers: 1}.Judge(cell, requests)
	many := Runner{Seed: 5, Workers: 7}.Judge(cell, requests)
	if diff := cmp.Diff(one, many, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("seven workers find something else than one (-one +seven):\n%s", diff)
	}
	if one.Requests != requests || one.Intervals != requests || one.Caught == 0 || one.MDEs[requests-1] == 0 {
		t.Errorf("not all was judged: %+v", one)
	}
	other := Runner{Seed: 6, Workers: 1}.Judge(cell, requests)
	if cmp.Equal(one, other, cmpopts.EquateNaNs()) {
		t.Error("another seed finds the same")
	}
}

func TestProgressComesToTheEnd(t *testing.T) {
	var most atomic.Int64
	runner := Runner{Seed: 1, Workers: 2, Progress: func(done, of int) {
		if of != 100 {
			t.Errorf("of %d, and not 100", of)
		}
		for {
			before := most.Load()
			if int64(done) <= before || most.CompareAndSwap(before, int64(done)) {
				return
			}
		}
	}}
	runner.Judge(Cell{World: World{Metrics: 1, Shape: LogNormal, CV: 0.1}, Rule: TenPercent(false)}, 100)
	if most.Load() != 100 {
		t.Errorf("the last word was %d of 100", most.Load())
	}
}

// TestEffectFoundIsTheOneThatIsFound knows the answer: one number is above 1.1 in half of all cases when head is 10 % above
// base.
func TestEffectFoundIsTheOneThatIsFound(t *testing.T) {
	cell := Cell{World: World{Metrics: 1, Shape: LogNormal, CV: 0.08}, Rule: TenPercent(false)}
	got := Runner{Seed: 2, Workers: 2}.EffectFound(cell, 0.5, 4000)
	if math.Abs(got-0.1) > 0.007 {
		t.Errorf("found in one half: %+.4f, want +0.1", got)
	}
	// 80 % is 0.8416 deviations of a ratio of two further.
	want := 1.1*math.Exp(0.8416*math.Sqrt2*0.07987) - 1
	if got := (Runner{Seed: 2, Workers: 2}).EffectFound(cell, 0.8, 4000); math.Abs(got-want) > 0.01 {
		t.Errorf("found in 80 %%: %+.4f, want %+.4f", got, want)
	}
}

func TestTallyCountsWhatItSays(t *testing.T) {
	worse, better, clean, undecided := Worse, Better, Clean, Undecided
	for _, c := range []struct {
		name   string
		change Change
		said   []Said
		want   Tally
	}{
		{"no change, nothing said", Change{}, []Said{Silent, Silent}, Tally{}},
		{"no change, a false alarm", Change{}, []Said{clean, worse}, Tally{False: 1}},
		{"no change, proven", Change{}, []Said{clean, clean}, Tally{Clean: 1}},
		{"no change, called better", Change{}, []Said{better, clean}, Tally{Clean: 1, Improved: 1}},
		{"no change, left open", Change{}, []Said{undecided, clean}, Tally{Undecided: 1}},
		{"one worse, found", Change{Size: 0.1}, []Said{worse, clean}, Tally{Caught: 1, CaughtAll: 1}},
		{"one worse, the other called so", Change{Size: 0.1}, []Said{clean, worse}, Tally{False: 1}},
		{"one worse, both called so", Change{Size: 0.1}, []Said{worse, worse}, Tally{Caught: 1, CaughtAll: 1, False: 1}},
		{"one worse, called better", Change{Size: 0.1}, []Said{better, clean}, Tally{Clean: 1, Wrong: 1}},
		{"all worse, one found", Change{Size: 0.1, All: true}, []Said{worse, undecided}, Tally{Caught: 1}},
		{"all worse, all found", Change{Size: 0.1, All: true}, []Said{worse, worse}, Tally{Caught: 1, CaughtAll: 1}},
		{"one better, called worse", Change{Size: -0.1}, []Said{worse, clean}, Tally{False: 1, Wrong: 1}},
		{"one better, called so", Change{Size: -0.1}, []Said{better, clean}, Tally{Clean: 1}},
	} {
		answer := newAnswer(2, 3)
		answer.Said = c.said
		var got Tally
		got.add(c.change, answer, 0)
		c.want.Requests, c.want.Runs, c.want.Squares, c.want.Certain, c.want.CertainSquares = 1, 3, 9, 3, 9
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestTallyCountsIntervals(t *testing.T) {
	var got Tally
	for _, c := range []struct {
		low, high float64
		settled   int
	}{{0.05, 0.15, 6}, {0.11, 0.2, 12}, {-0.1, 0.09, 24}, {0, 0.1, 0}, {math.NaN(), math.NaN(), 0}} {
		answer := newAnswer(1, 24)
		answer.Low, answer.High, answer.Settled = c.low, c.high, c.settled
		got.add(Change{Size: 0.1}, answer, 24)
	}
	want := Tally{Requests: 5, Runs: 5 * 24, Squares: 5 * 576, Certain: 5 * 24, CertainSquares: 5 * 576, Intervals: 4, Covered: 2, Early: 2, EarlyCovered: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatIsKnownIsNotJudgedAgain counts how often a rule is asked, and that cells that differ in anything are told apart.
func TestWhatIsKnownIsNotJudgedAgain(t *testing.T) {
	var asked atomic.Int64
	runner := Runner{Seed: 1, Workers: 2, Known: map[string]Tally{}}
	cells := []Cell{
		{World: lognormal(0), Rule: counting{&asked, 1}},
		{World: lognormal(0.5), Rule: counting{&asked, 1}},
		{World: World{Metrics: 1, Shape: LogNormal, CV: noise}, Rule: counting{&asked, 1}},
		{World: lognormal(0), Change: Change{Size: 0.1}, Rule: counting{&asked, 1}},
		{World: lognormal(0), Change: Change{Size: 0.1, All: true}, Rule: counting{&asked, 1}},
		{World: lognormal(0), Rule: counting{&asked, 2}},
		{Recorded: numbered(6), Rule: counting{&asked, 1}},
		{Recorded: numbered(6), Rule: counting{&asked, 1}},
	}
	for range 2 {
		for _, c := range cells {
			runner.recall(c, 10)
		}
	}
	if want := int64(10 * len(cells)); asked.Load() != want {
		t.Errorf("asked %d times, want %d", asked.Load(), want)
	}
	runner.recall(cells[0], 11)
	if want := int64(10*len(cells) + 11); asked.Load() != want {
		t.Errorf("asked %d times with another number of pull requests, want %d", asked.Load(), want)
	}
}

type counting struct {
	asked *atomic.Int64
	kind  int
}

func (counting) Name() string { return "counting" }

func (c counting) Judge(*PullRequest) Answer {
	c.asked.Add(1)
	return newAnswer(1, 1)
}
