package calibration

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestOneDecisionSaysWhatEveryLookWouldHave stops a trial as the gate does, at the first look that leaves nothing open, and
// compares with the one decision over all pairs that a cell makes.
func TestOneDecisionSaysWhatEveryLookWouldHave(t *testing.T) {
	w := World{Metrics: 3, Shape: LogNormal, CV: 0.07, Pair: 0.5}
	stopped := map[int]int{}
	for i := range 16 {
		p := &PullRequest{source: newMachine(w), change: Change{Size: 0.1}, random: rand.New(rand.NewPCG(11, uint64(i)))}
		sides := p.Pairs(24)
		rule := Trial{}
		whole := rule.decide(sides, 24, nil, false)
		for _, look := range rule.looks() {
			at := rule.decideResults(sides, look)
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
			if math.Abs(at.Low-whole.Low) > 1e-9 || math.Abs(at.High-whole.High) > 1e-9 {
				t.Errorf("pull request %d: the interval moved from [%v, %v] to [%v, %v]", i, at.Low, at.High, whole.Low, whole.High)
			}
			break
		}
	}
	if len(stopped) < 2 {
		t.Errorf("all stop alike (%v): the comparison says little", stopped)
	}
}

// TestTemptationIsNoLessThanTheRule counts what deciding after each pair adds: never fewer alarms than the rule.
func TestTemptationIsNoLessThanTheRule(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.08}
	for i := range 12 {
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

// TestTheRuleAloneSaysWhatResultsSay decides the same pairs by the rule and by results, whole answers with intervals.
func TestTheRuleAloneSaysWhatResultsSay(t *testing.T) {
	said := map[Said]int{}
	for i := range 24 {
		w := mixed()
		w.Metrics, w.CV = 1+i%3, 0.04
		if i%4 == 0 {
			w.Shape, w.CV = FewValues, noise
		}
		rule := Trial{MDE: true, Alpha: []float64{0, 0.01}[i%2], Tolerance: []float64{0, 0.05, 0.2}[i%3]}
		p := &PullRequest{source: newMachine(w), change: Change{Size: 0.1 * float64(i%4-1)}, random: rand.New(rand.NewPCG(13, uint64(i)))}
		sides := p.Pairs(24)
		for _, pairs := range []int{5, 13, 24} {
			results, alone := rule.decideResults(sides, pairs), rule.decide(sides, pairs, nil, true)
			if diff := cmp.Diff(results, alone, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-12)); diff != "" {
				t.Errorf("pull request %d after %d pairs (-results +rule):\n%s", i, pairs, diff)
			}
			for _, word := range alone.Said {
				said[word]++
			}
		}
	}
	if said[Worse] < 2 || said[Better] < 2 || said[Clean] < 2 || said[Undecided] < 2 {
		t.Errorf("not all words are compared: %v", said)
	}
}
