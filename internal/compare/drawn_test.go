package compare_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// drawer draws measurements of which nobody would think: what a verdict says of them is worth only what it said before.
type drawer struct{ *rand.Rand }

// pick returns any of its arguments.
func pick[T any](d drawer, of ...T) T { return of[d.IntN(len(of))] }

// draw is one metric: sample draws a run of base for 1, and of head for change.
type draw struct {
	metric metric.Metric
	sample func(center float64) float64
	change float64
	// rounded ties values, limit is the time-out above which a sample is one; 0 for neither.
	rounded, limit float64
}

// draws are metrics of every kind, each with a noise and a change of its own.
func (d drawer) draws() []draw {
	all := []draw{}
	for _, name := range []string{"custom/time", "custom/rate", "custom/coarse", "custom/late"} {
		m := metric.Describe(name, metric.Seconds, metric.Lower)
		if name == "custom/rate" {
			m = metric.Describe(name, metric.BytesPerSecond, metric.Higher)
		}
		cv := pick(d, 0.005, 0.02, 0.05, 0.1, 0.3)
		w := draw{metric: m, change: pick(d, 0.5, 0.8, 0.9, 0.95, 1, 1, 1, 1.03, 1.05, 1.07, 1.1, 1.2, 1.5)}
		w.sample = func(center float64) float64 { return center * math.Exp(cv*d.NormFloat64()) }
		switch name {
		case "custom/coarse":
			w.rounded = pick(d, 0.02, 0.1, 0.5)
		case "custom/late":
			w.limit = pick(d, 1.05, 1.3, 2)
		}
		all = append(all, w)
	}
	rare, seldom := pick(d, 0.0, 0.1, 1, 8), pick(d, 0.0, 0, 0.02, 0.3)
	return append(all,
		draw{metric: described("average_peers"), change: pick(d, 0.8, 0.95, 1, 1, 1), sample: func(c float64) float64 { return min(4, 4*c+pick(d, 0, 0, 0, -0.25)) }},
		draw{metric: described("memory_slope"), change: pick(d, 1, 1, 1.5, 3), sample: func(c float64) float64 { return 900*(c-1) + 300*d.NormFloat64() }},
		draw{
			metric: described("formation_time"), change: pick(d, 1, 1, 1.1, 1.5), limit: pick(d, 1.3, 99.0),
			sample: func(c float64) float64 { return c * math.Exp(0.1*d.NormFloat64()) },
		},
		draw{metric: described("log_warnings"), change: pick(d, 0, 1, 1, 1.5, 3), sample: func(c float64) float64 { return d.poisson(rare * c) }},
		draw{metric: described("disconnections"), change: pick(d, 1, 1, 3.0), sample: func(c float64) float64 { return d.poisson(seldom * c) }},
		draw{metric: described("formation_success"), change: pick(d, 1, 1, 0.9, 0.5), sample: func(c float64) float64 {
			if d.Float64() < c {
				return 1
			}
			return 0
		}},
	)
}

func described(name string) metric.Metric {
	m, _ := metric.Lookup(name)
	return m
}

func (d drawer) poisson(mean float64) float64 {
	n := 0.0
	for t := d.ExpFloat64(); t < mean; t += d.ExpFloat64() {
		n++
	}
	return n
}

// series draws n samples of both sides.
func (w draw) series(n int) (base, head result.Series) {
	side := func(center float64) result.Series {
		var late []int
		values := make([]float64, n)
		for i := range values {
			values[i] = w.sample(center)
			if w.rounded > 0 {
				values[i] = w.rounded * math.Round(values[i]/w.rounded)
			}
			if w.limit > 0 && values[i] > w.limit {
				late = append(late, i)
			}
		}
		return timedOut(custom(w.metric, values...), w.limit, late...)
	}
	return side(1), side(w.change)
}

// spoil makes some runs of a side void, in the ways in which a machine does, and has others at work beside them.
func (d drawer) spoil(r *result.Results, others float64) {
	for i := range r.Runs {
		share, spin := others*d.Float64(), 0.1
		switch d.IntN(40) {
		case 0:
			r.Runs[i].Invalid = "disturbed: the machine was busy"
			for k := range r.Series {
				r.Series[k].Samples[i].Valid, r.Series[k].Samples[i].Reason = false, r.Runs[i].Invalid
			}
		case 1:
			spin = pick(d, 0.109, 0.115, 0.15)
		}
		r.Runs[i].Controls = &result.Controls{Spin: &spin}
		r.Runs[i].Machine = &result.Machine{Steady: &result.MachinePhase{Seconds: 2, Cores: 2, OthersRatio: &share}}
	}
}

