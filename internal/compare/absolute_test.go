package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// TestBelowTheFloorNothingIsARegression: base takes 1 ms, the change is a fifth, and the floor says what of it matters.
func TestBelowTheFloorNothingIsARegression(t *testing.T) {
	start := func(factor float64) result.Series { return of("startup_time", scaled(factor*1e-3, steady...)...) }
	for _, tc := range []struct {
		name, people string
		head         float64
		want         compare.Outcome
		reason       string
	}{
		{"without one", "", 1.2, compare.Regressed, "tolerance 10%"},
		{"below it", "floor = \"1ms\"", 1.2, compare.Pass, "stays within 100% (the floor of 1ms)"},
		{"above it", "floor = \"100us\"", 1.2, compare.Regressed, "tolerance 10%"},
		{"above half the tolerance, and not above it", "tolerance = \"30%\"\nfloor = \"250us\"", 1.2, compare.Pass, "stays within 30%"},
		{"neither clearly below nor above", "floor = \"201us\"", 1.2, compare.Inconclusive, "it is below the floor of 201us"},
		{"less than the floor for the better is no improvement", "floor = \"300us\"", 0.8, compare.Pass, "stays within 30%"},
		{"much worse", "floor = \"1ms\"", 3, compare.Regressed, "tolerance 100% (the floor of 1ms)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := limited(t, tc.people, start(1), start(tc.head))
			if got.Verdict != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("%s because %q, want %s because %q", got.Verdict, got.Reason, tc.want, tc.reason)
			}
		})
	}
}

// TestTheFloorHoldsForEveryRule that has a size to hold it against: sizes, levels and counts, also where base is 0.
func TestTheFloorHoldsForEveryRule(t *testing.T) {
	for _, tc := range []struct {
		name, floor string
		base, head  result.Series
		want        compare.Outcome
	}{
		{"a size", "", of("binary_size", 1000), of("binary_size", 1200), compare.Regressed},
		{"a size", "1kB", of("binary_size", 1000), of("binary_size", 1200), compare.Pass},
		{"a level", "", of("average_peers", 4, 4, 4, 4, 4, 4), of("average_peers", 3, 3, 3, 3, 3, 3), compare.Regressed},
		{"a level", "1.5", of("average_peers", 4, 4, 4, 4, 4, 4), of("average_peers", 3, 3, 3, 3, 3, 3), compare.Pass},
		{"a count from 0", "", of("disconnections", 0, 0, 0, 0, 0, 0), of("disconnections", 3, 2, 3, 2, 3, 2), compare.Regressed},
		{"a count from 0", "4", of("disconnections", 0, 0, 0, 0, 0, 0), of("disconnections", 3, 2, 3, 2, 3, 2), compare.Inconclusive},
		{"a level from 0", "", of("disk_write", 0, 0, 0, 0, 0, 0), of("disk_write", 4096, 4096, 4096, 4096, 4096, 4096), compare.Regressed},
		{"a level from 0", "1MB/s", of("disk_write", 0, 0, 0, 0, 0, 0), of("disk_write", 4096, 4096, 4096, 4096, 4096, 4096), compare.Pass},
		{"a level from 0, now and then", "1MB/s", of("disk_write", 0, 0, 0, 0, 0, 0), of("disk_write", 0, 4096, 0, 0, 4096, 0), compare.Pass},
		{"a level from 0, now and then much", "1MB/s", of("disk_write", 0, 0, 0, 0, 0, 0), of("disk_write", 0, 4e6, 0, 0, 4e6, 0), compare.Inconclusive},
		{"a level from 0, above it", "1MB/s", of("disk_write", 0, 0, 0, 0, 0, 0), of("disk_write", 4e6, 4e6, 4e6, 4e6, 4e6, 4e6), compare.Regressed},
		{"a rate that is more than all of it", "20MB/s", rate(1e7), rate(0.5e7), compare.Pass},
		{"a rate", "1MB/s", rate(1e7), rate(0.5e7), compare.Regressed},
	} {
		t.Run(tc.name+" "+tc.floor, func(t *testing.T) {
			people := ""
			if tc.floor != "" {
				people = "floor = \"" + tc.floor + "\""
			}
			got := limited(t, people, tc.base, tc.head)
			if got.RelativeVerdict != tc.want || got.Floor.Present() != (tc.floor != "") {
				t.Errorf("%s because %q, want %s; floor %v", got.RelativeVerdict, got.Reason, tc.want, got.Floor)
			}
		})
	}
}

