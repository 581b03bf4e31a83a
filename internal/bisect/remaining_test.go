package bisect

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestThePosteriorIsOfTheWholeRange(t *testing.T) {
	w := NewWorld(64, rand.New(rand.NewPCG(1, 51)))
	w.Changes[40], w.SD = 0.1, 0.05
	s, events := search(t, w, w.Task(0.1, 1))
	if p := s.Posterior(); len(p) != 65 || p[40] < 0.999 || math.Abs(p[40]-s.Outcome().Posterior) > 1e-9 || p[0] != 0 {
		t.Errorf("%d commits, the culprit has %v, the good end %v", len(p), p[40], p[0])
	}
	if rest := s.Remaining(); rest != (Cost{}) {
		t.Errorf("a search that is over has still to do %+v", rest)
	}
	half, err := replayed(s.task, events[:len(events)/2])
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, p := range half.Posterior() {
		sum += p
	}
	if none := half.belief.groups[0].weight; math.Abs(sum+none-1) > 1e-9 {
		t.Errorf("the posterior sums up to %v, and no change has %v", sum, none)
	}
	fresh, err := New(s.task)
	if err != nil {
		t.Fatal(err)
	}
	before, then := fresh.Remaining(), half.Remaining()
	if before.Builds < 7 || then.Builds >= before.Builds || then.Runs <= 0 || then.Seconds >= before.Seconds {
		t.Errorf("to do at first %+v, half way %+v", before, then)
	}
}

func TestAnExactMetricIsBetweenTheLooks(t *testing.T) {
	w := NewWorld(64, rand.New(rand.NewPCG(1, 52)))
	w.Changes[40] = 0.1
	task := w.Task(0.1, 1)
	task.Parameters.Exact = true
	s, events := search(t, w, task)
	if p := s.Posterior(); p[40] != 1 || s.Remaining() != (Cost{}) {
		t.Errorf("the culprit has %v, to do %+v", p[40], s.Remaining())
	}
	half, err := replayed(task, events[:6]) // both ends, and the middle
	if err != nil {
		t.Fatal(err)
	}
	p := half.Posterior()
	if p[32] != 0 || p[33] != 1.0/32 || p[64] != 1.0/32 || half.Remaining().Builds != 5 || half.Remaining().Runs != 5 {
		t.Errorf("c32 %v, c33 %v, c64 %v, to do %+v", p[32], p[33], p[64], half.Remaining())
	}
	fresh, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	if p := fresh.Posterior(); p[1] != 1.0/64 || fresh.Remaining().Builds != 8 {
		t.Errorf("at first c1 %v, to do %+v", p[1], fresh.Remaining())
	}
}
