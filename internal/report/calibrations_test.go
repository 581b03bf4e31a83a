package report_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/report"
)

func TestGoldenCalibrations(t *testing.T) {
	file, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n[metric.memory_private]\ntolerance = \"1%\"\n[metric.startup_time]\npolicy = \"warn\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	calibrations := []baseline.Calibration{
		{
			Environment: "f00d", Scenario: "quick", Configuration: "c", Subject: "node", Time: time.Date(2026, 11, 3, 3, 4, 5, 0, time.UTC),
			Sessions: 5, Pairs: 60, FalseAlarms: 1,
			Noise: []baseline.Noise{
				{Metric: "startup_time", Within: 0.4, Between: 0.1, Pair: 0.5, Lag1: 0.31, MDE: 0.6}, // warns: nobody has to decide it
				{Metric: "formation_time", Within: 0.08, Between: 0.03, Pair: 0.09, Lag1: -0.25, MDE: 0.09},
				{Metric: "throughput", Within: 0.3, Between: 0.1, Pair: 0.4, MDE: 0.45}, // by far
				{Metric: "memory_private", Within: 0.02, Pair: 0.03, MDE: 0.025},
			},
		},
		{
			Environment: "f00d", Benchmark: "codec", Configuration: "d", Subject: "node", Time: time.Date(2026, 11, 3, 3, 4, 5, 0, time.UTC),
			Sessions: 1, Pairs: 6, Noise: []baseline.Noise{{Metric: "codec/encode", Within: 0.01, Pair: 0.01}},
		},
	}
	raw, err := file.WithCalibrations(calibrations)
	if err != nil {
		t.Fatal(err)
	}
	if file, err = baseline.Parse("baselines.toml", raw); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"calibrations.txt":  func(w io.Writer) error { return report.Calibrations(w, calibrations, file, network(1), report.Style{}) },
		"gating.txt":        func(w io.Writer) error { return report.Gating(w, file) },
		"calibrations.json": func(w io.Writer) error { return report.CalibrationsJSON(w, calibrations) },
	} {
		t.Run(name, func(t *testing.T) {
			var buffer bytes.Buffer
			if err := write(&buffer); err != nil {
				t.Fatal(err)
			}
			golden(t, name, buffer.String())
		})
	}
}
