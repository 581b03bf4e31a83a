package calibration

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// LongLooks are those of a trial of up to 60 pairs.
func LongLooks() []int { return []int{6, 12, 24, 36, 48, 60} }

// Trial is perfgate's rule under test: base and head in pairs of runs, decided at looks by compare.Sequential, which is what
// compare.Decide does with the results of a trial. It ends at the first look that leaves nothing open, as a trial does.
type Trial struct {
	// Looks are the numbers of pairs, rising; nil is compare.DefaultLooks().
	Looks []int
	// Alpha is the error budget; 0 is the default of compare, 0.01 is --strict.
	Alpha float64
	// Tolerance of all metrics; 0 is the default of baselines.toml.
	Tolerance float64
	// Tempted is an adversary's way with it: the pairs are decided at each look and once more just before the next one, and a
	// metric counts as regressed, or improved, when it was called so once.
	Tempted bool
	// Calibrated is how many sessions of as many pairs were measured before to know the noise; 0 leaves the machine uncalibrated.
	Calibrated int
	// MDE has the minimum detectable effect worked out, which takes longer than all else.
	MDE bool
}

func (t Trial) looks() []int {
	if len(t.Looks) == 0 {
		return compare.DefaultLooks()
	}
	return t.Looks
}

// Last is the number of pairs after which a trial ends.
func (t Trial) Last() int { return slices.Max(t.looks()) }

// Name names the rule with what is not by default.
func (t Trial) Name() string {
	parts := []string{"perfgate trial"}
	if t.Alpha > 0 {
		parts = append(parts, fmt.Sprintf("alpha %g %%", 100*t.Alpha))
	}
	if t.Tolerance > 0 {
		parts = append(parts, fmt.Sprintf("tolerance %g %%", 100*t.Tolerance))
	}
	if len(t.Looks) > 0 {
		parts = append(parts, fmt.Sprintf("%d pairs", t.Last()))
	}
	if t.Tempted {
		parts = append(parts, "stopped at will")
	}
	if t.Calibrated > 0 {
		parts = append(parts, fmt.Sprintf("calibrated over %d sessions", t.Calibrated))
	}
	return strings.Join(parts, ", ")
}

// Judge measures all pairs and lets compare decide.
func (t Trial) Judge(p *PullRequest) Answer {
	known := t.calibrate(p)
	sides := p.Pairs(t.Last())
	answer := t.decide(sides, t.Last(), known, t.Tempted)
	if !t.Tempted {
		return answer
	}
	for _, pairs := range t.temptations() {
		for i, said := range t.decide(sides, pairs, known, true).Said {
			if said == Worse || said == Better && answer.Said[i] != Worse {
				answer.Said[i] = said
			}
		}
	}
	return answer
}

// spread is a standard deviation of pairs with its degrees of freedom.
type spread struct {
	deviation float64
	degrees   int
}

// calibrate measures how far the pairs of each metric vary, as perfgate calibrate does; nil when the machine is not calibrated.
func (t Trial) calibrate(p *PullRequest) []spread {
	if t.Calibrated == 0 {
		return nil
	}
	sessions := p.Before(t.Calibrated, t.Last())
	known := make([]spread, p.Metrics())
	for i := range known {
		var ratios [][]float64
		for _, sides := range sessions {
			ratios = append(ratios, make([]float64, t.Last()))
			for pair, base := range sides.Base[i] {
				ratios[len(ratios)-1][pair] = math.Log(sides.Head[i][pair]) - math.Log(base)
			}
		}
		if deviation, err := stat.ClippedDeviation(ratios...); err == nil {
			known[i] = spread{deviation, t.Calibrated * (t.Last() - 1)}
		}
	}
	return known
}

// decide lets compare decide over the first pairs, by the rule alone: up to the look that leaves nothing open, or over all of them.
func (t Trial) decide(sides Sides, pairs int, known []spread, goesOn bool) Answer {
	samples := make([]compare.PairedSample, len(sides.Base))
	for i, base := range sides.Base {
		samples[i] = compare.PairedSample{LogRatios: make([]float64, pairs), Tolerance: cmp.Or(t.Tolerance, metric.DefaultTolerance)}
		for pair := range pairs {
			samples[i].LogRatios[pair] = math.Log(sides.Head[i][pair]) - math.Log(base[pair])
		}
		if known != nil {
			samples[i].Calibrated, samples[i].Degrees = known[i].deviation, known[i].degrees
		}
	}
	answer := newAnswer(len(samples), 0)
	rule := compare.Sequential{Looks: t.looks(), Options: compare.Options{Alpha: t.Alpha}, MDE: t.MDE, GoesOn: goesOn}
	for i, o := range rule.Decide(samples) {
		answer.Said[i] = saidOf(o.Verdict)
		if i == 0 {
			answer.Low, answer.High, answer.MDE = o.Low, o.High, o.MDE
		}
		if o.Verdict == compare.Regressed && (answer.Certain == 0 || o.Pairs < answer.Certain) {
			answer.Certain = o.Pairs
		}
		if o.Open {
			answer.Runs = pairs
			continue
		}
		answer.Runs = max(answer.Runs, o.Pairs)
		if i == 0 {
			answer.Settled = o.Pairs
		}
	}
	if answer.Certain == 0 {
		answer.Certain = answer.Runs
	}
	return answer
}

// temptations are the numbers of pairs at which an adversary decides, but for the last.
func (t Trial) temptations() []int {
	var all []int
	for k, look := range t.looks() {
		if k > 0 {
			all = append(all, look-1)
		}
		if look < t.Last() {
			all = append(all, look)
		}
	}
	return all
}
