package compare_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// healthy are the results of a network in which all is well: what each fault of the corpus is put into.
func healthy() *result.Results {
	r := results(
		of("formation_time", scaled(0.1, steady...)...),
		of("formation_success", 1, 1, 1, 1, 1, 1),
		of("average_peers", 4, 4, 4, 4, 4, 4),
		of("disconnections", 0, 0, 0, 0, 0, 0),
		of("memory_private", scaled(1e7, steady...)...),
		of("dht_success", 1, 1, 1, 1, 1, 1),
		of("dht_get_latency_p50", scaled(2e-3, steady...)...),
	)
	builds := of("binary_size", 2e7)
	builds.Scenario = ""
	r.Scenarios = append(r.Scenarios, result.Scenario{Runs: 1, Configuration: "build"})
	r.Series = append(r.Series, builds)
	return r
}

// series finds one to change it.
func series(r *result.Results, name string) *result.Series {
	for i := range r.Series {
		if r.Series[i].Metric == name {
			return &r.Series[i]
		}
	}
	panic("no series " + name)
}

func drop(r *result.Results, name string) {
	for i := range r.Series {
		if r.Series[i].Metric == name {
			r.Series = append(r.Series[:i], r.Series[i+1:]...)
			return
		}
	}
}

// keep cuts every series of the scenario to its first n samples.
func keep(r *result.Results, n int) {
	for i := range r.Series {
		if r.Series[i].Scenario == "quick" {
			r.Series[i].Samples = r.Series[i].Samples[:n]
			r.Series[i].Count = n
		}
	}
	r.Runs = r.Runs[:n]
}

func find(r *result.Results, run int, kind string, node int, text string) {
	r.Runs[run-1].Findings = append(r.Runs[run-1].Findings, result.Finding{Kind: kind, Node: node, Text: text})
}

// invalid keeps a sample of some metrics out of the statistics.
func invalid(r *result.Results, run int, reason string, names ...string) {
	for _, name := range names {
		sample := &series(r, name).Samples[run-1]
		sample.Valid, sample.Reason = false, reason
	}
}

func notFormed(r *result.Results, runs ...int) {
	for _, run := range runs {
		zero, limit := 0.0, 60.0
		series(r, "formation_success").Samples[run-1].Value = &zero
		formation := &series(r, "formation_time").Samples[run-1]
		formation.Value, formation.Censored = &limit, true
		r.Runs[run-1].Formed = false
		find(r, run, result.FindingNotFormed, -1, "3 of 5 nodes had all peers by 60s")
	}
}

func failed(r *result.Results, name, reason string) {
	scenario := series(r, name).Scenario
	s := without(name, result.Failed, reason)
	s.Scenario = scenario
	*series(r, name) = s
}

// fault is one member of the corpus: what a measurement or a file may hold that must never pass in silence.
type fault struct {
	name   string
	head   func(*result.Results)
	base   func(*result.Results)
	reason string
	// want are the whole verdicts that may come of it.
	want []compare.Outcome
}

func faults() []fault {
	all := append(faultsOfNodes(), faultsOfGauges()...)
	all = append(all, faultsOfRuns()...)
	return append(all, faultsOfSeries()...)
}

var (
	fails   = []compare.Outcome{compare.Failed}
	doubts  = []compare.Outcome{compare.Inconclusive}
	refuses = []compare.Outcome{compare.Failed, compare.Inconclusive}
)

