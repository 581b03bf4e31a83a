package baseline_test

import (
	_ "embed"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

//go:embed testdata/whole.toml
var whole string

const schema = "schema = \"perfgate.baselines/1\"\n"

func parse(t testing.TB, text string) *baseline.File {
	t.Helper()
	f, err := baseline.Parse("baselines.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func recordings() []baseline.Recording {
	build := baseline.Recording{
		Environment: "e1", EnvironmentNote: "linux/amd64, 2 cores", Configuration: "c0", Subject: "node",
		Commit: "0123456789012345678901234567890123456789", BinarySHA256: "ab", Time: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC),
		Traits: []result.Trait{{Name: "CPU quota", Value: "1.5"}, {Name: "kernel", Value: "6.1"}},
		Series: []baseline.Series{
			{Metric: "binary_size", Unit: metric.Bytes, Better: metric.Lower, Samples: []float64{14e6}},
			{Metric: "codec/encode", Unit: metric.Seconds, Better: metric.Lower, Samples: []float64{0.00125, 0.0013}},
		},
	}
	standard := build
	standard.Scenario, standard.Configuration, standard.Traits = "standard", "c1", nil
	standard.Series = []baseline.Series{
		{Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Samples: []float64{0.093, 0.095}, Censored: []float64{60}},
		{Metric: "average_peers", Unit: metric.Peers, Better: metric.Higher, Samples: []float64{4, 4, 3.999}},
	}
	return []baseline.Recording{build, standard}
}

func TestParseReadsBothParts(t *testing.T) {
	f := parse(t, whole)
	if diff := cmp.Diff(recordings(), f.Recordings()); diff != "" {
		t.Errorf("recordings: -want +got\n%s", diff)
	}
	waivers := []baseline.Waiver{
		{Metric: "memory_private", Until: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), Max: 0.15, Reason: "the new cache", Line: 21},
		{Metric: "memory_private", Scenario: "standard", Until: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Max: 0.2, Reason: "the new cache, twice", Line: 26},
	}
	if diff := cmp.Diff(waivers, f.Waivers()); diff != "" {
		t.Errorf("waivers: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"binary_size", "codec/encode", "cpu_idle", "formation_time"}, f.Metrics()); diff != "" {
		t.Errorf("metrics: -want +got\n%s", diff)
	}
	if got, ok := f.Recording("e1", "standard"); !ok || got.Configuration != "c1" {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := f.Recording("e2", "standard"); ok {
		t.Error("a recording of an environment that is not there")
	}
}

func TestEmptyFiles(t *testing.T) {
	size := builtin(t, "binary_size")
	want := baseline.Rule{
		Target:    &baseline.Target{Op: "<", Value: 50e6, Text: "< 50MB", Origin: "default"},
		Tolerance: 0.02, Policy: metric.Block, TargetPolicy: metric.Block,
		ToleranceOrigin: baseline.DefaultOrigin, PolicyOrigin: baseline.DefaultOrigin, TargetPolicyOrigin: baseline.DefaultOrigin,
	}
	for name, f := range map[string]*baseline.File{
		"nil": nil, "zero": {}, "absent": baseline.Empty("b.toml"), "empty": parse(t, ""), "comments": parse(t, "\xef\xbb\xbf# mine\r\n"), "schema": parse(t, schema),
	} {
		if diff := cmp.Diff(want, f.Rule(size, "", 0, false)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if f.Recordings() != nil || f.Waivers() != nil || f.Metrics() != nil || f.Check(nil, nil) != nil {
			t.Errorf("%s: not empty", name)
		}
	}
}

func TestBadFilesNameFileLineKeyAndMend(t *testing.T) {
	waiver := schema + "[[waiver]]\nmetric = \"log_errors\"\nuntil = 2026-12-31\nmax = \"15%\"\nreason = \"r\"\n"
	recorded := schema + "[[recorded]]\nenvironment = \"e\"\ntime = 2026-01-01T00:00:00Z\n"
	for _, tc := range []struct{ name, text, want string }{
		{"no schema", "[metric.x]\n", `baselines.toml:1: schema: is missing (write schema = "perfgate.baselines/1" at the top of the file)`},
		{"newer schema", "schema = \"perfgate.baselines/2\"", `baselines.toml:1: schema: "perfgate.baselines/2" was written for a newer perfgate; this one reads "perfgate.baselines/1" (update perfgate)`},
		{"a merge conflict", schema + "<<<<<<< HEAD\n", "baselines.toml:2: expected '.' or '=', but got '<' instead"},
		{"unknown key", schema + "[metric.formation_time]\ntolerence = 0.1", "baselines.toml:3: metric.formation_time.tolerence: unknown key (did you mean tolerance?)"},
		{"no metric's name", schema + "[metric.\"formation time\"]", `baselines.toml:2: metric."formation time": "formation time" is no metric's name (a built-in metric, one of [node.metrics], or "benchmark/metric")`},
		{"target in another unit", schema + "[metric.formation_time]\ntarget = \"< 30MB\"", `baselines.toml:3: metric.formation_time.target: target: "30MB": suffix "MB" does not fit the unit s (use h, min, s, ms, µs, ns, us, m)`},
		{"target without unit", schema + "[metric.formation_time.scenario.a]\ntarget = \"< 30\"", `baselines.toml:3: metric.formation_time.scenario.a.target: target: "30": suffix "" does not fit the unit s (use h, min, s, ms, µs, ns, us, m)`},
		{"target without comparison", schema + "[metric.formation_time]\ntarget = \"30s\"", `baselines.toml:3: metric.formation_time.target: "30s" does not start with one of <, <=, >, >=, = (such as "< 30s", ">= 4.0", "= 0", or "none")`},
		{"target of a custom metric", schema + "[metric.mine]\ntarget = \"=< 3\"", `baselines.toml:3: metric.mine.target: "=< 3" does not start with one of <, <=, >, >=, = (such as "< 30s", ">= 4.0", "= 0", or "none")`},
		{"target without number", schema + "[metric.mine]\ntarget = \"< many\"", `baselines.toml:3: metric.mine.target: "< many" has no number behind the < (such as "< 30s", ">= 4.0", "= 0", or "none")`},
		{"negative tolerance", schema + "[metric.mine]\ntolerance = \"-1%\"", `baselines.toml:3: metric.mine.tolerance: -1% is below 0 (such as "10%")`},
		{"negative floor", schema + "[metric.mine]\nfloor = \"-1ms\"", `baselines.toml:3: metric.mine.floor: "-1ms" is no size (the smallest absolute change that matters, such as "1ms" or "100kB")`},
		{"floor of another unit", schema + "[metric.startup_time]\nfloor = \"1kB\"", `baselines.toml:3: metric.startup_time.floor: "1kB": suffix "kB" does not fit the unit s (use h, min, s, ms, µs, ns, us, m)`},
		{"huge tolerance", schema + "[metric.mine]\ntolerance = \"1001%\"", `baselines.toml:3: metric.mine.tolerance: 1001% is more than 1000 % (such as "10%" or 0.10)`},
		{"percent as a number", schema + "[metric.mine]\ntolerance = 10", `baselines.toml:3: metric.mine.tolerance: 10 would be 1000 % (write "10%" or "1000%")`},
		{"tolerance without percent", schema + "[metric.mine]\ntolerance = \"10\"", `baselines.toml:3: metric.mine.tolerance: "10" is no share (such as "10%" or 0.10)`},
		{"tolerance that is no number", schema + "[metric.mine]\ntolerance = nan", `baselines.toml:3: metric.mine.tolerance: NaN is more than 1000 % (such as "10%" or 0.10)`},
		{"tolerance of another type", schema + "[metric.mine]\ntolerance = [1]", `baselines.toml:3: metric.mine.tolerance: [1] is no share (such as "10%" or 0.10)`},
		{"unknown policy", schema + "[metric.mine]\npolicy = \"blok\"", `baselines.toml:3: metric.mine.policy: "blok" is unknown (did you mean block?)`},
		{"scenario of a build metric", schema + "[metric.binary_size.scenario.standard]\ntarget = \"none\"", "baselines.toml:2: metric.binary_size.scenario: binary_size belongs to no scenario (write its keys under [metric.binary_size])"},
		{"empty waiver", schema + "[[waiver]]\n", "baselines.toml:2: waiver.metric: \"\" is no metric's name (a built-in metric, one of [node.metrics], or \"benchmark/metric\")\n" +
			"baselines.toml:2: waiver.reason: is missing (say why the regression is accepted)\n" +
			"baselines.toml:2: waiver.until: is missing (write the last day as a date without quotes: until = 2026-12-31)\n" +
			"baselines.toml:2: waiver.max: is missing (say how much is accepted, such as max = \"15%\")"},
		{"waiver of nothing", schema + "[[waiver]]\nmetric = \"log_errors\"\nuntil = 2026-12-31\nreason = \"r\"\nmax = 0", `baselines.toml:6: waiver.max: 0 waives nothing (say how much is accepted, such as max = "15%")`},
		{"waiver until a time", schema + "[[waiver]]\nmetric = \"log_errors\"\nuntil = 2026-12-31T10:00:00Z\nreason = \"r\"\nmax = 0.1", "baselines.toml:4: waiver.until: 2026-12-31 10:00:00 +0000 UTC is no plain date (write the last day as a date without quotes: until = 2026-12-31)"},
		{"waiver until a text", waiver[:len(waiver)-len("reason = \"r\"\n")] + "scenario = \"a\"\nreason = \"r\"\n[[waiver]]\nmetric = \"log_errors\"\nmax = 0.1\nreason = \"r\"\nuntil = \"2026-12-31\"", "baselines.toml:12: waiver.until: 2026-12-31 is no plain date (write the last day as a date without quotes: until = 2026-12-31)"},
		{"doubled waiver", waiver + waiver[len(schema):], "baselines.toml:7: waiver: the waiver at line 2 is for the same (keep one of the two)"},
		{"waiver of a build metric in a scenario", waiver + "scenario = \"a\"\n[[waiver]]\nmetric = \"build_time\"\nscenario = \"a\"\nuntil = 2026-12-31\nmax = 0.1\nreason = \"r\"", "baselines.toml:10: waiver.scenario: build_time belongs to no scenario (drop the scenario)"},
		{"doubled recording", recorded + recorded[len(schema):], "baselines.toml:5: recorded: environment and scenario are those of line 2 (delete one of the two)"},
		{"recording of no environment", schema + "[[recorded]]\ntime = 2026-01-01T00:00:00Z", "baselines.toml:2: recorded: the environment is missing (record again)"},
		{"recorded NaN", recorded + "series.a = { unit = \"s\", better = \"lower\", samples = [nan] }", "baselines.toml:5: recorded.series.a: NaN is no finite number (record again)"},
		{"recorded direction", recorded + "series.a = { unit = \"s\", better = \"up\", samples = [1] }", `baselines.toml:5: recorded.series.a: better is "up", not lower or higher (record again)`},
		{"recorded nothing", recorded + "series.a = { unit = \"s\", better = \"lower\", samples = [] }", "baselines.toml:5: recorded.series.a: there is no sample (record again)"},
		{"recorded text", recorded + "series.a = { unit = \"s\", better = \"lower\", samples = [\"1\"] }", "baselines.toml:5: recorded.series.a.samples: is a string, wants a number"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := baseline.Parse("baselines.toml", []byte(tc.text))
			if err == nil || f != nil {
				t.Fatalf("got %v, %v, want %s", f, err, tc.want)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCheckFindsWhatNeedsTheMetrics(t *testing.T) {
	mine := metric.Describe("mine", metric.Bytes, metric.Lower)
	encode := metric.Describe("codec/encode", metric.Seconds, metric.Lower)
	metrics := []metric.Metric{mine, encode}
	for _, tc := range []struct {
		name, text string
		scenarios  []string
		want       string
	}{
		{"all is well", "[metric.mine]\ntarget = \"< 3MB\"\n[metric.\"codec/encode\".scenario]\n", nil, ""},
		{"no target", "[metric.cpu_idle]\ntarget = \"none\"\n[metric.mine.scenario.quick]\ntarget = \" none\"\n", nil, ""},
		{"a benchmark that did not run", "[metric.\"hash/sum\"]\ntarget = \"< 3MB\"", nil, ""},
		{"mistyped metric", "[metric.formation_tiem]\n", nil, `baselines.toml:2: metric.formation_tiem: there is no metric "formation_tiem" (did you mean formation_time?)`},
		{"unknown metric", "[metric.unheard_of]\n", nil, `baselines.toml:2: metric.unheard_of: there is no metric "unheard_of" (a custom metric is declared under [node.metrics] of perfgate.toml)`},
		{"target in another unit", "[metric.mine]\ntarget = \"< 3s\"", nil, `baselines.toml:3: metric.mine.target: target: "3s": suffix "s" does not fit the unit B (use GB, MB, kB, B, GiB, MiB, KiB)`},
		{"target of a benchmark", "[metric.\"codec/encode\"]\ntarget = \"< 3\"", nil, `baselines.toml:3: metric."codec/encode".target: target: "3": suffix "" does not fit the unit s (use h, min, s, ms, µs, ns, us, m)`},
		{"mistyped scenario", "[metric.mine.scenario.standrad]\n", []string{"standard", "quick"}, `baselines.toml:2: metric.mine.scenario.standrad: there is no scenario "standrad" (did you mean standard?)`},
		{"scenarios unknown", "[metric.mine.scenario.standrad]\n", nil, ""},
		{"waiver", "[[waiver]]\nmetric = \"mien\"\nscenario = \"x\"\nuntil = 2026-12-31\nmax = 0.1\nreason = \"r\"", []string{"standard"},
			"baselines.toml:3: waiver.metric: there is no metric \"mien\" (did you mean mine?)\n" +
				"baselines.toml:4: waiver.scenario: there is no scenario \"x\" (there are: standard)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			if err := parse(t, schema+tc.text).Check(metrics, tc.scenarios); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func builtin(t testing.TB, name string) metric.Metric {
	t.Helper()
	m, ok := metric.Lookup(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return m
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(schema + "[metric.a]\ntolerance = 1\n"))
	f.Add([]byte("# only a comment"))
	f.Add([]byte("\xef\xbb\xbf" + schema + "# perfgate:recorded\r\n[[recorded]]\nenvironment='e'\ntime=2026-01-01T00:00:00.5+02:00\nseries.a={unit='s',better='lower',samples=[-0.0,1e300,1e-300]}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := baseline.Parse("f", raw)
		if (err == nil) == (file == nil) {
			t.Fatalf("got %v, %v", file, err)
		}
		if err != nil {
			return
		}
		for _, m := range metric.Builtin() {
			rule := file.Rule(m, "standard", 5, false)
			if rule.TargetErr != nil || rule.Tolerance < 0 || rule.Policy == "" {
				t.Fatalf("%s: %+v", m.Name, rule)
			}
		}
		file.Check(nil, nil)
		written, err := file.WithRecordings(recordings())
		if err != nil {
			return // it would lose what people wrote
		}
		again, err := baseline.Parse("f", written)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		twice, err := again.WithRecordings(nil)
		if err != nil || string(twice) != string(written) {
			t.Fatalf("not stable: %v\n%s\n---\n%s", err, written, twice)
		}
	})
}
