package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// ExplanationJSON writes an explanation as one indented document that ends with a newline.
func ExplanationJSON(w io.Writer, e compare.Explanation) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(e); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

// Explanation writes for a person how the verdict of a metric came about, with the numbers to redo it by hand. Those of the JSON
// document are the same with all their digits.
func Explanation(w io.Writer, e compare.Explanation) error {
	var b strings.Builder
	for i, m := range e.Metrics {
		if i > 0 {
			b.WriteString("\n")
		}
		explainMetric(&b, e, m)
	}
	fmt.Fprintf(&b, "\nthe whole: %s: %s\n", e.Verdict, plain(e.Reason))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

func explainMetric(b *strings.Builder, e compare.Explanation, m compare.Explained) {
	x := explainer{b: b, whole: e, m: m}
	verdict := "not judged"
	if m.Entry.Verdict != compare.NotJudged {
		verdict = outcome(m.Entry)
	}
	fmt.Fprintf(b, "%s: %s: %s\n", titled(plain(m.Entry.Scenario), plain(m.Entry.Metric)), verdict, plain(m.Entry.Reason))
	x.section("held against", x.limits())
	x.section("compared with", []string{baseText(e, m)})
	x.samples()
	x.pairs()
	x.section("test", x.test())
	x.looks()
	x.spending("worse", "that head is worse", m.Worse)
	x.spending("better", "that head is better", m.Better)
	x.spending("clean", "that the change is below the tolerance", m.Clean)
	x.family()
	x.section("estimate", x.estimate())
	x.section("held against the last release", x.release())
	x.section("what could have been seen", x.precision())
	x.section("notes", m.Entry.Notes)
	x.section("rule", x.rules())
}

// explainer writes the account of one metric.
type explainer struct {
	b     *strings.Builder
	whole compare.Explanation
	m     compare.Explained
}

func (x explainer) section(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(x.b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(x.b, "  %s\n", plain(line))
	}
}

// table writes rows of cells in columns.
func (x explainer) table(title string, rows [][]string) {
	if len(rows) < 2 { // a head alone
		return
	}
	fmt.Fprintf(x.b, "\n%s\n", title)
	var drawn strings.Builder
	w := tabwriter.NewWriter(&drawn, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plain(cell)
		}
		fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(drawn.String()) {
		x.b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

// digits are those that a number is told with: enough to redo what follows from it.
const digits = 6

// number writes a number for a reader who calculates: no prefix, no rounding to what is handy.
func number(n compare.Number) string {
	if !n.Present() {
		return "-"
	}
	return strconv.FormatFloat(float64(n), 'g', digits, 64)
}

func (x explainer) limits() []string {
	l := x.m.Limits
	lines := []string{
		fmt.Sprintf("tolerance %s (%s)", metric.Format(float64(l.Tolerance), metric.Ratio), l.ToleranceOrigin),
		fmt.Sprintf("policy %s (%s)", l.Policy, l.PolicyOrigin),
	}
	if l.Floor != "" {
		lines = append(lines, fmt.Sprintf("floor %s (%s)", l.Floor, l.FloorOrigin))
	}
	if l.Target == "" {
		lines = append(lines, "no target")
	} else {
		lines = append(lines, fmt.Sprintf("target %s (%s), policy %s (%s)", l.Target, l.TargetOrigin, l.TargetPolicy, l.TargetPolicyOrigin))
	}
	if l.Waiver == "" {
		return append(lines, "no waiver")
	}
	used := "not used"
	if x.m.Entry.Waived != "" {
		used = "used"
	}
	return append(lines, fmt.Sprintf("waiver %s (%s): %s", l.Waiver, l.WaiverOrigin, used))
}

func baseText(e compare.Explanation, m compare.Explained) string {
	switch m.Base {
	case compare.NoBase:
		return "nothing: the target alone decides"
	case compare.Paired:
		return e.Comparison.Description + ", in turns with head: run is held against run"
	case compare.Session:
		return e.Comparison.Description + ", taken to be of one session with head"
	default:
		return e.Comparison.Description + ", a recording of another session"
	}
}

// samples are those of both sides; in a trial the pairs tell of those that count.
func (x explainer) samples() {
	rows := [][]string{{"side", "run", "value (" + string(x.m.Entry.Unit) + ")", ""}}
	for _, side := range []struct {
		name    string
		samples []compare.ExplainedSample
	}{{"base", x.m.Samples.Base}, {"head", x.m.Samples.Head}} {
		for i, s := range side.samples {
			if len(x.m.Pairs) > 0 && s.Counts {
				continue
			}
			run := strconv.Itoa(s.Run)
			if s.Run == 0 {
				run = fmt.Sprintf("sample %d", i+1)
			}
			rows = append(rows, []string{side.name, run, number(s.Value), sampleText(s)})
		}
	}
	title := "samples"
	if len(x.m.Pairs) > 0 {
		title = "samples that do not count"
	}
	x.table(title, rows)
}

func sampleText(s compare.ExplainedSample) string {
	var parts []string
	if !s.Counts {
		parts = append(parts, "does not count")
	}
	if s.TimedOut {
		parts = append(parts, "timed out: this long or longer")
	}
	if s.Reason != "" {
		parts = append(parts, s.Reason)
	}
	return strings.Join(parts, ": ")
}

func (x explainer) test() []string {
	if x.m.Test == "" {
		return nil
	}
	lines := []string{x.m.Test}
	e := x.m.Entry
	if e.PValue.Present() {
		lines = append(lines, fmt.Sprintf("p = %s one-sided for the worse, %s adjusted; alpha is %s", number(e.PValue), number(e.PAdjusted),
			number(compare.Number(x.whole.Alpha))))
	}
	if s := x.m.Sessions; s != nil {
		lines = append(lines, fmt.Sprintf("sessions differ by a standard deviation of %s of a logarithm, runs within them by %s (%s calibrated): the change by %s, which is in p and in the interval",
			number(compare.Number(s.Between)), number(compare.Number(s.Within)), count(s.Count, "session"), number(compare.Number(s.Deviation))))
	}
	return lines
}

// release tells how the metric stands beside the last release.
func (x explainer) release() []string {
	r := x.m.Release
	if r == nil {
		return nil
	}
	var values []string
	for _, s := range r.Samples {
		values = append(values, number(s.Value))
	}
	e := x.m.Entry
	lines := []string{
		fmt.Sprintf("release %s: %s; held against it: the first %s of head", r.Version, strings.Join(values, ", "), count(r.HeadSamples, "sample")),
		fmt.Sprintf("change %s, from %s to %s", number(e.ReleaseChange), number(e.ReleaseChangeLow), number(e.ReleaseChangeHigh)),
	}
	switch {
	case e.ReleasePValue.Present():
		lines = append(lines, fmt.Sprintf("p = %s one-sided for the worse, %s adjusted", number(e.ReleasePValue), number(e.ReleasePAdjusted)))
	case !r.Convicts:
		lines = append(lines, "it decides nothing: it is what the metric is compared with anyway, or how much sessions differ is not on record")
	}
	return lines
}

func (x explainer) estimate() []string {
	e := x.m.Entry
	var lines []string
	if e.Base.Present() || e.Head.Present() {
		lines = append(lines, fmt.Sprintf("base %s (%d), head %s (%d), in %s", number(e.Base), e.BaseSamples, number(e.Head), e.HeadSamples, e.Unit))
	}
	if e.Change.Present() {
		line := fmt.Sprintf("change %s", number(e.Change))
		if e.ChangeLow.Present() && e.Basis != compare.ByValue {
			line += fmt.Sprintf(", from %s to %s at %s confidence", number(e.ChangeLow), number(e.ChangeHigh), metric.Format(x.whole.Confidence, metric.Ratio))
		}
		lines = append(lines, line)
	}
	if x.m.Matters.Present() {
		lines = append(lines, fmt.Sprintf("a change counts from %s on", number(x.m.Matters)))
	}
	if e.TargetLow.Present() {
		lines = append(lines, fmt.Sprintf("center of head from %s to %s, for the target", number(e.TargetLow), number(e.TargetHigh)))
	}
	return lines
}

func (x explainer) precision() []string {
	var lines []string
	if n := x.m.Noise; n != nil {
		scale := "of a logarithm"
		if n.Center != 0 {
			scale = fmt.Sprintf("in %s, beside a base of %s", x.m.Entry.Unit, number(compare.Number(n.Center)))
		}
		lines = append(lines, fmt.Sprintf("noise: a standard deviation of %s %s", number(compare.Number(n.Deviation)), scale))
	}
	if n := x.m.Noise; n != nil && x.m.Sessions == nil {
		lines = append(lines, fmt.Sprintf("at alpha %s a shift of %s standard deviations is seen with 80 %% power", number(compare.Number(n.Level)), number(n.Reach)))
	}
	if x.m.Entry.MDE.Present() {
		text := "MDE: a change for the worse by " + number(x.m.Entry.MDE)
		if x.m.Entry.MDERough {
			text += ", an order of magnitude: too few runs know the noise here (perfgate calibrate)"
		}
		lines = append(lines, text)
	}
	switch n := x.m.Entry.MoreRuns; {
	case n > 0 && len(x.m.Pairs) > 0:
		lines = append(lines, fmt.Sprintf("about %s would settle it", count(n, "more pair")))
	case n > 0:
		lines = append(lines, fmt.Sprintf("about %s would settle it", count(n, "more run")))
	}
	return lines
}

func (x explainer) rules() []string {
	var lines []string
	for _, j := range x.m.Judgements {
		lines = append(lines, fmt.Sprintf("%s, %s (policy %s): %s", j.Basis, j.Outcome, j.Policy, j.Rule))
	}
	if len(lines) > 1 {
		lines = append(lines, fmt.Sprintf("the weightier of them is the outcome: %s", x.m.Entry.Verdict))
	}
	return lines
}
