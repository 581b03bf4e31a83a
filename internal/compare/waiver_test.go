package compare_test

import (
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

func waiver(metric, until, size string) string {
	return "[[waiver]]\nmetric = \"" + metric + "\"\nuntil = " + until + "\nmax = \"" + size + "\"\nreason = \"the new cache\"\n"
}

func TestWaivers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		waiver  string
		factor  float64
		want    compare.Outcome
		reason  string
		warning string
	}{
		{"holds", waiver("memory_private", "2026-12-31", "15%"), 1.12, compare.Pass, "waived up to 15% until 2026-12-31: the new cache", ""},
		{"holds on its last day", waiver("memory_private", "2026-11-20", "15%"), 1.12, compare.Pass, "waived", ""},
		{"is exceeded", waiver("memory_private", "2026-12-31", "15%"), 1.3, compare.Regressed, "exceeds the waiver in line 2 of baselines.toml of at most 15%", ""},
		{"has expired", waiver("memory_private", "2026-11-19", "15%"), 1.12, compare.Regressed, "the waiver in line 2 of baselines.toml expired on 2026-11-19", ""},
		{"is not needed", waiver("memory_private", "2026-12-31", "15%"), 1, compare.Pass, "stays within", "memory_private is no longer worse than base"},
		{"has expired and is not needed", waiver("memory_private", "2026-11-19", "15%"), 1, compare.Pass, "stays within", "expired on 2026-11-19 and is not needed"},
		{"is for a metric that was not measured here", waiver("throughput", "2026-12-31", "15%"), 1, compare.Pass, "stays within", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{
				Base: results(of("memory_private", steady...)), Head: results(of("memory_private", scaled(tc.factor, steady...)...)),
				Baselines: file(t, tc.waiver), Now: now,
			})
			got, warnings := entry(v, "memory_private"), strings.Join(v.Warnings, "\n")
			if got.Verdict != tc.want || v.Verdict != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("got %s, whole %s, because %q; want %s because %q", got.Verdict, v.Verdict, got.Reason, tc.want, tc.reason)
			}
			if !strings.Contains(warnings, tc.warning) || (tc.warning == "") != (warnings == "") {
				t.Errorf("warnings %q, want %q", warnings, tc.warning)
			}
			if waived := strings.Contains(tc.reason, "waived"); waived != (got.Waived != "") {
				t.Errorf("waived is %q", got.Waived)
			}
		})
	}
}

// What a stored baseline cannot prove is waived like what it could.
func TestAWaiverCoversWhatOnlyLooksWorse(t *testing.T) {
	in := compare.Input{
		Head: results(of("memory_private", scaled(1.12, steady...)...)), Now: now,
		Baselines: file(t, waiver("memory_private", "2026-12-31", "15%"), results(of("memory_private", steady...))),
	}
	if v := compare.Decide(in); v.Verdict != compare.Pass || !strings.Contains(v.Metrics[0].Reason, "looks worse by +12%") {
		t.Errorf("%s because %q", v.Verdict, v.Metrics[0].Reason)
	}
	in.Now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if v := compare.Decide(in); v.Verdict != compare.Inconclusive || !strings.Contains(v.Metrics[0].Reason, "expired on 2026-12-31") {
		t.Errorf("after its last day: %s because %q", v.Verdict, v.Metrics[0].Reason)
	}
}

// What has crept in since a release is waived like what a base shows, by its size since the release.
func TestAWaiverCoversWhatHasCreptIn(t *testing.T) {
	for _, tc := range []struct {
		name          string
		waiver        string
		base, head    float64 // sizes; that of the release is 1e6
		want          compare.Outcome
		waived        bool
		said, warning string
	}{
		{"holds", waiver("binary_size", "2026-12-31", "15%"), 1.1e6, 1.11e6, compare.Pass, true, "since release v1.2.0 worse: +11%, tolerance 2%; waived up to 15%", ""},
		{"is exceeded since the release alone", waiver("binary_size", "2026-12-31", "5%"), 1.08e6, 1.11e6, compare.Regressed, false, "+11%, tolerance 2%; exceeds the waiver in line 2 of baselines.toml of at most 5%", ""},
		{"has expired", waiver("binary_size", "2026-11-19", "15%"), 1.1e6, 1.1e6, compare.Regressed, false, "expired on 2026-11-19", ""},
		{"covers both", waiver("binary_size", "2026-12-31", "15%"), 1.05e6, 1.12e6, compare.Pass, true, "waived", ""},
		{"is not needed since the next release", waiver("binary_size", "2026-12-31", "15%"), 1e6, 1e6, compare.Pass, false, "unchanged", "binary_size is no longer worse"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := results(of("binary_size", tc.head))
			head.Scenarios[0].Runs = 1
			v := compare.Decide(compare.Input{
				Head: head, Base: results(of("binary_size", tc.base)), Now: now,
				Baselines: released(t, file(t, tc.waiver), results(of("binary_size", 1e6))),
			})
			got, warnings := entry(v, "binary_size"), strings.Join(v.Warnings, "\n")
			if got.Verdict != tc.want || v.Verdict != tc.want || !strings.Contains(got.Reason, tc.said) || (got.Waived != "") != tc.waived {
				t.Errorf("%s, whole %s, waived %q, because %q; want %s because %q", got.Verdict, v.Verdict, got.Waived, got.Reason, tc.want, tc.said)
			}
			if !strings.Contains(warnings, tc.warning) || (tc.warning == "") != (warnings == "") {
				t.Errorf("warnings %q, want %q", warnings, tc.warning)
			}
		})
	}
}

func TestAWaiverForAnUnknownMetric(t *testing.T) {
	decide := func(name string, r *result.Results) compare.Verdict {
		return compare.Decide(compare.Input{Base: r, Head: r, Baselines: file(t, waiver(name, "2026-12-31", "15%")), Now: now})
	}
	network := results(of("memory_private", steady...))
	v := decide("memory_privat", network)
	if v.Verdict != compare.Inconclusive || len(v.Problems) != 1 || !strings.Contains(v.Reason, `for "memory_privat", a metric that nothing here measures`) {
		t.Errorf("%s because %q, problems %+v", v.Verdict, v.Reason, v.Problems)
	}
	for name, r := range map[string]*result.Results{"codec/encode": network, "dht_records": func() *result.Results {
		builds := results()
		size := of("binary_size", 1e6)
		size.Scenario = ""
		builds.Scenarios, builds.Runs, builds.Series = []result.Scenario{{Runs: 1, Configuration: "c"}}, nil, []result.Series{size}
		return builds
	}()} {
		v := decide(name, r)
		if v.Verdict != compare.Pass || !strings.Contains(strings.Join(v.Warnings, "\n"), "a metric that nothing here measures") {
			t.Errorf("%s, which another invocation may measure: %s because %q, warnings %q", name, v.Verdict, v.Reason, v.Warnings)
		}
	}
}
