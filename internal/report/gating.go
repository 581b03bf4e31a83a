package report

import (
	"fmt"
	"io"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// Gating writes for a person which metrics do not hold up a verdict where the machine was calibrated, and why; it writes nothing when
// there is none.
func Gating(w io.Writer, file *baseline.File) error {
	for _, c := range file.Calibrations() {
		for _, n := range c.Noise {
			m := known(file, c, n.Metric)
			rule := file.Rule(m, c.Scenario, 0, false)
			least, undecidable := compare.Hidden(m, c, rule, 0)
			if !undecidable {
				continue
			}
			_, err := fmt.Fprintf(w, "%s in %s: %s is undecidable here (sees %s, tolerance %s, calibrated %s): %s\n", calibrated(c), plain(c.Environment), plain(n.Metric),
				ratioText(least), ratioText(rule.Tolerance), c.Time.Format("2006-01-02"), undecidableMend(true))
			if err != nil {
				return fmt.Errorf("write what gates: %w", err)
			}
		}
	}
	return nil
}

// known is a metric as perfgate defines it, or as it was recorded.
func known(file *baseline.File, c baseline.Calibration, name string) metric.Metric {
	if m, ok := metric.Lookup(name); ok {
		return m
	}
	for _, r := range file.Recordings() {
		for _, s := range r.Series {
			if s.Metric == name && r.Environment == c.Environment {
				return metric.Describe(name, s.Unit, s.Better)
			}
		}
	}
	return metric.Describe(name, "", metric.Lower)
}
