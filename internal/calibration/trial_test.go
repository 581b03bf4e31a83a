package calibration

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOneDecisionSaysWhatEveryLookWouldHave stops a trial as the gate does, at the first look that leaves nothing open, and
// compares with the one decision over all pairs that a cell makes.
func TestOneDecisionSaysWhatEveryLookWouldHave(t *testing.T) {
	w := World{Metrics: 3, Shape: LogNormal, CV: 0.07, Pair: 0.5}
	stopped := map[int]int{}
	for i := range 60 {
		p := &PullRequest{source: newMachine(w), change: Change{Size: 0.1}, random: rand.New(rand.NewPCG(11, uint64(i)))}
		sides := p.Pairs(24)
		rule := Trial{}
		whole := rule.decide(sides, 24, nil)
		for _, look := range rule.looks() {
			at := rule.decide(sides, look, nil)
			settled := true
			for _, said := range at.Said {
				settled = settled && said != Undecided
			}
			if !settled && look < rule.Last() {
				continue
			}
			stopped[look]++
			if at.Runs != look || whole.Runs != look {
				t.Errorf("pull request %d stops after %d pairs, and is said to take %d (%d by one decision)", i, look, at.Runs, whole.Runs)
			}
			for metric, said := range at.Said {
				if whole.Said[metric] != said {
					t.Errorf("pull request %d, metric %d: %v after %d pairs, %v by one decision", i, metric, said, look, whole.Said[metric])
				}
			}
			if at.Low != whole.Low || at.High != whole.High {
				t.Errorf("pull request %d: the interval moved from [%v, %v] to [%v, %v]", i, at.Low, at.High, whole.Low, whole.High)
			}
			break
		}
	}
	if len(stopped) < 3 {
		t.Errorf("all stop alike (%v): the comparison says little", stopped)
	}
}

// TestTemptationIsNoLessThanTheRule counts what deciding after each pair adds: never fewer alarms than the rule.
func TestTemptationIsNoLessThanTheRule(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.08}
	for i := range 40 {
		draw := func() *PullRequest {
			return &PullRequest{source: newMachine(w), change: Change{Size: 0.1}, random: rand.New(rand.NewPCG(12, uint64(i)))}
		}
		plain, tempted := Trial{}.Judge(draw()), Trial{Tempted: true}.Judge(draw())
		for metric, said := range plain.Said {
			if said == Worse && tempted.Said[metric] != Worse {
				t.Errorf("pull request %d, metric %d: %v, and %v when stopped at will", i, metric, said, tempted.Said[metric])
			}
		}
	}
}

func TestTemptationsAreAtAndBeforeLooks(t *testing.T) {
	if diff := cmp.Diff([]int{6, 8, 9, 11}, Trial{Looks: []int{6, 9, 12}}.temptations()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
