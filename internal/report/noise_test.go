package report_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

func TestGoldenNoise(t *testing.T) {
	r := change(network(1), "formation_time", noisy)
	late := &r.Series[0].Samples[2] // one start timed out, one run gave no valid memory
	late.Censored = true
	r.Series[6].Samples[5].Valid = false
	for name, write := range map[string]func(io.Writer, *result.Results) error{
		"noise.txt": func(w io.Writer, r *result.Results) error { return report.Noise(w, r, report.Style{}) },
		"noise.md":  report.NoiseMarkdown, "noise.json": report.NoiseJSON,
	} {
		t.Run(name, func(t *testing.T) {
			var buffer bytes.Buffer
			if err := write(&buffer, r); err != nil {
				t.Fatal(err)
			}
			golden(t, name, buffer.String())
		})
	}
}
