package noise

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Session is one trial of base against base: both sides are one program, and whatever differs is noise.
type Session struct {
	Base, Head *result.Results
	Verdict    compare.Verdict
}

// Calibrate makes of sessions what they show of each scenario and benchmark. They must be of one environment, one subject and for
// each scenario of one configuration, or it is an error: figures of different things have no common noise.
func Calibrate(sessions []Session) ([]baseline.Calibration, error) {
	if len(sessions) == 0 {
		return nil, errors.New("there is no session to calibrate with")
	}
	first := sessions[0].Head
	for _, s := range sessions {
		for _, side := range []*result.Results{s.Base, s.Head} {
			if side.Subject.Name != first.Subject.Name {
				return nil, fmt.Errorf("sessions are of different subjects: %q and %q", first.Subject.Name, side.Subject.Name)
			}
			if differences := side.Environment.Differences(first.Environment.Traits()); len(differences) > 0 {
				return nil, fmt.Errorf("sessions are of different environments: %s", differences[0])
			}
		}
	}
	var all []baseline.Calibration
	for _, plan := range first.Scenarios {
		c, err := calibrate(plan, sessions)
		if err != nil {
			return nil, err
		}
		if len(c.Noise) > 0 {
			all = append(all, c)
		}
	}
	return all, nil
}

func calibrate(plan result.Scenario, sessions []Session) (baseline.Calibration, error) {
	first := sessions[0].Head
	c := baseline.Calibration{
		Environment: first.Environment.Fingerprint, Scenario: plan.Name, Benchmark: plan.Benchmark, Configuration: plan.Configuration,
		Subject: first.Subject.Name, Sessions: len(sessions),
	}
	for _, s := range sessions {
		for _, side := range []*result.Results{s.Base, s.Head} {
			if own, ok := side.Plan(plan.Name, plan.Benchmark); !ok || own.Configuration != plan.Configuration {
				return c, fmt.Errorf("sessions have different configurations of %q", plan.Name+plan.Benchmark)
			}
		}
		if s.Head.Created.After(c.Time) {
			c.Time = s.Head.Created
		}
		pairs, alarm := judged(s, plan)
		c.Pairs += pairs
		if alarm {
			c.FalseAlarms++
		}
	}
	for _, series := range first.SeriesOf(plan) {
		if n, ok := noiseOf(series, sessions); ok {
			c.Noise = append(c.Noise, n)
		}
	}
	return c, nil
}

// judged tells how many pairs of a plan were judged in a session, and whether a gated metric was called worse.
func judged(s Session, plan result.Scenario) (pairs int, alarm bool) {
	for _, m := range s.Verdict.Metrics {
		if own, ok := s.Head.PlanOf(m.Scenario, m.Metric); !ok || own.Name != plan.Name || own.Benchmark != plan.Benchmark {
			continue
		}
		pairs = max(pairs, m.HeadSamples)
		alarm = alarm || m.RelativeVerdict == compare.Regressed && m.Policy == metric.Block
	}
	return pairs, alarm
}

// noiseOf is the noise of one metric; false for one that does not vary by chance, or that some session does not have.
func noiseOf(series result.Series, sessions []Session) (baseline.Noise, bool) {
	n := baseline.Noise{Metric: series.Metric}
	if metric.Describe(series.Metric, series.Unit, series.Better).Kind != metric.Continuous {
		return n, false
	}
	var centers, ratios [][]float64
	var lags, detectable []float64
	for _, s := range sessions {
		base, okBase := logarithms(s.Base, series)
		head, okHead := logarithms(s.Head, series)
		if !okBase || !okHead {
			return n, false
		}
		centers = append(centers, slices.Concat(values(base), values(head)))
		ratios = append(ratios, paired(base, head))
		for _, side := range []map[int]float64{base, head} {
			if lag, err := stat.Autocorrelation(values(side)); err == nil {
				lags = append(lags, lag)
			}
		}
		detectable = append(detectable, detectables(s.Verdict, series)...)
	}
	var errWithin, errPair error
	n.Within, errWithin = stat.PooledDeviation(centers...)
	n.Pair, errPair = stat.ClippedDeviation(ratios...)
	if errWithin != nil || errPair != nil {
		return n, false
	}
	if _, between, err := stat.Components(centers...); err == nil {
		n.Between = between
	}
	n.Lag1, n.MDE = orZero(stat.Mean(lags)), orZero(stat.Median(detectable))
	return n, true
}

// detectables is the smallest change that a session could have seen of a metric; nothing where it could have seen none.
func detectables(v compare.Verdict, series result.Series) []float64 {
	for _, m := range v.Metrics {
		if mde := float64(m.MDE); m.Scenario == series.Scenario && m.Metric == series.Metric && mde >= 0 && !math.IsInf(mde, 0) {
			return []float64{mde}
		}
	}
	return nil
}

func orZero(value float64, err error) float64 {
	if err != nil {
		return 0
	}
	return value
}

// logarithms are those of the samples that count, by run; false without any, or with one that has none.
func logarithms(r *result.Results, like result.Series) (map[int]float64, bool) {
	s, ok := r.Find(like.Scenario, like.Metric)
	if !ok || s.Unit != like.Unit {
		return nil, false
	}
	all := map[int]float64{}
	for _, sample := range s.Usable() {
		if sample.Censored || *sample.Value <= 0 {
			return nil, false
		}
		all[sample.Run] = math.Log(*sample.Value)
	}
	return all, len(all) > 0
}

// values are those of all runs, in their order.
func values(byRun map[int]float64) []float64 {
	all := make([]float64, 0, len(byRun))
	for _, run := range slices.Sorted(maps.Keys(byRun)) {
		all = append(all, byRun[run])
	}
	return all
}

// paired are the differences of head and base in the runs that both have.
func paired(base, head map[int]float64) []float64 {
	var all []float64
	for _, run := range slices.Sorted(maps.Keys(head)) {
		if before, ok := base[run]; ok {
			all = append(all, head[run]-before)
		}
	}
	return all
}
