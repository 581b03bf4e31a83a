package calibration

import (
	"golang.org/x/perf/benchmath"

	"github.com/communitas/perfgate/internal/stat"
)

// rivalRuns is how many runs a side the rules measure that do not say themselves: what benchstat's documentation asks for.
const rivalRuns = 10

// design is how a rule gets the runs of base.
type design int

const (
	oneSession design = iota // base is measured again, then head
	fromStore                // base was measured in an earlier session
)

func (d design) measure(p *PullRequest, runs int) Sides {
	if d == fromStore {
		return p.Stored(runs)
	}
	return p.Apart(runs)
}

func (d design) name(rule string) string {
	if d == fromStore {
		return rule + ", stored base"
	}
	return rule
}

// Benchstat is golang.org/x/perf/cmd/benchstat at its defaults: the two-sided Mann-Whitney test at 5 % for each metric by
// itself, by its own package benchmath. Its reader calls a metric worse when the difference is marked and points there.
type Benchstat struct {
	// Floor is the least change of the medians that counts, 0.1 for 10 %: what people add to it. 0 is benchstat itself.
	Floor float64
	// Stored takes base from an earlier session.
	Stored bool
}

// Name names the rule with its floor.
func (b Benchstat) Name() string {
	name := "benchstat"
	if b.Floor > 0 {
		name = "benchstat + 10 % floor"
	}
	return storedOrNot(b.Stored).name(name)
}

// Judge compares the samples of each metric.
func (b Benchstat) Judge(p *PullRequest) Answer {
	sides := storedOrNot(b.Stored).measure(p, rivalRuns)
	return alarms(sides, rivalRuns, func(base, head []float64) bool {
		change, different := benchstat(base, head)
		return different && change > 0 && change >= b.Floor
	})
}

// benchstat returns the change of the medians, and whether benchstat marks it. It may put both samples in order.
func benchstat(base, head []float64) (change float64, different bool) {
	thresholds := benchmath.DefaultThresholds
	old, now := benchmath.NewSample(base, &thresholds), benchmath.NewSample(head, &thresholds)
	found := benchmath.AssumeNothing.Compare(old, now)
	return center(now)/center(old) - 1, found.P <= found.Alpha
}

func center(s *benchmath.Sample) float64 { return benchmath.AssumeNothing.Summary(s, 0.95).Center }

// ASV is `asv continuous` of airspeed velocity at its defaults: worse when the two-sided Mann-Whitney test gives less than
// 0.002 and the ratio of the medians is above the factor 1.1. (With fewer samples than that test needs for such a value it
// asks whether intervals overlap; ten are enough: 1.1·10⁻⁵.)
type ASV struct {
	// Stored takes base from an earlier session.
	Stored bool
}

// The defaults of asv: --factor, and the level of its statistics module.
const (
	asvFactor = 1.1
	asvLevel  = 0.002
)

// Name names the rule.
func (a ASV) Name() string { return storedOrNot(a.Stored).name("asv continuous") }

// Judge compares the samples of each metric.
func (a ASV) Judge(p *PullRequest) Answer {
	return alarms(storedOrNot(a.Stored).measure(p, rivalRuns), rivalRuns, asv)
}

// asv may put both samples in order.
func asv(base, head []float64) bool {
	thresholds := benchmath.Thresholds{CompareAlpha: asvLevel}
	old, now := benchmath.NewSample(base, &thresholds), benchmath.NewSample(head, &thresholds)
	return benchmath.AssumeNothing.Compare(old, now).P < asvLevel && center(now) > asvFactor*center(old)
}

// Holm is what perfgate would do with ten runs a side and without pairs: the exact one-sided rank-sum test with Holm's
// correction over the metrics, at 5 %.
type Holm struct {
	// Stored takes base from an earlier session.
	Stored bool
}

// Name names the rule.
func (h Holm) Name() string { return storedOrNot(h.Stored).name("exact U + Holm") }

// Judge tests all metrics and corrects for their number.
func (h Holm) Judge(p *PullRequest) Answer {
	sides := storedOrNot(h.Stored).measure(p, rivalRuns)
	answer := newAnswer(len(sides.Head), rivalRuns)
	pvalues := make([]float64, len(sides.Head))
	for i := range pvalues {
		pvalues[i] = aboveBase(sides.Base[i], sides.Head[i])
	}
	adjusted, err := stat.Holm(pvalues)
	if err != nil {
		panic("a rank-sum test gave no p-value: " + err.Error())
	}
	for i, p := range adjusted {
		if p <= 0.05 {
			answer.Said[i] = Worse
		}
	}
	return answer
}

func storedOrNot(stored bool) design {
	if stored {
		return fromStore
	}
	return oneSession
}

// alarms asks a rule that judges each metric by itself.
func alarms(sides Sides, runs int, worse func(base, head []float64) bool) Answer {
	answer := newAnswer(len(sides.Head), runs)
	for i := range answer.Said {
		if worse(sides.Base[i], sides.Head[i]) {
			answer.Said[i] = Worse
		}
	}
	return answer
}

// aboveBase is the p-value of the exact rank-sum test for head above base.
func aboveBase(base, head []float64) float64 {
	test, err := stat.RankSum(base, head, stat.Greater)
	if err != nil {
		panic("simulated values are no numbers: " + err.Error())
	}
	return test.P
}
