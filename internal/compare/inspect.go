package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// productive tells the built-in shares of what should have happened: a series of zeros means that nothing worked, and
// that no time beside it can be trusted.
func productive(name string) bool {
	m, ok := metric.Lookup(name)
	return ok && m.Unit == metric.Ratio && m.Better == metric.Higher
}

// inspect looks at head before any statistics: whole, alive, complete.
func (d *decider) inspect() {
	head := d.in.Head
	if head.Interrupted != "" {
		d.problem("", Failed, "interrupted: "+head.Interrupted)
	}
	for _, plan := range d.plans {
		for _, fault := range d.faultsOf(plan) {
			d.problemOf(plan, Failed, fault)
		}
		d.inspectMute(plan)
		if d.identical(plan) {
			d.warn("%s was not measured: both sides have the same binary and configuration (--measure-identical measures all the same)", place(plan))
		} else if reason := empty(head, plan); reason != "" {
			d.problemOf(plan, Failed, reason)
		}
		d.remarks(plan)
	}
	for _, plan := range d.bases.plans {
		if !holds(head, plan) {
			d.problem(plan.Name, Failed, fmt.Sprintf("%s was measured in base and is missing in head", place(plan)))
		}
	}
	if len(d.plans) == 0 {
		d.problem("", Failed, "nothing was measured: the results have no scenario")
	}
}

// holds tells whether results have a plan, be it as part of one for all benchmarks.
func holds(r *result.Results, plan result.Scenario) bool {
	_, ok := r.Plan(plan.Name, plan.Benchmark)
	if !ok && plan.Benchmark != "" {
		return slices.ContainsFunc(r.Series, func(s result.Series) bool {
			return s.Scenario == plan.Name && metric.Benchmark(s.Metric) == plan.Benchmark
		})
	}
	return ok
}

// empty says why a scenario has nothing to judge, "" when it has.
func empty(r *result.Results, plan result.Scenario) string {
	series, measured := 0, 0
	for _, s := range r.SeriesOf(plan) {
		series++
		if s.Status != result.NotMeasurable {
			measured++
		}
	}
	switch {
	case plan.Runs == 0 && measured == 0:
		return fmt.Sprintf("%s has zero runs", place(plan))
	case series == 0:
		return fmt.Sprintf("nothing was measured in %s", place(plan))
	case measured == 0:
		return fmt.Sprintf("no metric of %s could be measured", place(plan))
	default:
		return ""
	}
}

// faultsOf are the reasons for which the runs of a scenario are no measure of the subject: a node that died, a gauge
// that shows the impossible or cannot be read, a run that was given up. A network that did not form is none of them: its
// success rate is a metric. Warm-up runs count too: a crash is a crash.
func faultsOf(r *result.Results, plan result.Scenario) []string { return faultsOfRuns(r.RunsOf(plan)) }

// faultsOf are those of head.
func (d *decider) faultsOf(plan result.Scenario) []string {
	if d.trial() {
		return faultsInTrial(d.in.Head, plan)
	}
	return faultsOf(d.in.Head, plan)
}

func faultsOfRuns(runs []result.Run) []string {
	var faults []string
	for _, run := range runs {
		told := false
		for _, f := range run.Findings {
			if run.Invalid != "" && !f.OfSubject() {
				told = true // the machine may be the cause, and the run gave no sample
				continue
			}
			switch f.Kind {
			case result.FindingCrash, result.FindingGaugeInvalid, result.FindingUnreadable, result.FindingLeft:
				faults = append(faults, fmt.Sprintf("%s: %s%s: %s", runName(run), f.Kind, nodeName(f), f.Text))
				told = true
			case result.FindingNotFormed:
				told = true
			}
		}
		if run.Failure != "" && !told && run.Invalid == "" {
			faults = append(faults, fmt.Sprintf("%s: %s", runName(run), run.Failure))
		}
	}
	return faults
}