func faultsOfNodes() []fault {
	crash := func(run, node int, text string) func(*result.Results) {
		return func(r *result.Results) { find(r, run, result.FindingCrash, node, text) }
	}
	return []fault{
		{"a node crashes at the start", crash(1, 2, "exit status 101 after 0.02s"), nil, "run 1: crash of node 2: exit status 101", fails},
		{"a node crashes in the middle", crash(3, 0, "signal: segmentation fault"), nil, "run 3: crash of node 0: signal: segmentation fault", fails},
		{"a node crashes at the end", crash(6, 4, "panicked at shutdown"), nil, "run 6: crash of node 4", fails},
		{"a node exits 0 at once", crash(2, 1, "exited with 0 before it was asked to"), nil, "exited with 0", fails},
		{"a warm-up run crashes", func(r *result.Results) {
			r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: 1, Warmup: true, Order: 7})
			find(r, 7, result.FindingCrash, 1, "killed")
		}, nil, "warm-up run 1: crash of node 1", fails},
		{"a node never becomes ready", func(r *result.Results) { r.Runs[0].Failure = "node 2 was not ready within 60s" }, nil, "not ready within 60s", fails},
		{"one of five nodes is missing", func(r *result.Results) { r.Runs[4].Failure = "node 3 could not be started: port taken" }, nil, "node 3 could not be started", fails},
		{"the disk is full", func(r *result.Results) { r.Interrupted = "write results: no space left on device" }, nil, "no space left on device", fails},
		{"the build fails", func(r *result.Results) { failed(r, "binary_size", "build: exit status 2") }, nil, "build: exit status 2", fails},
		{"the build leaves no binary", func(r *result.Results) { failed(r, "binary_size", "the build left no file target/node") }, nil, "left no file", fails},
		{"the build leaves the old binary", func(r *result.Results) { failed(r, "binary_size", "the build left the old file") }, nil, "left the old file", fails},
	}
}

func faultsOfGauges() []fault {
	unreadable := func(text string) func(*result.Results) {
		return func(r *result.Results) { failed(r, "average_peers", text) }
	}
	pageOf := func(run int, text string) func(*result.Results) {
		return func(r *result.Results) {
			find(r, run, result.FindingUnreadable, 2, text)
			invalid(r, run, "unreadable", "average_peers", "formation_time")
		}
	}
	return []fault{
		{"the gauge is absent", unreadable("no series communitas_peers_connected on /metrics"), nil, "no series communitas_peers_connected", fails},
		{"the gauge is renamed", unreadable("no series communitas_peers_connected on /metrics, it shows communitas_peers"), nil, "it shows communitas_peers", fails},
		{"the gauge is infinite", unreadable("the gauge is +Inf"), nil, "the gauge is +Inf", fails},
		{"the gauge is negative", func(r *result.Results) {
			find(r, 2, result.FindingGaugeInvalid, 3, "-1 peers")
			invalid(r, 2, "gauge_invalid", "average_peers", "disconnections")
		}, nil, "run 2: gauge_invalid of node 3: -1 peers", fails},
		{"the gauge is frozen", func(r *result.Results) {
			for i := range series(r, "average_peers").Samples {
				series(r, "average_peers").Samples[i].Value = new(2.0)
			}
		}, nil, "average_peers: ", []compare.Outcome{compare.OverTarget, compare.Regressed}},
		{"the page is empty", unreadable("/metrics shows no series"), nil, "/metrics shows no series", fails},
		{"the page has ten megabytes", unreadable("/metrics is larger than 4 MiB"), nil, "larger than 4 MiB", fails},
		{"the page comes drop by drop", pageOf(5, "no answer in time"), nil, "run 5: unreadable of node 2: no answer in time", fails},
		{"the connection is reset", pageOf(1, "connection reset by peer"), nil, "run 1: unreadable of node 2: connection reset by peer", fails},
		{"the gauge is text", unreadable(`line 3: "four" is no number`), nil, "is no number", fails},
		{"the gauge is NaN", unreadable("the gauge is NaN"), nil, "the gauge is NaN", fails},
		{"the page answers 500", unreadable("GET /metrics: 500 Internal Server Error"), nil, "500 Internal Server Error", fails},
		{"the page is HTML in one run", func(r *result.Results) {
			find(r, 2, result.FindingUnreadable, 1, "/metrics is HTML")
			invalid(r, 2, "unreadable", "average_peers")
		}, nil, "run 2: unreadable of node 1: /metrics is HTML", fails},
		{"the gauge is above N-1", func(r *result.Results) {
			find(r, 3, result.FindingGaugeInvalid, 0, "7 peers among 5 nodes")
			invalid(r, 3, "gauge_invalid", "average_peers", "disconnections", "formation_time", "formation_success")
		}, nil, "gauge_invalid of node 0: 7 peers among 5 nodes", fails},
		{"a run left a process behind", func(r *result.Results) {
			find(r, 4, result.FindingLeft, -1, "left on the machine: processes 1, cgroups 0, ports 1, files 0")
		}, nil, "run 4: left_behind: left on the machine: processes 1", fails},
		{"the gauge is above N-1 in all runs", func(r *result.Results) {
			failed(r, "average_peers", "gauge_invalid: 7 peers among 5 nodes")
		}, nil, "gauge_invalid", fails},
		{"the gauge flaps to 0", func(r *result.Results) {
			for i := range series(r, "disconnections").Samples {
				four := 4.0
				series(r, "disconnections").Samples[i].Value = &four
			}
		}, nil, "broke the target = 0", []compare.Outcome{compare.OverTarget, compare.Regressed}},
		{"NaN among the samples", func(r *result.Results) { *series(r, "memory_private").Samples[2].Value = math.NaN() }, nil, "no finite number", fails},
		{"an infinity among the samples", func(r *result.Results) { *series(r, "memory_private").Samples[2].Value = math.Inf(1) }, nil, "no finite number", fails},
		{"a negative time", func(r *result.Results) { *series(r, "formation_time").Samples[2].Value = -1 }, nil, "1 of 6 samples negative", refuses},
	}
}

