package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// now is the day on which the tests decide.
var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	here      = "fingerprint-of-this-machine"
	elsewhere = "fingerprint-of-another-machine"
)

// results builds a results directory of one scenario "quick" with 5 nodes and 6 planned runs.
func results(series ...result.Series) *result.Results {
	r := &result.Results{
		Schema:      result.Schema,
		Created:     time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC),
		Subject:     result.Subject{Name: "node", Commit: "0123456789abcdef0123456789abcdef01234567"},
		Environment: result.Environment{Fingerprint: here, OS: "linux", Arch: "amd64"},
		Scenarios:   []result.Scenario{{Name: "quick", Nodes: 5, Runs: 6, Configuration: "configuration"}},
		Series:      series,
	}
	for run := range 6 {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: run + 1, Order: run + 1, Formed: true})
	}
	return r
}

// of is a measured series of a built-in metric in scenario quick.
func of(name string, values ...float64) result.Series {
	m, ok := metric.Lookup(name)
	if !ok {
		panic("no metric " + name)
	}
	return custom(m, values...)
}

func custom(m metric.Metric, values ...float64) result.Series {
	s := result.Series{Scenario: "quick", Metric: m.Name, Unit: m.Unit, Better: m.Better, Status: result.Measured}
	for i, v := range values {
		s.Samples = append(s.Samples, result.Sample{Run: i + 1, Value: &v, Valid: true})
	}
	s.Count = len(s.Samples)
	return s
}

// without is a series that has no sample, with its status and reason.
func without(name string, status result.Status, reason string) result.Series {
	s := of(name)
	s.Status, s.Reason, s.Samples = status, reason, []result.Sample{}
	return s
}

// timedOut turns samples of a series into time-outs after the given seconds; samples count from 0.
func timedOut(s result.Series, seconds float64, samples ...int) result.Series {
	for _, i := range samples {
		s.Samples[i].Value, s.Samples[i].Censored = &seconds, true
	}
	return s
}

// scaled multiplies values.
func scaled(factor float64, values ...float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = factor * v
	}
	return out
}

// steady are six samples around 1 with a spread of 1 %; noisy have one of 10 %.
var (
	steady = []float64{1.003, 0.991, 1.012, 0.985, 0.998, 1.009}
	noisy  = []float64{1.03, 0.91, 1.12, 0.85, 0.98, 1.09}
)

// lognormal draws n samples with the given coefficient of variation around center.
func lognormal(random *rand.Rand, n int, center, cv float64) []float64 {
	sigma := math.Sqrt(math.Log1p(cv * cv))
	values := make([]float64, n)
	for i := range values {
		values[i] = center * math.Exp(sigma*random.NormFloat64())
	}
	return values
}

// wide builds results of many gated continuous metrics with the same number of runs.
func wide(random *rand.Rand, metrics, runs int, center, cv float64) *result.Results {
	r := results()
	r.Scenarios[0].Runs, r.Runs = runs, nil
	for i := range metrics {
		m := metric.Describe(fmt.Sprintf("custom/metric-%02d", i), metric.Seconds, metric.Lower)
		r.Series = append(r.Series, custom(m, lognormal(random, runs, center, cv)...))
	}
	return r
}

func entry(v compare.Verdict, name string) compare.Metric {
	for _, m := range v.Metrics {
		if m.Metric == name {
			return m
		}
	}
	return compare.Metric{Reason: "no such metric in the verdict"}
}

// schemaLine begins every baselines.toml of the tests.
const schemaLine = "schema = \"perfgate.baselines/1\"\n"

// file is a baselines.toml with the given people's part, and with what each of the results says as recordings.
func file(t testing.TB, people string, recorded ...*result.Results) *baseline.File {
	t.Helper()
	f, err := baseline.Parse("baselines.toml", []byte(schemaLine+people))
	if err != nil {
		t.Fatal(err)
	}
	var recordings []baseline.Recording
	for _, r := range recorded {
		recordings = append(recordings, record(r)...)
	}
	if len(recordings) == 0 {
		return f
	}
	raw, err := f.WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = baseline.Parse("baselines.toml", raw); err != nil {
		t.Fatal(err)
	}
	return f
}

// record makes recordings without asking whether the results deserve it, as a hand or an older version might have.
func record(r *result.Results) []baseline.Recording {
	var all []baseline.Recording
	for _, plan := range r.Scenarios {
		recording := baseline.Recording{
			Environment: r.Environment.Fingerprint, Scenario: plan.Name, Configuration: plan.Configuration,
			Subject: r.Subject.Name, Commit: r.Subject.Commit, Time: r.Created,
		}
		for _, s := range r.Series {
			if s.Scenario != plan.Name || s.Status != result.Measured {
				continue
			}
			learned := baseline.Series{Metric: s.Metric, Unit: s.Unit, Better: s.Better}
			for _, sample := range s.Usable() {
				if sample.Censored {
					learned.Censored = append(learned.Censored, *sample.Value)
				} else {
					learned.Samples = append(learned.Samples, *sample.Value)
				}
			}
			recording.Series = append(recording.Series, learned)
		}
		all = append(all, recording)
	}
	return all
}

// reasons is everything that a verdict says in words, for tests that look for a cause.
func reasons(v compare.Verdict) string {
	text := v.Qualifier + "\n" + v.Reason + "\n" + strings.Join(v.Warnings, "\n") + "\n"
	for _, p := range v.Problems {
		text += p.Reason + "\n"
	}
	for _, m := range v.Metrics {
		text += m.Metric + ": " + string(m.Verdict) + ": " + m.Reason + "\n"
	}
	return text
}
