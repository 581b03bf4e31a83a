package calibration

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// scenario is what the simulated results are of.
const scenario = "simulated"

// day is the date of the simulated results and of the decisions: no waiver is near.
func day() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }

// metricName is the name of a simulated metric.
func metricName(i int) string { return fmt.Sprintf("simulated/metric-%02d", i) }

// resultsOf writes one side of a measurement as perfgate's results, with the given values per metric.
func resultsOf(values [][]float64) *result.Results {
	runs := len(values[0])
	r := &result.Results{
		Schema: result.Schema, Created: day(),
		Subject:     result.Subject{Name: "simulated"},
		Environment: result.Environment{Fingerprint: "simulated", OS: "linux", Arch: "amd64"},
		Scenarios:   []result.Scenario{{Name: scenario, Nodes: 2, Runs: runs, Configuration: "simulated"}},
	}
	for run := range runs {
		r.Runs = append(r.Runs, result.Run{Scenario: scenario, Run: run + 1, Order: run + 1, Formed: true})
	}
	for i, row := range values {
		s := result.Series{
			Scenario: scenario, Metric: metricName(i), Unit: metric.Seconds, Better: metric.Lower, Status: result.Measured,
			Samples: make([]result.Sample, runs), Count: runs,
		}
		for run := range row {
			s.Samples[run] = result.Sample{Run: run + 1, Value: &row[run], Valid: true}
		}
		r.Series = append(r.Series, s)
	}
	return r
}

// saidOf translates an outcome.
func saidOf(o compare.Outcome) Said {
	switch o {
	case compare.Regressed:
		return Worse
	case compare.Improved:
		return Better
	case compare.Pass:
		return Clean
	default:
		return Undecided
	}
}

// answerOf translates a verdict over simulated metrics.
func answerOf(v compare.Verdict, metrics, runs int) Answer {
	answer := newAnswer(metrics, runs)
	for i := range answer.Said {
		answer.Said[i] = Undecided
	}
	for _, m := range v.Metrics {
		name, ok := strings.CutPrefix(m.Metric, "simulated/metric-")
		if !ok {
			continue
		}
		i, err := strconv.Atoi(name)
		if err != nil || i >= metrics {
			panic("a metric that was not simulated: " + m.Metric)
		}
		answer.Said[i] = saidOf(m.Verdict)
		if i == 0 {
			answer.Low, answer.High, answer.MDE = number(m.ChangeLow), number(m.ChangeHigh), number(m.MDE)
		}
	}
	return answer
}

func number(n compare.Number) float64 {
	if !n.Present() {
		return math.NaN()
	}
	return float64(n)
}

// Unpaired is perfgate's comparison of runs that are no pairs: exact rank tests, Holm, intervals.
type Unpaired struct {
	// Runs is how many runs a side has.
	Runs int
	// Stored takes base from an earlier session, by way of a baselines.toml; else there are two results directories of one
	// session.
	Stored bool
	// Calibrated is how many sessions of as many runs a side were measured before to know the noise; 0 leaves the machine uncalibrated.
	Calibrated int
}

// Name names the rule with its runs.
func (u Unpaired) Name() string {
	if u.Stored {
		return fmt.Sprintf("perfgate check, %d runs, baselines.toml", u.Runs)
	}
	if u.Calibrated > 0 {
		return fmt.Sprintf("perfgate compare, %d runs, calibrated over %d sessions", u.Runs, u.Calibrated)
	}
	return fmt.Sprintf("perfgate compare, %d runs", u.Runs)
}

// Judge lets compare decide.
func (u Unpaired) Judge(p *PullRequest) Answer {
	known := u.calibrate(p)
	sides := storedOrNot(u.Stored).measure(p, u.Runs)
	in := compare.Input{Base: resultsOf(sides.Base), Head: resultsOf(sides.Head), Now: day()}
	if u.Stored {
		in.Baselines, in.Base = recorded(in.Base), nil
	}
	if known != nil {
		in.Baselines = known
	}
	return answerOf(compare.Decide(in), p.Metrics(), u.Runs)
}

// calibrate is a baselines.toml with how far the runs of each metric vary, measured before; nil when the machine is not calibrated.
func (u Unpaired) calibrate(p *PullRequest) *baseline.File {
	if u.Calibrated == 0 {
		return nil
	}
	sessions := p.Before(u.Calibrated, u.Runs)
	c := baseline.Calibration{
		Environment: "simulated", Scenario: scenario, Configuration: "simulated", Subject: "simulated", Time: day(),
		Sessions: u.Calibrated, Pairs: u.Calibrated * u.Runs,
	}
	for i := range p.Metrics() {
		var runs [][]float64
		for _, sides := range sessions {
			runs = append(runs, append(slices.Clone(sides.Base[i]), sides.Head[i]...))
		}
		if within, err := stat.PooledLogDeviation(runs...); err == nil {
			c.Noise = append(c.Noise, baseline.Noise{Metric: metricName(i), Within: within})
		}
	}
	raw, err := baseline.Empty("baselines.toml").WithCalibrations([]baseline.Calibration{c})
	if err != nil {
		panic("a simulated calibration cannot be recorded: " + err.Error())
	}
	file, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		panic("a simulated calibration cannot be read: " + err.Error())
	}
	return file
}

// recorded is a baselines.toml with what was measured of base.
func recorded(base *result.Results) *baseline.File {
	recordings, err := baseline.FromResults(base)
	if err != nil {
		panic("simulated results cannot be a baseline: " + err.Error())
	}
	raw, err := baseline.Empty("baselines.toml").WithRecordings(recordings)
	if err != nil {
		panic("simulated results cannot be recorded: " + err.Error())
	}
	file, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		panic("what was recorded cannot be read: " + err.Error())
	}
	return file
}