func faultsOfRuns() []fault {
	return []fault{
		{"no run formed", func(r *result.Results) { notFormed(r, 1, 2, 3, 4, 5, 6) }, nil, "no run formed (0 of 6 within 60s)", fails},
		{"some runs formed", func(r *result.Results) { notFormed(r, 2) }, nil, "5 of 6 succeeded", doubts},
		{"zero runs", func(r *result.Results) { keep(r, 0); r.Series = r.Series[7:] }, nil, "nothing was measured in scenario quick", fails},
		{"no runs were planned", func(r *result.Results) { keep(r, 0); r.Scenarios[0].Runs = 0; r.Series = r.Series[7:] }, nil, "scenario quick has zero runs", fails},
		{"one run", func(r *result.Results) { keep(r, 1) }, nil, "head has 1 sample: too few", doubts},
		{"two runs", func(r *result.Results) { keep(r, 2) }, nil, "head has 2 samples: too few", doubts},
		{"one run of base", nil, func(r *result.Results) { keep(r, 1) }, "base has 1 sample: too few", doubts},
		{"the wall clock jumps back", clockSet(-3600), nil, "run 2 is left out (disturbed: the wall clock was set by -3600.0s)", doubts},
		{"the wall clock jumps forward", clockSet(7200), nil, "run 2 is left out (disturbed: the wall clock was set by +7200.0s)", doubts},
		{"interrupted", func(r *result.Results) { keep(r, 5); r.Interrupted = "signal: interrupt" }, nil, "interrupted: signal: interrupt", fails},
		{"all of base timed out", nil, func(r *result.Results) { notFormed(r, 1, 2, 3, 4, 5, 6) }, "the base is made of failures: formation_success is 0", doubts},
		{"the base errors in milliseconds", nil, func(r *result.Results) {
			for i := range 6 {
				zero, instant := 0.0, 1e-4*steady[i]
				series(r, "dht_success").Samples[i].Value = &zero
				series(r, "dht_get_latency_p50").Samples[i].Value = &instant
			}
		}, "the base is made of failures: dht_success is 0 in all 6 samples", doubts},
		{"nothing at all was measured", func(r *result.Results) { r.Series, r.Scenarios, r.Runs = nil, nil, nil }, nil, "nothing was measured", fails},
	}
}