func runName(run result.Run) string {
	if run.Warmup {
		return fmt.Sprintf("warm-up run %d", run.Run)
	}
	return fmt.Sprintf("run %d", run.Run)
}

func nodeName(f result.Finding) string {
	if f.Node < 0 {
		return ""
	}
	return fmt.Sprintf(" of node %d", f.Node)
}

// mostRemarks is how many findings of one kind in one scenario are told one by one.
const mostRemarks = 3

// remarks warns of what does not decide but should be seen. Of many findings of one kind the first are told, and how many
// there are.
func (d *decider) remarks(plan result.Scenario) {
	told := map[string]int{}
	var kinds []string
	for _, run := range d.in.Head.RunsOf(plan) {
		for _, f := range run.Findings {
			if !minor(f.Kind, run) {
				continue
			}
			if told[f.Kind]++; told[f.Kind] == 1 {
				kinds = append(kinds, f.Kind)
			}
			if told[f.Kind] <= mostRemarks {
				d.warn("%s, %s: %s%s: %s", place(plan), runName(run), f.Kind, nodeName(f), f.Text)
			}
		}
	}
	for _, kind := range kinds {
		if more := told[kind] - mostRemarks; more > 0 {
			d.warn("%s: %s: %d more like this in its runs", place(plan), kind, more)
		}
	}
	d.verdict.Warnings = append(d.verdict.Warnings, MeasuredAgain(d.in.Head, plan)...)
	if disturbed(d.in.Head, plan) && !slices.Contains(d.verdict.Next, mendDisturbed) {
		d.verdict.Next = append(d.verdict.Next, mendDisturbed)
	}
	if text := d.sides[keyOf(plan)].imbalance.head; text != "" {
		d.warn("%s: %s: no time is called worse", place(plan), text)
	}
	if text := d.sides[keyOf(plan)].imbalance.base; text != "" {
		d.warn("%s: %s: no time is called better, and none passes", place(plan), text)
	}
	d.warnOfMissing(plan)
}

// minor tells the findings that are no fault: they are seen, and nothing comes of them. Witnesses that contradict each other
// are among them: one of them is wrong, and the network may be right (docs/adr/0010-contradictions-are-remarks.md).
func minor(kind string, run result.Run) bool {
	switch kind {
	case result.FindingAsymmetric, result.FindingStale, result.FindingPhantom, result.FindingGaugeDisagrees, result.FindingStop, result.FindingChanged,
		result.FindingWork, result.FindingAnomaly:
		return run.Invalid == ""
	case result.FindingNotFormed:
		return run.Warmup
	case result.FindingDisturbed: // what was left out or measured again is told together
		return run.Invalid == "" && !run.Warmup
	default:
		return false
	}
}

// warnOfMissing warns of samples that were left out or never came, once for each cause.
func (d *decider) warnOfMissing(plan result.Scenario) {
	var order []string
	metrics := map[string][]string{}
	note := func(text, name string) {
		if metrics[text] == nil {
			order = append(order, text)
		}
		metrics[text] = append(metrics[text], name)
	}
	for _, s := range d.in.Head.SeriesOf(plan) {
		if s.Status != result.Measured {
			continue
		}
		for _, sample := range fromResults(s).leftOut {
			note(fmt.Sprintf("run %d is left out (%s)", sample.Run, sample.Reason), s.Metric)
		}
		if s.Count < plan.Runs && everyRun(plan) {
			note(fmt.Sprintf("only %d of %d planned runs gave a sample", s.Count, plan.Runs), s.Metric)
		}
	}
	for _, text := range order {
		d.warn("%s: %s: %s", place(plan), text, several(metrics[text]))
	}
}

// everyRun tells of the plans of which each run gives a sample of each metric: of networks and benchmarks, not of builds.
func everyRun(plan result.Scenario) bool { return plan.Nodes > 0 || plan.Benchmark != "" }

// several names up to three metrics, and counts more of them.
func several(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%d metrics", len(names))
	}
	return strings.Join(names, ", ")
}
