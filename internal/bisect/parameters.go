package bisect

import (
	"fmt"
	"math"
	"slices"
)

// The parameters that nobody has to choose. What they are worth was found by simulation: docs/MATH.md.
const (
	// outlierShare is the prior share of runs with a much wider noise. Without it, five in a hundred outliers make
	// seven in a hundred accusations wrong; with it and without outliers a search costs one in a hundred more.
	outlierShare = 0.04
	// levelVariance is how far the first value may be from the level of the machine: about a factor of three.
	levelVariance = 1.0
	// leastNoise, noiseRatio and noiseSteps are the grid of the standard deviation of a run, 1 % to 18 %.
	leastNoise, noiseRatio, noiseSteps = 0.01, 1.25, 14
	// leastOffset is assumed of every rebuild, however calm the history of rebuilds was: addresses change.
	leastOffset = 0.002
	// forgotten is how much less likely than the best a choice of hypothesis and noise is when it is dropped: e^-14.
	forgotten = 14.0
	// changeSure is the posterior of a change of the least size from which on the range is searched.
	changeSure = 0.9
	// changeDoubted is the one below which a search goes back to its ends.
	changeDoubted = 0.5
	// settledLow and settledHigh bound the doubt about one commit outside of which its batch ends early.
	settledLow, settledHigh = 0.002, 0.998
	// redecide is the least length of a batch in units of (noise/effect)²: less tells nothing.
	redecide = 0.3
	// leastBits is what the best action has to tell; below it the search has nothing left to ask.
	leastBits = 1e-4
	// mostOffsets is how many standard deviations of offsets are weighed at most.
	mostOffsets = 4
	// brokenReach is how many commits away a broken one still makes a neighbour suspect of being broken.
	brokenReach = 8.0
	// invalidInARow is how many invalid runs without a valid one end a search; so does it when there are so many at all, and
	// this share of the runs. A driver has tried each of them several times.
	invalidInARow, invalidAtAll, invalidShare = 10, 30, 0.75
	// mostConfirmPairs bounds how long a confirmation goes on whose two methods disagree.
	mostConfirmPairs = 20
)

// likelyOffsets are the standard deviations that a binary's offset may have, with their prior weights: around what earlier
// rebuilds have shown, or over a wide range when it is 0. A value from few rebuilds may be wrong, and one that is believed
// without a doubt makes accusations wrong: so there is always one that is ten times as large.
func likelyOffsets(shown float64) (sds, weights []float64) {
	if shown > 0 {
		return []float64{shown, 3 * shown, 10 * shown}, []float64{0.9, 0.07, 0.03}
	}
	return []float64{leastOffset, 0.005, 0.012, 0.025}, []float64{0.65, 0.2, 0.1, 0.05}
}

// Effect is what is expected of the change, of logarithms: 0.0953 is +10 %. It is a normal distribution, and its sign is free.
type Effect struct {
	Mean float64 `json:"mean"` // the estimate of the gate that failed; 0 when there is none
	SD   float64 `json:"sd"`   // > 0; 0 becomes half of the mean, and without a mean 0.2
}

// Costs are what an action takes, in seconds. What was measured of earlier builds and runs corrects them.
type Costs struct {
	ColdBuildSeconds float64 `json:"cold_build_seconds"` // > 0: a build from nothing
	WarmBuildSeconds float64 `json:"warm_build_seconds"` // a build beside a built neighbour; 0: as a cold one
	WarmReach        float64 `json:"warm_reach"`         // commits to a built one at which two thirds of the gain are lost; 0: 16
	RunSeconds       float64 `json:"run_seconds"`        // > 0: one run, with its launch and teardown
}

// UsualRuns is the most runs of a search to which nobody said how many.
const UsualRuns = 4000

// Budget is where a search gives up. 0 is no limit, but for runs.
type Budget struct {
	Builds  int     `json:"builds"`  // builds, those that fail included
	Runs    int     `json:"runs"`    // runs, invalid ones included; 0: UsualRuns
	Seconds float64 `json:"seconds"` // of builds and runs together
}

// Parameters are what a search is told beforehand. Zero values get the defaults that are named.
type Parameters struct {
	Confidence   float64 `json:"confidence"`    // posterior at which a commit is accused, (0.5, 1); 0: 0.999
	NoneSure     float64 `json:"none_sure"`     // posterior at which there is no change, (0.5, 1); 0: 0.99
	NoChange     float64 `json:"no_change"`     // prior probability that there is none, (0, 1); 0: 0.1 with an effect's mean, else 0.5
	Effect       Effect  `json:"effect"`        // what is expected of the change
	LeastChange  float64 `json:"least_change"`  // δ_min, of logarithms, > 0; 0: 0.4 of the effect's mean, without one 0.05
	OffsetSD     float64 `json:"offset_sd"`     // of a rebuilt binary, of logarithms, by earlier rebuilds; 0: unknown, a wide range is weighed
	EndRuns      int     `json:"end_runs"`      // first runs of each end; 0: 10
	ConfirmPairs int     `json:"confirm_pairs"` // pairs of culprit and parent before an accusation; 0: 5
	Costs        Costs   `json:"costs"`
	Budget       Budget  `json:"budget"`
	Seed         uint64  `json:"seed"` // of the order of runs
	// Exact says that the values have no noise: one run of a build tells all, and what is searched is the greatest step.
	Exact bool `json:"exact,omitempty"`
	// Counts says that a value is the sum of counts in so many runs, which may be 0; 0 is no count. Changes are then such of
	// value+1, also the logarithms of Effect and LeastChange. A run, to the search, is so many together.
	Counts int `json:"counts,omitempty"`
}

