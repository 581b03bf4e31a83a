package calibration

import (
	"fmt"
	"math"
)

// OneNumber is the rule of thumb: one run of base, one of head, and a metric is worse when the ratio is above a limit. With
// the limit 2 it is github-action-benchmark at its default, alert-threshold 200 %, which compares with the entry before.
type OneNumber struct {
	// Limit is the ratio from which on there is an alarm, 1.1 for 10 %.
	Limit float64
	// Tool is the name in tables.
	Tool string
	// Stored takes base from an earlier session.
	Stored bool
}

// ActionBenchmark is github-action-benchmark at its defaults. Its data are those of earlier commits.
func ActionBenchmark(stored bool) OneNumber {
	return OneNumber{Limit: 2, Tool: "github-action-benchmark 200 %", Stored: stored}
}

// TenPercent is the alarm at 10 % that many projects write themselves.
func TenPercent(stored bool) OneNumber {
	return OneNumber{Limit: 1.1, Tool: "one number, 10 %", Stored: stored}
}

// Name names the rule.
func (o OneNumber) Name() string { return storedOrNot(o.Stored).name(o.Tool) }

// Judge compares two numbers for each metric.
func (o OneNumber) Judge(p *PullRequest) Answer {
	return alarms(storedOrNot(o.Stored).measure(p, 1), 1, func(base, head []float64) bool {
		return head[0]/base[0] > o.Limit
	})
}

// Bencher is the threshold of bencher.dev's documentation: a Student's t-test with an upper boundary of 0.99 over at most
// 64 earlier values. The limit is the mean plus the deviation times the quantile of t with n-1 degrees of freedom.
type Bencher struct{ quantile float64 }

// NewBencher makes the rule, with the quantile that it needs.
func NewBencher() Bencher { return Bencher{studentQuantile(bencherBoundary, bencherRuns-1)} }

// The parameters of Bencher.
const (
	bencherRuns     = 64
	bencherBoundary = 0.99
)

// Name names the rule.
func (Bencher) Name() string { return "Bencher t_test .99, 64 of history" }

// Judge holds the one new value of each metric against the limit that history gives.
func (b Bencher) Judge(p *PullRequest) Answer {
	return alarms(p.History(bencherRuns), 1, func(history, head []float64) bool {
		return head[0] > bencherLimit(history, b.quantile)
	})
}

func bencherLimit(history []float64, t float64) float64 {
	mean, deviation := moments(history)
	return mean + t*deviation
}

// Conbench is the lookback z-score of conbench.org at its default threshold: worse when the new value lies more than 5
// deviations above the mean of the commits before, here of 100.
type Conbench struct{}

// The parameters of Conbench.
const (
	conbenchRuns = 100
	conbenchZ    = 5
)

// Name names the rule.
func (Conbench) Name() string { return fmt.Sprintf("Conbench z > %d", conbenchZ) }

// Judge holds the z-score of the one new value of each metric against the threshold.
func (Conbench) Judge(p *PullRequest) Answer {
	return alarms(p.History(conbenchRuns), 1, func(history, head []float64) bool {
		return zScore(history, head[0]) > conbenchZ
	})
}

// zScore is how many deviations a value lies above the mean of history; infinite when history does not vary.
func zScore(history []float64, value float64) float64 {
	mean, deviation := moments(history)
	if deviation == 0 {
		return math.Inf(int(math.Copysign(1, value-mean)))
	}
	return (value - mean) / deviation
}

// moments are the mean and the deviation of a sample of at least two.
func moments(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / (n - 1))
}

// studentQuantile is the quantile of Student's t for a probability above one half, found by halving over the distribution
// function, which is integrated by Simpson's rule.
func studentQuantile(p float64, freedom int) float64 {
	low, high := 0.0, 400.0
	for range 60 {
		if middle := (low + high) / 2; studentCDF(middle, freedom) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// studentCDF is the distribution function of Student's t at t >= 0. With t = tan(u)√ν the density is a power of a cosine.
func studentCDF(t float64, freedom int) float64 {
	nu := float64(freedom)
	upper, lower := lgamma((nu+1)/2), lgamma(nu/2)
	scale := math.Exp(upper-lower) / math.Sqrt(math.Pi)
	const parts = 400
	end := math.Atan(t / math.Sqrt(nu))
	sum := 0.0
	for i := range parts + 1 {
		weight := float64(2 + 2*(i%2))
		if i == 0 || i == parts {
			weight = 1
		}
		sum += weight * math.Pow(math.Cos(end*float64(i)/parts), nu-1)
	}
	return 0.5 + scale*sum*end/parts/3
}

func lgamma(x float64) float64 {
	value, _ := math.Lgamma(x)
	return value
}
