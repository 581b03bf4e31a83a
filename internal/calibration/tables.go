package calibration

import "fmt"

// noise is the coefficient of variation of the promises.
const noise = 0.08

// metrics is how many gated metrics they are for.
const metrics = 8

// calibrated is how many sessions a calibration has by default.
const calibrated = 3

// strict is the error budget of --strict.
const strict = 0.01

func lognormal(pair float64) World {
	return World{Metrics: metrics, Shape: LogNormal, CV: noise, Pair: pair}
}

// Worlds are all noise models for a number of metrics.
func Worlds(metrics int) []World {
	var all []World
	for _, shape := range Shapes() {
		all = append(all, World{Metrics: metrics, Shape: shape, CV: noise})
	}
	all = append(all, World{Metrics: metrics, Shape: LogNormal, CV: noise, Pair: 0.5})
	base := World{Metrics: metrics, Shape: LogNormal, CV: noise}
	vary := func(change func(*World)) {
		w := base
		change(&w)
		all = append(all, w)
	}
	vary(func(w *World) { w.Between = 0.8 })
	vary(func(w *World) { w.Drift = 0.1 })
	vary(func(w *World) { w.Wander = 0.05 })
	vary(func(w *World) { w.Outliers = 0.05 })
	vary(func(w *World) { *w = mixed(); w.Metrics = metrics })
	return all
}

// mixed has something of every noise, for any number of metrics.
func mixed() World {
	return World{Shape: HeavyTailed, CV: noise, Pair: 0.5, Between: 0.5, Drift: 0.1, Wander: 0.05, Outliers: 0.05}
}

// Tables are the parts of the calibration, but for what is drawn from recordings.
func Tables() []Table {
	return []Table{falseAlarms(), stopping(), power(), cost(), coverage(), detectable(), rivals()}
}

func falseAlarms() Table {
	t := Table{
		Name: "false-alarms", Title: "False alarms",
		Text:    "No metric changes. Promised: at most 5 %, and at most 1 % with `--strict`, of the pull requests have a metric called regressed.",
		Labels:  []string{"noise", "metrics"},
		Columns: []string{"false alarms (<= 5 %)", "with --strict (<= 1 %)", "falsely improved (<= 5 %)"},
	}
	// All models for eight metrics; for one and for many what is plain and what mixes all.
	for _, w := range Worlds(metrics) {
		t.Rows = append(t.Rows, alarmRow(w, Trial{}, Trial{Alpha: strict}))
	}
	for _, n := range []int{1, 32} {
		for _, w := range []World{{Shape: LogNormal, CV: noise}, {Shape: LogNormal, CV: noise, Between: 0.8}, mixed()} {
			w.Metrics = n
			t.Rows = append(t.Rows, alarmRow(w, Trial{}, Trial{Alpha: strict}))
		}
	}
	return t
}

func alarmRow(w World, lenient, strictly Trial) Row {
	return Row{
		Labels: []string{w.String(), fmt.Sprint(w.Metrics)},
		Cells:  []Cell{trialCell(w, Change{}, lenient), trialCell(w, Change{}, strictly)},
		Entries: []Entry{
			{0, FalseAlarms, AtMost(0.05)}, {1, FalseAlarms, AtMost(strict)}, {0, FalselyBetter, AtMost(0.05)},
		},
	}
}

func trialCell(w World, c Change, t Trial) Cell {
	return Cell{World: w, Change: c, Rule: t, Last: t.Last()}
}

func stopping() Table {
	t := Table{
		Name: "stopping", Title: "Stopping at any time",
		Text: "No metric changes. At every look, and once more just before the next, somebody decides what there is, and a metric counts as " +
			"regressed, or improved, when it was called so once.",
		Labels:  []string{"noise", "metrics"},
		Columns: []string{"false alarms (<= 5 %)", "with --strict (<= 1 %)", "falsely improved (<= 5 %)"},
		Rows:    []Row{alarmRow(lognormal(0.5), Trial{Tempted: true}, Trial{Tempted: true, Alpha: strict})},
	}
	return t
}

func power() Table {
	t := Table{
		Name: "power", Title: "Power",
		Text: "Log-normal noise, CV 8 %, 8 metrics, tolerance 10 % unless the rule says otherwise. Promised at +10 %: found in 90 % with at most 19.5 " +
			"pairs on average at pair correlation 0, in 97 % with 16.5 at 0.5. At +15 %: 99 %. At +5 % with tolerance 5 % and up to 60 pairs: 75 %. " +
			"A trial is red for certain once a metric is called regressed; it goes on until every metric is settled.",
		Labels:  []string{"change", "pair correlation", "rule"},
		Columns: []string{"found", "all found", "pairs until red or settled", "pairs until all is settled", "others falsely regressed", "wrong direction"},
	}
	for _, pair := range []float64{0, 0.5} {
		for _, size := range []float64{0.05, 0.1, 0.15} {
			t.Rows = append(t.Rows, powerRow(lognormal(pair), Change{Size: size}, Trial{}))
		}
	}
	t.Rows = append(t.Rows,
		powerRow(lognormal(0), Change{Size: 0.1, All: true}, Trial{}),
		powerRow(lognormal(0.5), Change{Size: -0.1}, Trial{}),
		powerRow(lognormal(0), Change{Size: 0.05}, Trial{Looks: LongLooks(), Tolerance: 0.05}),
		powerRow(lognormal(0.5), Change{Size: 0.05}, Trial{Looks: LongLooks(), Tolerance: 0.05}))
	return t
}