// input draws one comparison: a trial, two results of one session, or results beside a recording.
func (d drawer) input(t *testing.T) (string, compare.Input) {
	t.Helper()
	kind := pick(d, "trial", "trial", "session", "recording")
	n := pick(d, 3, 5, 8, 10)
	if kind == "trial" {
		n = pick(d, 5, 6, 9, 12, 15, 20, 24)
	}
	var base, head []result.Series
	for _, w := range d.draws() {
		b, h := w.series(n)
		base, head = append(base, b), append(head, h)
	}
	b, h := trialOf(base, head)
	d.spoil(b, pick(d, 0.01, 0.01, 0.01, 0.3))
	d.spoil(h, pick(d, 0.01, 0.01, 0.01, 0.3))
	d.build(b, h)
	if looks := []int{n}; d.IntN(4) == 0 {
		b.Trial.Looks, h.Trial.Looks = looks, looks
	}
	in := compare.Input{Head: h, Base: b, Baselines: d.release(t, b), Now: now, Options: compare.Options{Alpha: pick(d, 0, 0, 0.01)}}
	if kind != "trial" {
		b.Trial, h.Trial = nil, nil
	}
	if kind == "recording" {
		in.Base, in.Baselines = nil, d.calibrated(t, file(t, d.people(), b), h)
	}
	return fmt.Sprintf("%s of %d", kind, n), in
}

// build adds what both sides were built to.
func (d drawer) build(base, head *result.Results) {
	for _, r := range []*result.Results{base, head} {
		size := of("binary_size", pick(d, 1.9e7, 2e7, 2.001e7, 2.2e7))
		size.Scenario = ""
		r.Series = append(r.Series, size)
		r.Scenarios = append(r.Scenarios, result.Scenario{Runs: 1, Configuration: "build"})
	}
}

// release is a file with the recording of a release from which base has grown, or has not.
func (d drawer) release(t *testing.T, base *result.Results) *baseline.File {
	t.Helper()
	older := *base
	older.Series = nil
	since := pick(d, 1, 1, 0.85)
	for _, s := range base.Series {
		samples := slices.Clone(s.Samples)
		for i := range samples {
			samples[i].Value = new(since * *samples[i].Value)
		}
		s.Samples = samples
		older.Series = append(older.Series, s)
	}
	return released(t, file(t, d.people()), &older)
}

// people is what a file of baselines says of the metrics.
func (d drawer) people() string {
	return fmt.Sprintf(`
[metric."custom/time"]
tolerance = %q
target = %q
[metric."custom/rate"]
floor = %q
[metric."custom/coarse"]
policy = %q
[[waiver]]
metric = "custom/time"
until = 2026-12-31
max = %q
reason = "it is worth it"
`, pick(d, "0%", "2%", "5%", "10%"), pick(d, "< 900ms", "< 1s", "< 2s", "< 2s"), pick(d, "1MB/s", "0.05B/s", "0.2B/s"), pick(d, "block", "warn"), pick(d, "6%", "30%"))
}

// calibrated adds, to every second file, what the machine is known to show without a change.
func (d drawer) calibrated(t *testing.T, f *baseline.File, r *result.Results) *baseline.File {
	t.Helper()
	if d.IntN(2) == 0 {
		return f
	}
	c := baseline.Calibration{
		Environment: here, Scenario: "quick", Configuration: "configuration", Subject: "node", Time: now, Sessions: 4, Pairs: pick(d, 4, 48),
	}
	for _, s := range r.Series[:4] {
		c.Noise = append(c.Noise, baseline.Noise{
			Metric: s.Metric, Within: 0.05, Between: pick(d, 0, 0.01, 0.04), Pair: pick(d, 0.02, 0.06), MDE: pick(d, 0, 0.08),
		})
	}
	return with(t, f, c)
}

// TestVerdictsOfDrawnMeasurementsStay compares what is said of drawn measurements with testdata/drawn.txt: whoever changes how
// something is decided sees there which verdicts become others, and which numbers.
func TestVerdictsOfDrawnMeasurementsStay(t *testing.T) {
	var got bytes.Buffer
	for world := range uint64(48) {
		kind, in := drawer{rand.New(rand.NewPCG(20261130, world))}.input(t)
		v := compare.Decide(in)
		fmt.Fprintf(&got, "# %d: %s: %s: %s\n", world, kind, v.Verdict, v.Reason)
		for _, m := range v.Metrics {
			fmt.Fprintln(&got, line(m))
		}
		for _, said := range slices.Concat(v.Warnings, v.Next) {
			fmt.Fprintf(&got, "  %s\n", said)
		}
	}
	golden(t, "drawn.txt", got.String())
}

// line is what is said of one metric, with numbers of so many digits as every machine has in common.
func line(m compare.Metric) string {
	number := func(n compare.Number) string {
		if !n.Present() {
			return "-"
		}
		return fmt.Sprintf("%.4g", float64(n))
	}
	text := fmt.Sprintf("%s %s: %s", m.Metric, m.Verdict, m.Reason)
	for _, n := range []compare.Number{m.Base, m.Head, m.Change, m.ChangeLow, m.ChangeHigh, m.PValue, m.PAdjusted, m.MDE} {
		text += " " + number(n)
	}
	return fmt.Sprintf("%s rough=%t budget=%t %d/%d pairs=%d at=%d open=%t more=%d", text, m.MDERough, m.InBudget, m.BaseSamples, m.HeadSamples,
		m.Pairs, m.DecidedAt, m.Open, m.MoreRuns)
}
