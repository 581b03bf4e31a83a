package baseline_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
)

func calibrated() baseline.Calibration {
	return baseline.Calibration{
		Environment: "e1", Scenario: "standard", Configuration: "c1", Subject: "node", Time: time.Date(2026, 11, 3, 3, 4, 5, 0, time.UTC),
		Sessions: 5, Pairs: 60, FalseAlarms: 1,
		Noise: []baseline.Noise{{Metric: "formation_time", Within: 0.08, Between: 0.03, Pair: 0.09, Lag1: -0.25, MDE: 0.095}, {Metric: "codec/encode", Within: 0.01, Pair: 0.01}},
	}
}

func TestCalibrationsAreReadAndReplaced(t *testing.T) {
	f := parse(t, whole)
	got, ok := f.Calibration("e1", "standard")
	if diff := cmp.Diff(calibrated(), got); !ok || diff != "" {
		t.Errorf("found %v: -want +got\n%s", ok, diff)
	}
	if noise, ok := got.Of("codec/encode"); !ok || noise != calibrated().Noise[1] {
		t.Errorf("%v, %+v", ok, noise)
	}
	if _, ok := f.BenchmarkCalibration("e1", "standard"); ok {
		t.Error("a scenario's calibration is taken for a benchmark's")
	}
	again, codec := calibrated(), calibrated()
	again.Noise, again.FalseAlarms = again.Noise[:1], 0
	codec.Scenario, codec.Benchmark = "", "codec"
	written, err := f.WithCalibrations([]baseline.Calibration{again, codec})
	if err != nil {
		t.Fatal(err)
	}
	after := parse(t, string(written))
	if diff := cmp.Diff([]baseline.Calibration{codec, again}, after.Calibrations()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(f.Recordings(), after.Recordings()); diff != "" {
		t.Errorf("the recordings changed: -want +got\n%s", diff)
	}
	people, _, _ := strings.Cut(whole, line)
	if !strings.HasPrefix(string(written), people) {
		t.Error("the people's part changed")
	}
}

func TestCalibrationsThatCannotBeAreRefused(t *testing.T) {
	for want, change := range map[string]func(*baseline.Calibration){
		"the environment is missing":                     func(c *baseline.Calibration) { c.Environment = "" },
		`of scenario "standard" and of benchmark "x"`:    func(c *baseline.Calibration) { c.Benchmark = "x" },
		"6 false alarms in 5 sessions":                   func(c *baseline.Calibration) { c.FalseAlarms = 6 },
		"in 0 sessions":                                  func(c *baseline.Calibration) { c.Sessions, c.FalseAlarms = 0, 0 },
		"formation_time is there twice":                  func(c *baseline.Calibration) { c.Noise[1].Metric = "formation_time" },
		"formation_time: NaN is no finite number":        func(c *baseline.Calibration) { c.Noise[0].Between = math.NaN() },
		"formation_time: -1 is no finite number":         func(c *baseline.Calibration) { c.Noise[0].MDE = -1 },
		"formation_time: +Inf is no finite number":       func(c *baseline.Calibration) { c.Noise[0].Pair = math.Inf(1) },
		"formation_time: a correlation of 1.5 cannot be": func(c *baseline.Calibration) { c.Noise[0].Lag1 = 1.5 },
		`"Bad Name" is no metric's name`:                 func(c *baseline.Calibration) { c.Noise[0].Metric = "Bad Name" },
		"no UTF-8 text":                                  func(c *baseline.Calibration) { c.Subject = "\xff" },
		"the time is in the year":                        func(c *baseline.Calibration) { c.Time = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		c := calibrated()
		change(&c)
		written, err := baseline.Empty("b.toml").WithCalibrations([]baseline.Calibration{c})
		if err == nil || written != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %d bytes, %v, want %q", len(written), err, want)
		}
	}
	c := calibrated()
	if _, err := baseline.Empty("b.toml").WithCalibrations([]baseline.Calibration{c, c}); err == nil || !strings.Contains(err.Error(), "twice for one environment") {
		t.Errorf("two of one slot: %v", err)
	}
	for _, tc := range []struct{ text, want string }{
		{schema + "[[calibrated]]\nenvironment = \"e\"\nsessions = 1\nfalse_alarms = 2\ntime = 2026-01-01T00:00:00Z\n", "b.toml:2: calibrated: 2 false alarms"},
		{schema + strings.Repeat("[[calibrated]]\nenvironment = \"e\"\nsessions = 1\ntime = 2026-01-01T00:00:00Z\n", 2), "are those of line 2"},
	} {
		if _, err := baseline.Parse("b.toml", []byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
	}
}