// complete returns the parameters in logarithms of the search, with defaults in place of zeros, or says which of them is impossible.
func (p Parameters) complete() (Parameters, error) {
	numbers := []float64{p.Confidence, p.NoneSure, p.NoChange, p.Effect.Mean, p.Effect.SD, p.LeastChange, p.OffsetSD,
		p.Costs.ColdBuildSeconds, p.Costs.WarmBuildSeconds, p.Costs.WarmReach, p.Costs.RunSeconds, p.Budget.Seconds}
	for _, x := range numbers {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return p, fmt.Errorf("a parameter is %v: give finite numbers", x)
		}
	}
	p = p.scaled()
	setDefault(&p.Confidence, 0.999)
	setDefault(&p.NoneSure, 0.99)
	p.effectDefaults()
	setDefault(&p.Costs.WarmBuildSeconds, p.Costs.ColdBuildSeconds)
	setDefault(&p.Costs.WarmReach, 16)
	setDefault(&p.EndRuns, 10)
	setDefault(&p.ConfirmPairs, 5)
	setDefault(&p.Budget.Runs, UsualRuns)
	return p, p.check()
}

func (p *Parameters) effectDefaults() {
	if p.Effect.Mean != 0 {
		setDefault(&p.Effect.SD, math.Abs(p.Effect.Mean)/2)
		setDefault(&p.NoChange, 0.1)
		setDefault(&p.LeastChange, 0.4*math.Abs(p.Effect.Mean))
	}
	setDefault(&p.Effect.SD, 0.2)
	setDefault(&p.NoChange, 0.5)
	setDefault(&p.LeastChange, 0.05)
	if p.OffsetSD > 0 {
		p.OffsetSD = max(p.OffsetSD, leastOffset)
	}
}

func setDefault[T int | float64](value *T, otherwise T) {
	if *value == 0 {
		*value = otherwise
	}
}

// rule is one that parameters must keep.
type rule struct {
	ok   bool
	says string
}

func (p Parameters) check() error {
	for _, r := range slices.Concat(p.beliefRules(), p.costRules()) {
		if !r.ok {
			return fmt.Errorf("parameters: %s", r.says)
		}
	}
	return nil
}

func (p Parameters) beliefRules() []rule {
	probability := func(x, above float64) bool { return x > above && x < 1 }
	size := func(x float64) bool { return x > 1e-6 && x <= 10 }
	return []rule{
		{probability(p.Confidence, 0.5), "confidence is a probability above 0.5 and below 1"},
		{probability(p.NoneSure, 0.5), "none_sure is a probability above 0.5 and below 1"},
		{probability(p.NoChange, 0), "no_change is a probability above 0 and below 1"},
		{math.Abs(p.Effect.Mean) <= 10, "effect.mean is a logarithm of at most 10"},
		{size(p.Effect.SD), "effect.sd is above 0.000001 and at most 10"},
		{size(p.LeastChange), "least_change is above 0.000001 and at most 10"},
		{p.OffsetSD >= 0 && p.OffsetSD <= 1, "offset_sd is from 0 to 1"},
		{p.Counts >= 0 && p.Counts <= 1000, "counts is from 0 to 1000 runs"},
	}
}

func (p Parameters) costRules() []rule {
	c := p.Costs
	return []rule{
		{p.EndRuns >= 2 && p.EndRuns <= 1000, "end_runs is from 2 to 1000"},
		{p.ConfirmPairs >= 5 && p.ConfirmPairs <= mostConfirmPairs, "confirm_pairs is from 5 to 20"},
		{c.ColdBuildSeconds > 0 && c.ColdBuildSeconds <= 1e9, "costs.cold_build_seconds is above 0"},
		{c.WarmBuildSeconds > 0 && c.WarmBuildSeconds <= c.ColdBuildSeconds,
			"costs.warm_build_seconds is above 0 and at most that of a cold build"},
		{c.WarmReach > 0, "costs.warm_reach is above 0"},
		{c.RunSeconds > 0 && c.RunSeconds <= 1e9, "costs.run_seconds is above 0"},
		{p.Budget.Builds >= 0 && p.Budget.Runs > 0 && p.Budget.Seconds >= 0, "a budget is not negative"},
	}
}
