package main

import (
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/runner"
)

func TestOutcomeOfARunInWords(t *testing.T) {
	const busy = "other processes took 48 % of the machine while the network formed"
	for name, test := range map[string]struct {
		progress runner.Progress
		want     string
	}{
		"measured":       {runner.Progress{}, "measured in 2s"},
		"failed":         {runner.Progress{Note: "node 1: killed by SIGSEGV"}, "node 1: killed by SIGSEGV in 2s"},
		"measured again": {runner.Progress{Disturbed: busy, Again: true, Invalid: true}, "disturbed (" + busy + "), measured again"},
		"the last one":   {runner.Progress{Disturbed: busy, Invalid: true}, "measured in 2s, disturbed (" + busy + "): its figures do not count"},
		"kept":           {runner.Progress{Disturbed: busy}, "measured in 2s, disturbed (" + busy + ")"},
		"a warm-up run":  {runner.Progress{Disturbed: busy, Invalid: true, Warmup: true}, "measured in 2s, disturbed (" + busy + ")"},
	} {
		t.Run(name, func(t *testing.T) {
			test.progress.Elapsed = 2 * time.Second
			if got := outcome(test.progress); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