func faultsOfSeries() []fault {
	set := func(name string, values ...float64) func(*result.Results) {
		return func(r *result.Results) {
			for i := range series(r, name).Samples {
				series(r, name).Samples[i].Value = &values[i%len(values)]
			}
		}
	}
	return []fault{
		{"all samples of a continuous metric are equal", set("memory_private", 1e7), nil, "all 6 samples are equal (10MB)", doubts},
		{"all samples of a continuous metric are zero", set("memory_private", 0), nil, "6 of 6 samples 0", doubts},
		{"one sample of a continuous metric is zero", set("memory_private", 0, 1e7, 1.01e7, 9.9e6, 1.02e7, 9.8e6), nil, "1 of 6 samples 0", doubts},
		{"the baseline is zero", nil, set("memory_private", 0), "the base: 6 of 6 samples 0", doubts},
		{"the baseline is constant", nil, set("memory_private", 1e7), "the base: all 6 samples are equal", doubts},
		{"the binary is empty", set("binary_size", 0), nil, "the value is 0B", doubts},
		{"the base's binary is empty", nil, set("binary_size", 0), "the base: the value is 0B", doubts},
		{"the binary's size timed out", timesOut("binary_size", 1), nil, "timed-out samples of a metric that is no time", doubts},
		{"a build of the base timed out", nil, func(r *result.Results) {
			s := series(r, "binary_size")
			s.Samples, s.Count = append(s.Samples, result.Sample{Run: 2, Value: new(6e7), Valid: true, Censored: true}), 2
		}, "the base: timed-out samples of a metric that is no time", doubts},
		{"counts timed out", timesOut("disconnections", 2), nil, "timed-out samples of a metric that is no time", doubts},
		{"a metric is missing in head", func(r *result.Results) { drop(r, "memory_private") }, nil, "memory_private: failed: missing in head, present in base", fails},
		{"a metric failed in head", func(r *result.Results) { failed(r, "memory_private", "smaps_rollup: permission denied") }, nil, "permission denied", fails},
		{"a metric is no longer measurable", func(r *result.Results) {
			*series(r, "dht_success") = without("dht_success", result.NotMeasurable, "not measurable: node offers L1")
		}, nil, "measured in base, not in head: not measurable: node offers L1", fails},
		{"a metric is missing in base", nil, func(r *result.Results) { drop(r, "memory_private") }, "memory_private: inconclusive: not in the", doubts},
		{"the unit changed", func(r *result.Results) { series(r, "memory_private").Unit = "kB" }, nil, `measured in "kB", but memory_private is defined in "B"`, fails},
		{"the direction changed", func(r *result.Results) { series(r, "memory_private").Better = "higher" }, nil, "defined the other way round", fails},
		{"the unit of a custom metric changed", func(r *result.Results) {
			series(r, "memory_private").Metric = "cache_time"
			series(r, "cache_time").Unit = "ms"
		}, func(r *result.Results) {
			series(r, "memory_private").Metric = "cache_time"
			series(r, "cache_time").Unit = "s"
		}, `the unit changed from "s" in base to "ms" in head`, fails},
		{"the direction of a custom metric changed", func(r *result.Results) {
			series(r, "memory_private").Metric = "cache_time"
			series(r, "cache_time").Better = "higher"
		}, func(r *result.Results) {
			series(r, "memory_private").Metric = "cache_time"
		}, "the direction changed: better was lower in base and is higher in head", fails},
		{"a metric is there twice", func(r *result.Results) { r.Series = append(r.Series, r.Series[0]) }, nil, "is there twice", fails},
		{"a run counts twice", func(r *result.Results) { series(r, "memory_private").Samples[4].Run = 4 }, nil, "run 4 has one already", fails},
		{"a series is shorter than it says", func(r *result.Results) { r.Series[0].Samples = r.Series[0].Samples[:3] }, nil, "3 samples where 6 are announced", fails},
		{"another schema", func(r *result.Results) { r.Schema = "perfgate.results/2" }, nil, "written by another version", fails},
		{"a benchmark prints nothing", benchmarkFails("codec: no line of its output is a benchmark"), nil, "no line of its output is a benchmark", fails},
		{"a benchmark exits with 1", benchmarkFails("codec: exit status 1"), nil, "codec: exit status 1", fails},
		{"a benchmark prints garbage", benchmarkFails(`codec: line 3: "\x00\x01" is no benchmark`), nil, "is no benchmark", fails},
	}
}

// timesOut turns the sample of a run into a time-out.
func timesOut(name string, run int) func(*result.Results) {
	return func(r *result.Results) { timedOut(*series(r, name), 60, run-1) }
}

// clockSet has the clock of the machine set in three runs, which leaves too few of them.
func clockSet(seconds float64) func(*result.Results) {
	return func(r *result.Results) {
		reason := fmt.Sprintf("disturbed: the wall clock was set by %+.1fs", seconds)
		for _, run := range []int{2, 3, 5} {
			r.Runs[run-1].Invalid = reason
			invalid(r, run, reason, "formation_time", "formation_success", "average_peers", "disconnections", "memory_private", "dht_success", "dht_get_latency_p50")
		}
	}
}