func powerRow(w World, c Change, rule Trial) Row {
	label := fmt.Sprintf("%+.0f %%", 100*c.Size)
	if c.All {
		label += " in all"
	}
	found, runs := promisedPower(w, c, rule)
	return Row{
		Labels: []string{label, fmt.Sprint(w.Pair), rule.Name()},
		Cells:  []Cell{trialCell(w, c, rule)},
		Entries: []Entry{
			{0, Found, found}, {0, FoundAll, NoPromise()}, {0, RunsUntilCertain, runs}, {0, MeanRuns, NoPromise()}, {0, FalseAlarms, AtMost(0.05)}, {0, WrongDirection, NoPromise()},
		},
	}
}

func promisedPower(w World, c Change, rule Trial) (found, runs Promise) {
	found, runs = NoPromise(), NoPromise()
	switch {
	case rule.Tolerance != 0:
		found = AtLeast(0.75)
	case c.All:
	case c.Size == 0.1 && w.Pair == 0:
		found, runs = AtLeast(0.90), AtMost(19.5)
	case c.Size == 0.1:
		found, runs = AtLeast(0.97), AtMost(16.5)
	case c.Size >= 0.15:
		found = AtLeast(0.99)
	}
	return found, runs
}

func cost() Table {
	t := Table{
		Name: "clean", Title: "What it takes to be proven clean",
		Text:    "No metric changes; CV 8 %, 8 metrics. Promised at a pair correlation of 0.5 and more: 95 % proven clean, with 15 pairs on average.",
		Labels:  []string{"noise"},
		Columns: []string{"proven clean", "pairs", "left open"},
	}
	for _, w := range append([]World{lognormal(0.8)}, Worlds(metrics)...) {
		clean, runs := NoPromise(), NoPromise()
		if w.Pair >= 0.5 && w.Outliers == 0 {
			clean, runs = AtLeast(0.95), AtMost(15)
		}
		t.Rows = append(t.Rows, Row{
			Labels:  []string{w.String()},
			Cells:   []Cell{trialCell(w, Change{}, Trial{})},
			Entries: []Entry{{0, ProvenClean, clean}, {0, MeanRuns, runs}, {0, LeftOpen, NoPromise()}},
		})
	}
	return t
}

func coverage() Table {
	t := Table{
		Name: "coverage", Title: "Coverage",
		Text: "The printed interval of 95 % of one metric, however the trial ended, and where it ended before the last look. Promised: " +
			"93 to 97 % hold the true change.",
		Labels:  []string{"noise", "change"},
		Columns: []string{"covers", "covers, settled early"},
	}
	promise := Promise{0.93, 0.97}
	for _, w := range Worlds(metrics) {
		for _, size := range []float64{0, 0.1} {
			t.Rows = append(t.Rows, Row{
				Labels:  []string{w.String(), fmt.Sprintf("%+.0f %%", 100*size)},
				Cells:   []Cell{trialCell(w, Change{Size: size}, Trial{})},
				Entries: []Entry{{0, Coverage, promise}, {0, EarlyCoverage, promise}},
			})
		}
	}
	return t
}

func detectable() Table {
	t := Table{
		Name: "mde", Title: "Minimum detectable effect",
		Text: "What is printed beside a pass as found with 80 % power, where nothing changes, against the change that was found in 80 %. " +
			"Promised: 90 % of the printed ones lie within a fifth of it.",
		Labels:  []string{"noise", "rule"},
		Columns: []string{"found in 80 %", "printed, median", "within a fifth"},
	}
	for _, w := range []World{lognormal(0), lognormal(0.5), {Metrics: metrics, Shape: HeavyTailed, CV: noise}} {
		cells := []Cell{trialCell(w, Change{}, Trial{MDE: true}), trialCell(w, Change{}, Trial{MDE: true, Calibrated: calibrated})}
		if w.Pair == 0 {
			cells = append(cells, Cell{World: w, Rule: Unpaired{Runs: rivalRuns}}, Cell{World: w, Rule: Unpaired{Runs: rivalRuns, Calibrated: calibrated}})
		}
		for _, c := range cells {
			t.Rows = append(t.Rows, Row{
				Labels:  []string{w.String(), c.Rule.Name()},
				Cells:   []Cell{c},
				Entries: []Entry{{0, TrueMDE, NoPromise()}, {0, PrintedMDE, NoPromise()}, {0, NearMDE, AtLeast(0.9)}},
			})
		}
	}
	return t
}

// RecordedTable draws pull requests without a change from real runs.
func RecordedTable(recorded []*Recorded) Table {
	t := Table{
		Name: "recorded", Title: "Real runs, drawn again",
		Text: "Nothing changes: base and head are drawn from the runs of one subject on one machine. `compare` gets runs from anywhere in the recording, " +
			"a trial gets neighbours.",
		Labels:  []string{"recording", "runs", "metrics"},
		Columns: []string{"trial: false alarms (<= 5 %)", "--strict (<= 1 %)", "proven clean", "pairs", "compare: false alarms (<= 5 %)", "benchstat: false alarms"},
	}
	for _, r := range recorded {
		cell := func(rule Rule, last int) Cell { return Cell{Recorded: r, Rule: rule, Last: last} }
		t.Rows = append(t.Rows, Row{
			Labels: []string{r.Name, fmt.Sprint(r.Runs()), fmt.Sprint(len(r.Metrics))},
			Cells: []Cell{
				cell(Trial{}, Trial{}.Last()), cell(Trial{Alpha: strict}, Trial{}.Last()), cell(Unpaired{Runs: rivalRuns}, 0), cell(Benchstat{}, 0),
			},
			Entries: []Entry{
				{0, FalseAlarms, AtMost(0.05)}, {1, FalseAlarms, AtMost(strict)}, {0, ProvenClean, NoPromise()}, {0, MeanRuns, NoPromise()},
				{2, FalseAlarms, AtMost(0.05)}, {3, FalseAlarms, NoPromise()},
			},
		})
	}
	return t
}
