package bisect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// leftOver makes residuals of a model that is right but for what change does to them.
func leftOver(n int, change func(i int, z float64) float64) residuals {
	rng := rand.New(rand.NewPCG(51, 52))
	r := residuals{z: make([]float64, n)}
	for i := range r.z {
		r.z[i] = change(i, rng.NormFloat64())
	}
	return r
}

func TestResidualsThatContradictTheModel(t *testing.T) {
	last := 0.0
	for name, c := range map[string]struct {
		change                 func(i int, z float64) float64
		noise, outliers, drift bool
	}{
		"a sound model": {func(_ int, z float64) float64 { return z }, true, true, true},
		"four outliers in a hundred": {func(i int, z float64) float64 {
			if i%25 == 7 {
				return 6
			}
			return z
		}, true, true, true},
		"twice the noise": {func(_ int, z float64) float64 { return 2 * z }, false, true, true},
		"a third of the runs far off": {func(i int, z float64) float64 {
			if i%3 == 0 {
				return 8 * z
			}
			return z
		}, true, false, true},
		"runs that follow one another": {func(_ int, z float64) float64 {
			last = 0.6*last + 0.8*z
			return last
		}, true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := leftOver(300, c.change)
			for _, got := range []struct {
				check Check
				want  bool
			}{{r.noise(), c.noise}, {r.outliers(), c.outliers}, {r.drift(), c.drift}} {
				if got.check.OK != got.want {
					t.Errorf("%+v, want %v", got.check, got.want)
				}
			}
		})
	}
}

func TestFewRunsContradictNothing(t *testing.T) {
	r := leftOver(leastChecked-1, func(_ int, z float64) float64 { return 2 * z })
	if !r.noise().OK || !r.drift().OK {
		t.Errorf("%+v, %+v", r.noise(), r.drift())
	}
}

func TestBinomialTail(t *testing.T) {
	for _, c := range []struct {
		k, n    int
		p, want float64
	}{
		{0, 10, 0.3, 1}, {10, 10, 0.5, 1.0 / 1024}, {1, 3, 0.5, 7.0 / 8}, {2, 4, 0.25, 67.0 / 256}, {0, 0, 0.5, 1},
	} {
		if got := binomialTail(c.k, c.n, c.p); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("at least %d of %d at %v: %v, want %v", c.k, c.n, c.p, got, c.want)
		}
	}
}

// TestPairsThatContradictTheModel: the pairs of the confirmation are said to differ by far less than everything before.
func TestPairsThatContradictTheModel(t *testing.T) {
	_, s, _ := typical(t)
	leader := s.belief.leader()
	slow, fast := s.witnesses(leader)
	if c := s.agreement(leader, slow, fast); !c.OK {
		t.Fatalf("a sound confirmation: %+v", c)
	}
	for i := range s.pairs {
		s.pairs[i].of = s.pairs[i].reference - 0.1 + 0.001*float64(i)
	}
	if c := s.agreement(leader, slow, fast); c.OK {
		t.Errorf("%+v", c)
	}
	s.accuse(leader, slow, fast)
	if o := s.Outcome(); o.Outcome != OutcomeUndecided || o.Culprit != "" || o.Checks[0].OK {
		t.Errorf("%+v", o)
	}
	s.pairs = s.pairs[:3]
	if c := s.agreement(leader, slow, fast); c.OK {
		t.Errorf("three pairs are enough: %+v", c)
	}
}

// TestCommitsThatAreNotWhereOneChangePutsThem moves the offsets that were learnt of the binaries of a sound search.
func TestCommitsThatAreNotWhereOneChangePutsThem(t *testing.T) {
	w := NewWorld(60, rand.New(rand.NewPCG(53, 54)))
	w.Changes[23], w.SD, w.Offset = 0.1, 0.01, 0.005
	task := w.Task(0.1, 1)
	task.Parameters.OffsetSD = 0.005
	s, _ := search(t, w, task)
	for name, c := range map[string]struct {
		move func(binary int) float64 // to so many standard deviations
		want bool
	}{
		"as offsets go":             {func(b int) float64 { return float64(b%3) - 1 }, true},
		"one is off":                {func(b int) float64 { return map[int]float64{2: -5}[b] }, false},
		"each is off a little more": {func(b int) float64 { return 2.7 - 5.4*float64(b%2) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.residualsOf(s.belief.leader())
			n := len(r.filter.mean)
			for b := range s.belief.binaries {
				k := offsetAt + b
				learnt := r.filter.cell.offset*r.filter.cell.offset - r.filter.cov[k*n+k]
				r.filter.mean[k] = c.move(b) * math.Sqrt(max(0, learnt))
			}
			if got := s.commits(r); got.OK != c.want {
				t.Errorf("%+v, want %v", got, c.want)
			}
		})
	}
}
