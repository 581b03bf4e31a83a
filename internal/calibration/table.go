package calibration

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Quantity is what is estimated of a cell.
type Quantity int

// The quantities.
const (
	FalseAlarms      Quantity = iota // share of pull requests with a metric falsely called regressed
	Found                            // share in which a metric that got worse was called regressed
	FoundAll                         // share in which every metric that got worse was
	ProvenClean                      // share of which every metric was proven within the tolerance
	LeftOpen                         // share with a metric left open and none called regressed
	FalselyBetter                    // share with a metric falsely called improved
	WrongDirection                   // share with a metric called changed in the direction that it did not take
	Coverage                         // share of the intervals that hold the true change
	EarlyCoverage                    // the same of metrics that were settled before the last look
	MeanRuns                         // runs of head on average
	RunsUntilCertain                 // runs on average until the first metric is called regressed, or else the end
	TrueMDE                          // the change found in 80 % of the pull requests
	PrintedMDE                       // the median of what was printed as that
	NearMDE                          // share of the printed ones within a fifth of the true one
)

// Promise is what a quantity has to keep: at least Least and at most Most. A limit of NaN is none. A share keeps a promise
// when its whole interval does, and misses it when its whole interval lies outside.
type Promise struct{ Least, Most float64 }

// AtMost promises an upper limit.
func AtMost(limit float64) Promise { return Promise{math.NaN(), limit} }

// AtLeast promises a lower limit.
func AtLeast(limit float64) Promise { return Promise{limit, math.NaN()} }

// NoPromise is kept by everything.
func NoPromise() Promise { return Promise{math.NaN(), math.NaN()} }

// Entry is one number of a row: a quantity of one of its cells.
type Entry struct {
	// Cell is the index of the cell among those of the row.
	Cell     int
	Quantity Quantity
	Promise  Promise
}

// Row is one line of a table.
type Row struct {
	// Labels say what the row is about, one for each of the table's label columns.
	Labels  []string
	Cells   []Cell
	Entries []Entry
}

// Table is a part of the calibration.
type Table struct {
	// Name chooses the table on the command line.
	Name string
	// Title and Text stand above it.
	Title, Text string
	// Labels and Columns are the heads of the columns.
	Labels, Columns []string
	Rows            []Row
	// After says what the rows together show, from their estimates; nil says nothing.
	After func(rows []Row, estimates [][]Estimate) string
}

// Estimate is a number with its interval of 95 %. Low and High are NaN where there is none.
type Estimate struct {
	Value, Low, High float64
	// Kept says what became of the promise: "" without one, kept, missed, or open when the interval holds the limit.
	Kept string
}

// The fates of a promise.
const (
	kept   = "kept"
	missed = "missed"
	open   = "open"
)

// held fills in what became of a promise.
func (e Estimate) held(p Promise) Estimate {
	low, high := e.Low, e.High
	if math.IsNaN(low) || math.IsNaN(high) {
		low, high = e.Value, e.Value
	}
	switch {
	case math.IsNaN(p.Least) && math.IsNaN(p.Most):
	case math.IsNaN(e.Value), low > p.Most, high < p.Least:
		e.Kept = missed
	case high > p.Most, low < p.Least:
		e.Kept = open
	default:
		e.Kept = kept
	}
	return e
}

// Evaluate judges the row's cells and returns its entries.
func (r Runner) Evaluate(row Row, requests int) []Estimate {
	tallies := make([]Tally, len(row.Cells))
	effects := make([]float64, len(row.Cells))
	for i, cell := range row.Cells {
		tallies[i] = r.recall(cell, requests)
		if slices.ContainsFunc(row.Entries, func(e Entry) bool { return e.Cell == i && (e.Quantity == TrueMDE || e.Quantity == NearMDE) }) {
			effects[i] = r.EffectFound(cell, 0.8, max(requests/5, 1))
		}
	}
	all := make([]Estimate, len(row.Entries))
	for i, e := range row.Entries {
		all[i] = tallies[e.Cell].estimate(e.Quantity, effects[e.Cell]).held(e.Promise)
	}
	return all
}

