package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// CalibrationSchema names the version of what CalibrationsJSON writes.
const CalibrationSchema = "perfgate.calibration/1"

// Calibrations writes for a person what base against base has shown: the noise of each metric, the change that a trial sees, the
// tolerances that cannot be decided here, and how often the gate was wrong. File has the tolerances and policies; head is
// the side of a session, for the units.
func Calibrations(w io.Writer, calibrations []baseline.Calibration, file *baseline.File, head *result.Results, style Style) error {
	p := newPainter(style)
	var undecidable, unknown []string
	for _, c := range calibrations {
		var rows [][]string
		for _, n := range c.Noise {
			rule := ruleOf(file, head, c, n)
			rows = append(rows, []string{
				plain(n.Metric), ratioText(n.Within), between(c, n), ratioText(n.Pair), fmt.Sprintf("%.2f", n.Lag1), seen(n), ratioText(rule.Tolerance), string(rule.Policy),
			})
			least, by := compare.Hidden(describe(head, c, n), c, rule, 0)
			if rule.Policy == metric.Block && least > rule.Tolerance {
				undecidable = append(undecidable, fmt.Sprintf("%s: a change of %s cannot be told from noise, %s can: %s",
					titled(c.Scenario, n.Metric), ratioText(rule.Tolerance), ratioText(least), undecidableMend(by)))
			}
		}
		if c.Sessions < compare.MinSessions {
			unknown = append(unknown, fmt.Sprintf("%s: how much sessions differ is known from %d of them on; calibrate again on another day", calibrated(c), compare.MinSessions))
		}
		if p.text.Len() > 0 {
			p.line("")
		}
		p.line(p.bold(fmt.Sprintf("%s, %s, %s", calibrated(c), count(c.Sessions, "session"), count(c.Pairs, "pair"))))
		p.lines(p.fit([]string{"metric", "within", "between", "of a pair", "lag 1", "sees", "tolerance", "policy"}, rows,
			[]bool{false, true, true, true, true, true, true, false}, func(_, _ int) lipgloss.Style { return p.renderer.NewStyle() }))
	}
	p.section("undecidable here", undecidable)
	p.section("not known yet", unknown)
	p.section("false alarms", falseAlarms(calibrations))
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write calibration: %w", err)
	}
	return nil
}

func calibrated(c baseline.Calibration) string {
	switch {
	case c.Benchmark != "":
		return "benchmark " + plain(c.Benchmark)
	case c.Scenario == "":
		return scenarioName("")
	}
	return plain(c.Scenario)
}

func ruleOf(file *baseline.File, head *result.Results, c baseline.Calibration, n baseline.Noise) baseline.Rule {
	plan, _ := head.Plan(c.Scenario, c.Benchmark)
	return file.Rule(describe(head, c, n), c.Scenario, plan.Nodes, len(head.Overrides) > 0)
}

func describe(head *result.Results, c baseline.Calibration, n baseline.Noise) metric.Metric {
	series, _ := head.Find(c.Scenario, n.Metric)
	return metric.Describe(n.Metric, series.Unit, series.Better)
}

// undecidableMend is what follows for a metric that cannot be decided, and what a person can do.
func undecidableMend(byFar bool) string {
	if byFar {
		return `it blocks only when it is proven worse (policy = "block" has it decided all the same), until it has a greater tolerance or more pairs`
	}
	return "raise its tolerance, let it warn, or give it more pairs"
}

func between(c baseline.Calibration, n baseline.Noise) string {
	if c.Sessions < 2 {
		return "-"
	}
	return ratioText(n.Between)
}

// seen is the change that a trial sees.
func seen(n baseline.Noise) string {
	if n.MDE == 0 {
		return "-"
	}
	return ratioText(n.MDE)
}

// falseAlarms says how often nothing was called worse, and how often it may be: with so few sessions that is not well known.
func falseAlarms(calibrations []baseline.Calibration) []string {
	var lines []string
	for _, c := range calibrations {
		share, err := stat.Proportion(stat.Trials{Successes: c.FalseAlarms, Failures: c.Sessions - c.FalseAlarms}, 0.9)
		if err != nil {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %d of %s called a gated metric regressed though nothing had changed; at most %.0f%% would, with 95%% confidence",
			calibrated(c), c.FalseAlarms, count(c.Sessions, "session"), math.Ceil(100*share.High)))
	}
	return lines
}

// calibration is a calibration in JSON.
type calibration struct {
	Environment   string             `json:"environment"`
	Scenario      string             `json:"scenario"`
	Benchmark     string             `json:"benchmark,omitempty"`
	Configuration string             `json:"configuration"`
	Subject       string             `json:"subject"`
	Time          time.Time          `json:"time"`
	Sessions      int                `json:"sessions"`
	Pairs         int                `json:"pairs"`
	FalseAlarms   int                `json:"false_alarms"`
	Noise         []calibrationNoise `json:"noise"`
}

type calibrationNoise struct {
	Metric  string   `json:"metric"`
	Within  float64  `json:"within"`
	Between *float64 `json:"between"`
	Pair    float64  `json:"pair"`
	Lag1    float64  `json:"lag1"`
	MDE     *float64 `json:"mde"`
}

// CalibrationsJSON writes the same for programs: one indented document that ends with a newline.
func CalibrationsJSON(w io.Writer, calibrations []baseline.Calibration) error {
	document := struct {
		Schema       string        `json:"schema"`
		Calibrations []calibration `json:"calibrations"`
	}{CalibrationSchema, []calibration{}}
	for _, c := range calibrations {
		out := calibration{
			Environment: c.Environment, Scenario: c.Scenario, Benchmark: c.Benchmark, Configuration: c.Configuration, Subject: c.Subject,
			Time: c.Time, Sessions: c.Sessions, Pairs: c.Pairs, FalseAlarms: c.FalseAlarms, Noise: []calibrationNoise{},
		}
		for _, n := range c.Noise {
			one := calibrationNoise{Metric: n.Metric, Within: n.Within, Pair: n.Pair, Lag1: n.Lag1}
			if c.Sessions > 1 {
				one.Between = &n.Between
			}
			if n.MDE > 0 {
				one.MDE = &n.MDE
			}
			out.Noise = append(out.Noise, one)
		}
		document.Calibrations = append(document.Calibrations, out)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write calibration: %w", err)
	}
	return nil
}