// benchmarkFails is a benchmark that gave nothing.
func benchmarkFails(reason string) func(*result.Results) {
	return func(r *result.Results) {
		s := without("binary_size", result.Failed, reason)
		s.Metric, s.Scenario = "codec", ""
		r.Series = append(r.Series, s)
	}
}

// TestNothingOfTheCorpusPassesInSilence puts each fault into a healthy head or base, compares with a second results
// directory and with a recording, and wants the fault named.
func TestNothingOfTheCorpusPassesInSilence(t *testing.T) {
	for _, tc := range faults() {
		t.Run(tc.name, func(t *testing.T) {
			head, base := healthy(), healthy()
			if tc.head != nil {
				tc.head(head)
			}
			if tc.base != nil {
				tc.base(base)
			}
			silent(t, tc, "beside a second results directory", compare.Decide(compare.Input{Head: head, Base: base, Now: now}))
			silent(t, tc, "beside a recording", compare.Decide(compare.Input{Head: head, Baselines: file(t, "", base), Now: now}))
		})
	}
}

func silent(t *testing.T, tc fault, beside string, v compare.Verdict) {
	t.Helper()
	fits := false
	for _, o := range tc.want {
		fits = fits || v.Verdict == o
	}
	if !fits || !strings.Contains(reasons(v), tc.reason) {
		t.Errorf("%s: got %s because %q, want %s because %q; all that was said:\n%s", beside, v.Verdict, v.Reason, tc.want, tc.reason, reasons(v))
	}
}

func TestAHealthyNetworkPasses(t *testing.T) {
	for beside, in := range map[string]compare.Input{
		"a second results directory": {Head: healthy(), Base: healthy(), Now: now},
		"a recording":                {Head: healthy(), Baselines: file(t, "", healthy()), Now: now},
	} {
		if v := compare.Decide(in); v.Verdict != compare.Pass || v.Qualifier != "" || len(v.Problems)+len(v.Warnings) > 0 {
			t.Errorf("beside %s: %s %q\n%s", beside, v.Verdict, v.Qualifier, reasons(v))
		}
	}
	v := compare.Decide(compare.Input{Head: healthy(), Now: now})
	if v.Verdict != compare.Pass || v.Qualifier != "targets only" {
		t.Errorf("without a base: %s %q\n%s", v.Verdict, v.Qualifier, reasons(v))
	}
}

func TestWithoutABaseTheFaultsOfHeadAreStillNamed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		head   func(*result.Results)
		want   compare.Outcome
		reason string
	}{
		{"some runs formed", func(r *result.Results) { notFormed(r, 2) }, compare.Inconclusive, "only 5 of 6 runs succeeded, and there is no base"},
		{"no run formed", func(r *result.Results) { notFormed(r, 1, 2, 3, 4, 5, 6) }, compare.Failed, "no run formed"},
		{"one run", func(r *result.Results) { keep(r, 1) }, compare.Inconclusive, "1 sample: too few for an interval"},
		{"nothing was achieved", func(r *result.Results) {
			for i := range 6 {
				zero := 0.0
				series(r, "dht_success").Samples[i].Value = &zero
			}
		}, compare.Inconclusive, "nothing was achieved"},
		{"nothing was achieved in the only run", func(r *result.Results) {
			keep(r, 1)
			*series(r, "dht_success").Samples[0].Value = 0
		}, compare.Inconclusive, "dht_success: inconclusive: 0 in every run: nothing was achieved"},
		{"zeros", func(r *result.Results) {
			for i := range 6 {
				zero := 0.0
				series(r, "memory_private").Samples[i].Value = &zero
			}
		}, compare.Inconclusive, "6 of 6 samples 0"},
		{"nothing decides", func(r *result.Results) { r.Series = r.Series[4:5]; r.Scenarios = r.Scenarios[:1] }, compare.Inconclusive, "nothing decides"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := healthy()
			tc.head(head)
			if v := compare.Decide(compare.Input{Head: head, Now: now}); v.Verdict != tc.want || !strings.Contains(reasons(v), tc.reason) {
				t.Errorf("got %s, want %s because %q\n%s", v.Verdict, tc.want, tc.reason, reasons(v))
			}
		})
	}
}