// estimate is one quantity of a tally; effect is the change found in 80 %.
func (t Tally) estimate(q Quantity, effect float64) Estimate {
	switch q {
	case MeanRuns:
		return t.mean(t.Runs, t.Squares)
	case RunsUntilCertain:
		return t.mean(t.Certain, t.CertainSquares)
	case TrueMDE:
		return Estimate{Value: effect, Low: math.NaN(), High: math.NaN()}
	case PrintedMDE:
		return Estimate{Value: t.medianMDE(), Low: math.NaN(), High: math.NaN()}
	case NearMDE:
		return asEstimate(t.within(effect))
	default:
		count, of := t.count(q)
		return asEstimate(shareOf(count, of))
	}
}

// count is how many pull requests a share counts, and of how many.
func (t Tally) count(q Quantity) (count, of int) {
	switch q {
	case FalseAlarms:
		return t.False, t.Requests
	case Found:
		return t.Caught, t.Requests
	case FoundAll:
		return t.CaughtAll, t.Requests
	case ProvenClean:
		return t.Clean, t.Requests
	case LeftOpen:
		return t.Undecided, t.Requests
	case FalselyBetter:
		return t.Improved, t.Requests
	case WrongDirection:
		return t.Wrong, t.Requests
	case Coverage:
		return t.Covered, t.Intervals
	case EarlyCoverage:
		return t.EarlyCovered, t.Early
	default:
		return 0, 0
	}
}

func asEstimate(s Share) Estimate { return Estimate{Value: s.Value, Low: s.Low, High: s.High} }

// text shows an estimate in the way of its quantity.
func (e Estimate) text(q Quantity) string {
	if math.IsNaN(e.Value) {
		return "-"
	}
	scale, digits, unit := 100.0, 2, " %"
	switch q {
	case MeanRuns, RunsUntilCertain:
		scale, unit = 1, ""
	case TrueMDE, PrintedMDE:
		digits = 1
	default: // a share, in percent
	}
	text := fmt.Sprintf("%.*f%s", digits, scale*e.Value, unit)
	if !math.IsNaN(e.Low) && unit != "" {
		text += fmt.Sprintf(" [%.*f, %.*f]", digits, scale*e.Low, digits, scale*e.High)
	}
	if e.Kept != "" {
		text += " " + e.Kept
	}
	return text
}

// Write judges a table's rows and prints it in Markdown, line by line. note is told what comes next; nil is not. It returns
// how many promises were kept, missed and left open, or the error of the writer.
func (r Runner) Write(w io.Writer, t Table, requests int, note func(string)) (Fates, error) {
	var fates Fates
	heads := append(slices.Clone(t.Labels), t.Columns...)
	rule := strings.Repeat("| --- ", len(heads)) + "|"
	if _, err := fmt.Fprintf(w, "## %s\n\n%s\n\n| %s |\n%s\n", t.Title, t.Text, strings.Join(heads, " | "), rule); err != nil {
		return fates, fmt.Errorf("write the table: %w", err)
	}
	estimates := make([][]Estimate, len(t.Rows))
	for i, row := range t.Rows {
		if note != nil {
			note(fmt.Sprintf("%s, row %d of %d: %s", t.Name, i+1, len(t.Rows), strings.Join(row.Labels, ", ")))
		}
		parts := slices.Clone(row.Labels)
		estimates[i] = r.Evaluate(row, requests)
		for j, e := range estimates[i] {
			fates.count(e.Kept)
			parts = append(parts, e.text(row.Entries[j].Quantity))
		}
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(parts, " | ")); err != nil {
			return fates, fmt.Errorf("write the table: %w", err)
		}
	}
	after := "\n"
	if t.After != nil {
		after = "\n" + t.After(t.Rows, estimates) + "\n\n"
	}
	if _, err := io.WriteString(w, after); err != nil {
		return fates, fmt.Errorf("write the table: %w", err)
	}
	return fates, nil
}

// Fates counts what became of promises.
type Fates struct{ Kept, Missed, Open int }

func (f *Fates) count(fate string) {
	switch fate {
	case kept:
		f.Kept++
	case missed:
		f.Missed++
	case open:
		f.Open++
	}
}

// Add adds the counts of another table.
func (f *Fates) Add(o Fates) {
	f.Kept, f.Missed, f.Open = f.Kept+o.Kept, f.Missed+o.Missed, f.Open+o.Open
}
