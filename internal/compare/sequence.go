package compare

import (
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// How error is spent on the looks of a trial (docs/adr/0028-more-looks-at-a-trial.md has the reasons).
const (
	// worseExponent keeps most of the error of a regression for the last looks, where there are the most pairs to find it
	// with.
	worseExponent = 5.5
	// cleanExponent spends most of the error early: most trials change nothing, and the first look that finds all metrics clean ends
	// them. Below it the first of the usual looks could spend some, with six pairs that hardly ever prove anything.
	cleanExponent = 0.5
	// cleanShare is by what part of 1 - confidence a change as large as the tolerance may pass as clean: 2.5 % at 95 %. More would
	// end trials sooner, and cost power, since a trial of which all metrics are clean ends.
	cleanShare = 0.5
)

// side of a change, for which errors are spent apart.
type direction int

const (
	forWorse direction = iota
	forBetter
)

// lookEntry is what a look found, and what it said.
type lookEntry struct {
	look     int // from 0
	evidence evidence
	outcome  Outcome
}

// sequence are the looks at the pairs of one metric.
type sequence struct {
	pairs  pairedSeries
	looks  []int // all looks of the trial
	ranks  ranker
	q      question // without samples
	excess []float64
	room   []float64
	// account are the looks gone through, for an explanation.
	account []lookEntry
	// clean is the first look, from 0, that proves that the change is below the tolerance; -1 when none does.
	clean int
	// crossings are the first looks that prove a change, by direction and error, for rules by rank.
	crossings map[crossing]int
	// tests are the sign-flip tests of the excess of so many pairs, which all errors and both directions have in common.
	tests map[int]stat.SignFlipTest
	// lookedAt is the last look that the trial has gone to, from 0.
	lookedAt int
	// values are the p-values of the looks gone through so far, by direction.
	values [2][]float64
	// passed is what the first look found that proved it, nil before.
	passed *passed
	// settled tells that a look has decided for good: that the metric changed.
	settled bool
}

// passed is a metric as it was when it was proven clean.
type passed struct {
	evidence evidence
	relative judgement
	pairs    int
	decided  int
}

// keepClean has a metric that was proven clean stay as it was then, until a look proves that it changed.
func (c *candidate) keepClean() {
	s := c.seq
	switch {
	case s.ranks == nil || s.settled: // counts are clean again at each look
	case s.passed != nil:
		c.evidence, c.relative, c.entry.Pairs, c.entry.DecidedAt = s.passed.evidence, s.passed.relative, s.passed.pairs, s.passed.decided
	case c.relative.outcome == Pass:
		s.passed = &passed{c.evidence, c.relative, c.entry.Pairs, c.entry.DecidedAt}
	}
}

type crossing struct {
	direction direction
	alpha     float64
}

// ranker is a rule that decides pairs by their signs and sizes.
type ranker interface {
	comparer
	// excess is by how much each pair is worse, on a scale on which noise is symmetric, and room by how much it stays below the
	// tolerance.
	excess(q question) (excess, room []float64)
}

// newSequence pairs the samples of a metric.
func newSequence(c *candidate, o Options) *sequence {
	s := &sequence{pairs: c.side.pairs.of(c.base, c.head), looks: c.side.pairs.looks, q: c.question(o), clean: -1, crossings: map[crossing]int{}, tests: map[int]stat.SignFlipTest{}}
	s.q.inPairs = true
	if s.ranks, _ = c.rule.(ranker); s.ranks == nil {
		return s
	}
	q := s.q
	q.base, q.head = s.pairs.base, s.pairs.head
	s.excess, s.room = s.ranks.excess(q)
	s.clean = s.first(s.room, cleanShare*(1-o.Confidence), cleanExponent)
	return s
}

// test is the sign-flip test of the excess of the first n pairs, for the worse as Greater or the other way round.
func (s *sequence) test(way direction, n int) (stat.SignFlipTest, error) {
	test, known := s.tests[n]
	if !known {
		var err error
		if test, err = s.q.memo.SignFlip(s.excess[:n], 0); err != nil {
			return test, err
		}
		s.tests[n] = test
	}
	if way == forBetter {
		test.Greater, test.Less = test.Less, test.Greater
	}
	return test, nil
}

// flip is the test of the excess of the first n pairs; nil where there is none.
func (s *sequence) flip(n int) *stat.SignFlipTest {
	if s.ranks == nil {
		return nil
	}
	test, err := s.test(forWorse, n)
	if err != nil {
		return nil
	}
	return &test
}

// first is the first look at which values are proven to lie above 0; -1 when none does.
func (s *sequence) first(values []float64, alpha, exponent float64) int {
	test := func(n int) (stat.SignFlipTest, error) { return s.q.memo.SignFlip(values[:n], 0) }
	look, err := s.plan(alpha, exponent).CrossesGiven(values, test)
	if err != nil {
		return -1
	}
	return look
}

// plan are the looks that were reached.
func (s *sequence) plan(alpha, exponent float64) stat.SequentialPlan {
	p := stat.SequentialPlan{Alpha: alpha, Exponent: exponent}
	for k, n := range s.pairs.upTo {
		p.Fractions = append(p.Fractions, s.fraction(k))
		p.Values = append(p.Values, n)
	}
	return p
}

// whole are all looks, with as many pairs as those to come can have.
func (s *sequence) whole(alpha, exponent float64) stat.SequentialPlan {
	p := s.plan(alpha, exponent)
	lost := 0
	if k := len(p.Values); k > 0 {
		lost = s.looks[k-1] - p.Values[k-1]
	}
	for k := len(p.Values); k < len(s.looks); k++ {
		p.Fractions = append(p.Fractions, s.fraction(k))
		p.Values = append(p.Values, max(0, s.looks[k]-lost))
	}
	return p
}

func (s *sequence) fraction(k int) float64 {
	return float64(s.looks[k]) / float64(s.looks[len(s.looks)-1])
}

// share is the part of an error that look k has when every look has its own: what exact tests of counts are held against.
func (s *sequence) share(k int) float64 {
	before := 0.0
	if k > 0 {
		before = s.fraction(k - 1)
	}
	return math.Pow(s.fraction(k), worseExponent) - math.Pow(before, worseExponent)
}

// crosses tells whether a look up to k proves a change with the given error.
func (s *sequence) crosses(way direction, alpha float64, k int) bool {
	if s.ranks == nil {
		return s.repeated(way) <= alpha
	}
	key := crossing{way, alpha}
	first, known := s.crossings[key]
	if !known {
		values := s.towards(way)
		var err error
		first, err = s.plan(alpha, worseExponent).CrossesGiven(values, func(n int) (stat.SignFlipTest, error) { return s.test(way, n) })
		if err != nil {
			first = -1
		}
		s.crossings[key] = first
	}
	return first >= 0 && first <= k
}

// towards is the excess of the pairs in a direction.
func (s *sequence) towards(way direction) []float64 {
	if way == forWorse {
		return s.excess
	}
	values := make([]float64, len(s.excess))
	for i, x := range s.excess {
		values[i] = -x
	}
	return values
}

// repeated is the p-value over the looks gone through: the smallest error, divided among the looks without regard to what they
// have in common, at which one of them proves a change. It is never below what the looks prove together.
func (s *sequence) repeated(way direction) float64 {
	least := 1.0
	for k, p := range s.values[way] {
		least = min(least, p/s.share(k))
	}
	return least
}

// gone is how many of the pairs belong to the looks gone through.
func (s *sequence) gone() int {
	if len(s.values[forWorse]) == 0 {
		return 0
	}
	return s.pairs.upTo[min(s.lookedAt, len(s.pairs.upTo)-1)]
}

// at is the question at look k, and how many pairs it has.
func (s *sequence) at(k int) (question, int) {
	q, n := s.q, s.pairs.upTo[k]
	q.base, q.head = s.pairs.base.first(n), s.pairs.head.first(n)
	return q, n
}

// testPairs makes the sign-flip test of the pairs in both directions. The noise is that of the pairs; center is the base that
// differences are a part of, 0 for log ratios.
func (e *evidence) testPairs(q question, all []float64, center float64) {
	if q.flip != nil {
		e.pWorse, e.pBetter = q.flip.Greater, q.flip.Less
	} else {
		test, err := q.memo.SignFlip(all, 0)
		if err != nil {
			e.open = err.Error()
			return
		}
		e.pWorse, e.pBetter = test.Greater, test.Less
		if q.metric.Better == metric.Higher {
			e.pWorse, e.pBetter = test.Less, test.Greater
		}
	}
	var measured []float64
	for _, x := range all {
		if finite(x) {
			measured = append(measured, x)
		}
	}
	if deviation, err := stat.StandardDeviation(measured); err == nil {
		e.noise = &noise{deviation: deviation, center: center, base: len(all), head: len(all), pairs: true}
	}
}
