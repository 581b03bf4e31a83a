package calibration

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// decideResults lets compare decide over the first pairs, by the results that a measurement would have left.
func (t Trial) decideResults(sides Sides, pairs int) Answer {
	base, head := resultsOf(upTo(sides.Base, pairs)), resultsOf(upTo(sides.Head, pairs))
	base.Trial = &result.Trial{ID: "simulated", Side: result.SideBase, Looks: t.looks()}
	head.Trial = &result.Trial{ID: "simulated", Side: result.SideHead, Looks: t.looks()}
	verdict := compare.Decide(compare.Input{
		Base: base, Head: head, Now: day(), Baselines: tolerating(t.Tolerance, len(sides.Base)), Options: compare.Options{Alpha: t.Alpha},
	})
	answer := answerOf(verdict, len(sides.Base), pairs)
	if len(verdict.Trial.Plans[0].Open) == 0 {
		answer.Runs = 0
		for _, m := range verdict.Metrics {
			answer.Runs = max(answer.Runs, m.DecidedAt)
		}
	}
	answer.Certain = answer.Runs
	for _, m := range verdict.Metrics {
		if m.Verdict == compare.Regressed {
			answer.Certain = min(answer.Certain, m.DecidedAt)
		}
		if m.Metric == metricName(0) {
			answer.Settled = m.DecidedAt
		}
	}
	return answer
}

func upTo(rows [][]float64, n int) [][]float64 {
	cut := make([][]float64, len(rows))
	for i, row := range rows {
		cut[i] = row[:n]
	}
	return cut
}

// tolerating is a baselines.toml that gives the metrics a tolerance other than the default; nil for 0.
func tolerating(tolerance float64, metrics int) *baseline.File {
	if tolerance == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "schema = \"perfgate.baselines/1\"\n")
	for i := range metrics {
		fmt.Fprintf(&text, "[metric.%q]\ntolerance = \"%s%%\"\n", metricName(i), strconv.FormatFloat(100*tolerance, 'g', 6, 64))
	}
	file, err := baseline.Parse("baselines.toml", []byte(text.String()))
	if err != nil {
		panic("the simulated baselines.toml is wrong: " + err.Error())
	}
	return file
}
