package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/result"
)

// pairing says which runs of both sides of a plan are pairs that count.
type pairing struct {
	// looks are all looks of the trial, reached how many of them there are pairs for.
	looks   []int
	reached int
	// measured is how many pairs both sides have runs of.
	measured int
	void     []VoidPair
	// blocks are those of the pairs, by the number of the pair.
	blocks map[int]int
}

// pairingOf pairs the runs of a plan by their numbers.
func pairingOf(head, base *result.Results, plan result.Scenario) *pairing {
	p := &pairing{looks: head.Trial.Looks, void: []VoidPair{}, blocks: map[int]int{}}
	heads, bases := lastAttempts(head, plan), lastAttempts(base, plan)
	p.measured = min(highest(heads), highest(bases))
	for n := 1; n <= p.measured; n++ {
		p.blocks[n] = max(heads[n].Block, bases[n].Block)
		if reason := voidOf(heads, bases, n); reason != "" {
			p.void = append(p.void, VoidPair{n, reason})
		}
	}
	for _, look := range p.looks {
		if look <= p.measured {
			p.reached++
		}
	}
	return p
}

// lastAttempts are the runs of a plan by number, warm-up left out.
func lastAttempts(r *result.Results, plan result.Scenario) map[int]result.Run {
	last := map[int]result.Run{}
	for _, run := range r.RunsOf(plan) {
		if before, ok := last[run.Run]; !run.Warmup && (!ok || run.Attempt >= before.Attempt) {
			last[run.Run] = run
		}
	}
	return last
}

func highest(runs map[int]result.Run) int {
	most := 0
	for n := range runs {
		most = max(most, n)
	}
	return most
}

// voidOf says why a pair gives nothing, "" when it counts.
func voidOf(heads, bases map[int]result.Run, n int) string {
	for _, side := range []struct {
		name string
		runs map[int]result.Run
	}{{result.SideBase, bases}, {result.SideHead, heads}} {
		run, ok := side.runs[n]
		switch {
		case !ok:
			return fmt.Sprintf("the run of %s is missing", side.name)
		case run.Invalid != "":
			return fmt.Sprintf("the run of %s is invalid: %s", side.name, run.Invalid)
		case run.Unread():
			return fmt.Sprintf("the run of %s is no measure: %s", side.name, whyMute(run))
		}
	}
	return controlsOf(heads, bases, heads[n].Block)
}

// A control is work that neither side has a part in. The limits say by which ratio the two sides of a block may differ
// before the block is the machine's and not the subject's: arithmetic repeats within a percent on a calm machine, a datagram
// within tens, and a synced write within a few times.
type control struct {
	name  string
	limit float64
	of    func(*result.Controls) *float64
}

func controls() []control {
	return []control{
		{"the spin loop", 1.1, func(c *result.Controls) *float64 { return c.Spin }},
		{"the loopback round trip", 2, func(c *result.Controls) *float64 { return c.Loopback }},
		{"the disk write", 5, func(c *result.Controls) *float64 { return c.Disk }},
	}
}

// controlsOf says which negative control differs between both sides of a block, "" when none does. Which way it differs does
// not matter: to leave out only what looks bad for one side would bias what is left.
func controlsOf(heads, bases map[int]result.Run, block int) string {
	if block == 0 {
		return ""
	}
	for _, c := range controls() {
		head, base := centerOfControl(heads, block, c), centerOfControl(bases, block, c)
		if ratio := head / base; ratio > c.limit || ratio < 1/c.limit {
			return fmt.Sprintf("%s of block %d took %s on the side of head", c.name, block, Percent(ratio-1))
		}
	}
	return ""
}

// centerOfControl is the geometric mean of a control over the runs of a block; NaN when no run has it.
func centerOfControl(runs map[int]result.Run, block int, c control) float64 {
	var numbers []int
	for n, run := range runs {
		if run.Block == block && run.Controls != nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers) // a sum depends on its order
	sum, n := 0.0, 0
	for _, number := range numbers {
		if seconds := c.of(runs[number].Controls); seconds != nil && *seconds > 0 {
			sum += math.Log(*seconds)
			n++
		}
	}
	return math.Exp(sum / float64(n))
}

// isVoid tells whether a pair gives nothing.
func (p *pairing) isVoid(pair int) bool {
	return slices.ContainsFunc(p.void, func(v VoidPair) bool { return v.Pair == pair })
}

// pairedSeries are both series of a metric, reduced to the pairs that count: index i is one pair on both sides, in the order of
// the pairs.
type pairedSeries struct {
	base, head series
	// upTo says for each look that was reached how many of the pairs belong to it.
	upTo []int
}

// of pairs two series: what is left are pairs that are not void and that both sides have a sample of.
func (p *pairing) of(base, head series) pairedSeries {
	values := map[int]float64{}
	for i, run := range base.runs {
		values[run] = base.values[i]
	}
	order := make([]int, len(head.runs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(head.runs[a], head.runs[b]) })
	s := pairedSeries{base: base.emptied(), head: head.emptied(), upTo: make([]int, p.reached)}
	for _, i := range order {
		run := head.runs[i]
		value, ok := values[run]
		if !ok || p.isVoid(run) {
			continue
		}
		s.base.take(run, value, base.limit)
		s.head.take(run, head.values[i], head.limit)
		for k, look := range p.looks[:p.reached] {
			if run <= look {
				s.upTo[k]++
			}
		}
	}
	return s
}

// emptied is the series without its samples.
func (s series) emptied() series {
	s.values, s.runs, s.timeouts, s.limit = nil, nil, 0, 0
	return s
}

// take appends one value of a run, +Inf for one that timed out at limit.
func (s *series) take(run int, value, limit float64) {
	s.runs = append(s.runs, run)
	if math.IsInf(value, 1) {
		s.timeout(limit)
		return
	}
	s.values = append(s.values, value)
}

// first are the first n samples of a series, which must not be changed.
func (s series) first(n int) series {
	out := s.emptied()
	out.values, out.runs = s.values[:n:n], s.runs[:n:n]
	for _, v := range out.values {
		if math.IsInf(v, 1) {
			out.timeouts, out.limit = out.timeouts+1, s.limit
		}
	}
	return out
}

// logRatios are log(head/base) by pair: +Inf where only head timed out, -Inf where only base did. A pair of two time-outs
// says that neither was better, and is 0.
func logRatios(base, head series) []float64 {
	return byPair(base, head, func(b, h float64) float64 { return math.Log(h) - math.Log(b) })
}

func differences(base, head series) []float64 {
	return byPair(base, head, func(b, h float64) float64 { return h - b })
}

func byPair(base, head series, of func(base, head float64) float64) []float64 {
	all := make([]float64, len(head.values))
	for i, h := range head.values {
		if b := base.values[i]; !math.IsInf(h, 1) || !math.IsInf(b, 1) {
			all[i] = of(b, h)
		}
	}
	return all
}
