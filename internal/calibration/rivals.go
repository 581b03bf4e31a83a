package calibration

import (
	"fmt"
	"strings"
)

func rivals() Table {
	t := Table{
		Name: "rivals", Title: "Beside other rules",
		Text: "Log-normal noise, CV 8 %, 8 metrics, one changes. The last column is what a rule says without any change when base was measured in an earlier " +
			"session, and sessions differ by 5 %; a trial measures base again.",
		Labels:  []string{"rule"},
		Columns: []string{"false alarms", "found at +10 %", "at +20 %", "at +30 %", "false alarms, stored base"},
		After:   sayWhoIsBeaten,
	}
	apart := lognormal(0)
	between := apart
	between.Sessions = 0.05
	for _, pair := range []struct{ here, stored Rule }{
		{Benchstat{}, Benchstat{Stored: true}},
		{Benchstat{Floor: 0.1}, Benchstat{Floor: 0.1, Stored: true}},
		{ASV{}, ASV{Stored: true}},
		{ActionBenchmark(false), ActionBenchmark(true)},
		{TenPercent(false), TenPercent(true)},
		{NewBencher(), NewBencher()},
		{Conbench{}, Conbench{}},
		{Holm{}, Holm{Stored: true}},
		{Unpaired{Runs: rivalRuns}, Unpaired{Runs: rivalRuns, Stored: true}},
	} {
		t.Rows = append(t.Rows, rivalRow(pair.here, pair.stored, apart, between))
	}
	for _, w := range []World{lognormal(0), lognormal(0.5)} {
		row := rivalRow(Trial{}, Trial{}, w, World{Metrics: w.Metrics, Shape: w.Shape, CV: w.CV, Pair: w.Pair, Sessions: 0.05})
		row.Labels[0] = fmt.Sprintf("%s, pair correlation %g", row.Labels[0], w.Pair)
		t.Rows = append(t.Rows, row)
	}
	return t
}

func rivalRow(here, stored Rule, apart, between World) Row {
	row := Row{
		Labels: []string{here.Name()},
		Cells:  []Cell{{World: apart, Rule: here}},
		Entries: []Entry{
			{0, FalseAlarms, NoPromise()}, {1, Found, NoPromise()}, {2, Found, NoPromise()}, {3, Found, NoPromise()}, {4, FalseAlarms, NoPromise()},
		},
	}
	for _, size := range []float64{0.1, 0.2, 0.3} {
		row.Cells = append(row.Cells, Cell{World: apart, Change: Change{Size: size}, Rule: here})
	}
	row.Cells = append(row.Cells, Cell{World: between, Rule: stored})
	return row
}

// The entries of a rival's row that are compared.
const (
	alarmsAt = 0
	tenAt    = 1
	twentyAt = 2
)

// somePower is from which share of +20 % on a rule has power at all.
const somePower = 0.1

// sayWhoIsBeaten holds the trial without pair correlation, the last row but one, against every rule of other tools. Intervals
// that overlap decide nothing.
func sayWhoIsBeaten(rows []Row, estimates [][]Estimate) string {
	trial := estimates[len(rows)-2]
	var lines []string
	for i, row := range rows {
		name, rival := row.Labels[0], estimates[i]
		if strings.HasPrefix(name, "perfgate") {
			continue
		}
		if rival[twentyAt].Value < somePower {
			lines = append(lines, fmt.Sprintf("- %s: it has no power to compare with", name))
			continue
		}
		lines = append(lines, fmt.Sprintf("- %s: false alarms %s, found at +10 %% %s", name,
			order(trial[alarmsAt], rival[alarmsAt]), order(trial[tenAt], rival[tenAt])))
	}
	return "What the trial at pair correlation 0 has against them:\n\n" + strings.Join(lines, "\n")
}

// order says how the first share lies to the second.
func order(a, b Estimate) string {
	switch {
	case a.High < b.Low:
		return "fewer"
	case a.Low > b.High:
		return "more"
	default:
		return "alike"
	}
}
