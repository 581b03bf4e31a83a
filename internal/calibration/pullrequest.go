package calibration

import (
	"math"
	"math/rand/v2"
)

// Change is what a pull request does to its metrics.
type Change struct {
	// Size is head against base as a ratio: 0.1 makes a metric 10 % worse, -0.1 better, 0 changes nothing.
	Size float64
	// All tells that every metric changes; else the first one alone does.
	All bool
}

func (c Change) of(metric int) float64 {
	if metric == 0 || c.All {
		return c.Size
	}
	return 0
}

// PullRequest is one change that a rule has to judge. A rule measures it in its own way; what comes out is drawn then, so
// a rule may ask once only.
type PullRequest struct {
	source source
	change Change
	random *rand.Rand
}

// Metrics is how many metrics there are. Less is better in all of them.
func (p *PullRequest) Metrics() int { return p.source.size() }

// Pairs measures base and head in n pairs of runs.
func (p *PullRequest) Pairs(n int) Sides { return p.changed(p.source.pairs(p.random, n)) }

// Before measures n pairs of base against base in each of so many earlier sessions, as a calibration of the machine does.
func (p *PullRequest) Before(sessions, n int) []Sides {
	var all []Sides
	for range sessions {
		all = append(all, Change{}.made(p.source, p.source.pairs(p.random, n)))
	}
	return all
}

// Apart measures n runs of base and then n of head in one session.
func (p *PullRequest) Apart(n int) Sides { return p.changed(p.source.apart(p.random, n)) }

// Stored takes n runs of base from an earlier session and measures n of head.
func (p *PullRequest) Stored(n int) Sides { return p.changed(p.source.stored(p.random, n)) }

// History takes one run of base from each of n earlier sessions and measures head once.
func (p *PullRequest) History(n int) Sides { return p.changed(p.source.history(p.random, n)) }

func (p *PullRequest) changed(sides Sides) Sides { return p.change.made(p.source, sides) }

// made adds the change to head, and lets the instrument show both sides.
func (c Change) made(by source, sides Sides) Sides {
	for metric := range sides.Head {
		factor := 1 + c.of(metric)
		for i, v := range sides.Head[metric] {
			sides.Head[metric][i] = by.shown(v * factor)
		}
		for i, v := range sides.Base[metric] {
			sides.Base[metric][i] = by.shown(v)
		}
	}
	return sides
}

// Said is what a rule says of one metric.
type Said int

// What can be said. Silent is what a rule says that knows nothing but alarms.
const (
	Silent    Said = iota
	Clean          // proven to be within the tolerance
	Worse          // called regressed
	Better         // called improved
	Undecided      // the measurement does not decide
)

// Answer is what a rule says of a pull request.
type Answer struct {
	// Runs is how many runs of head were measured.
	Runs int
	// Certain is after how many of them the verdict was certain: when the first metric was called regressed, or at the end.
	Certain int
	// Said has a word for each metric.
	Said []Said
	// Low and High are the ends of the interval of the change of the first metric, as ratios; NaN for a rule without one.
	Low, High float64
	// Settled is how many runs the first metric took until it was settled; 0 for a rule with one look.
	Settled int
	// MDE is the minimum detectable effect that was printed for the first metric; NaN for a rule without one.
	MDE float64
}

// newAnswer is an answer of so many metrics that says nothing.
func newAnswer(metrics, runs int) Answer {
	return Answer{Runs: runs, Certain: runs, Said: make([]Said, metrics), Low: math.NaN(), High: math.NaN(), MDE: math.NaN()}
}

// Rule decides pull requests. It keeps nothing from one to the next and may be asked by several goroutines at once.
type Rule interface {
	// Name is how the rule is called in tables.
	Name() string
	// Judge measures a pull request and says what the rule makes of it.
	Judge(p *PullRequest) Answer
}