// limited decides one metric with keys of its table in baselines.toml, and without a target.
func limited(t *testing.T, keys string, base, head result.Series) compare.Metric {
	t.Helper()
	people := "[metric.\"" + base.Metric + "\"]\ntarget = \"none\"\n" + keys + "\n"
	return entry(compare.Decide(compare.Input{Head: results(head), Base: results(base), Baselines: file(t, people), Now: now}), head.Metric)
}

func rate(center float64) result.Series {
	return custom(metric.Describe("custom/rate", metric.BytesPerSecond, metric.Higher), scaled(center, steady...)...)
}

// TestTheFloorHoldsInTrials: a twentieth more than 1 s, and pairs that agree.
func TestTheFloorHoldsInTrials(t *testing.T) {
	for _, tc := range []struct {
		people string
		want   compare.Outcome
		reason string
	}{
		{"tolerance = \"4%\"", compare.Regressed, "worse"},
		{"tolerance = \"4%\"\nfloor = \"150ms\"", compare.Pass, "(the floor of 150ms)"},
	} {
		b, h := timed("time", 24, 3, always(1.06))
		base, head := trialOf([]result.Series{b}, []result.Series{h})
		in := compare.Input{Head: head, Base: base, Now: now, Baselines: file(t, "[metric.\"custom/time\"]\n"+tc.people+"\n")}
		v, e, err := compare.Explain(in, "custom/time")
		if m := entry(v, "custom/time"); err != nil || m.Verdict != tc.want || !strings.Contains(m.Reason, tc.reason) {
			t.Errorf("%s: %s because %q, error %v", tc.people, m.Verdict, m.Reason, err)
		}
		if strings.Contains(tc.people, "floor") {
			if l := e.Metrics[0].Limits; l.Floor != "150ms" || !strings.HasPrefix(l.FloorOrigin, "baselines.toml:") || e.Metrics[0].Matters < 0.14 {
				t.Errorf("explained with %+v, what matters %v", l, e.Metrics[0].Matters)
			}
		}
	}
}

func TestAFloorOfAnotherUnitDecidesNothing(t *testing.T) {
	m := metric.Describe("codec/encode", metric.Seconds, metric.Lower)
	got := limited(t, "floor = \"1kB\"", custom(m, steady...), custom(m, scaled(2, steady...)...))
	if got.Verdict != compare.Inconclusive || !strings.Contains(got.Reason, `the floor cannot be judged: baselines.toml:`) {
		t.Errorf("%s because %q", got.Verdict, got.Reason)
	}
}

func TestAFloorBelowWhichABaseOfNothingMayRise(t *testing.T) {
	zeros := func(value float64) result.Series {
		values := make([]float64, 24)
		for i := range values {
			values[i] = value * float64(i%2)
		}
		return of("disk_write", values...)
	}
	for _, tc := range []struct {
		floor  string
		want   compare.Outcome
		reason string
	}{
		{"1MB/s", compare.Pass, "stays within the floor of 1MB/s"},
		{"1kB/s", compare.Regressed, "worse: +∞"},
	} {
		base, head := trialOf([]result.Series{zeros(0)}, []result.Series{zeros(4096)})
		v := compare.Decide(compare.Input{Head: head, Base: base, Now: now, Baselines: file(t, "[metric.disk_write]\nfloor = \""+tc.floor+"\"\n")})
		if m := entry(v, "disk_write"); m.RelativeVerdict != tc.want || !strings.Contains(m.Reason, tc.reason) {
			t.Errorf("%s: %s because %q", tc.floor, m.RelativeVerdict, m.Reason)
		}
	}
}
