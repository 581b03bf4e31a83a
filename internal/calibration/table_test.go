package calibration

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPromisesAreHeldAgainstTheWholeInterval(t *testing.T) {
	for _, c := range []struct {
		estimate Estimate
		promise  Promise
		want     string
	}{
		{Estimate{Value: 0.04, Low: 0.03, High: 0.05}, NoPromise(), ""},
		{Estimate{Value: 0.04, Low: 0.03, High: 0.05}, AtMost(0.05), kept},
		{Estimate{Value: 0.04, Low: 0.03, High: 0.051}, AtMost(0.05), open},
		{Estimate{Value: 0.06, Low: 0.051, High: 0.07}, AtMost(0.05), missed},
		{Estimate{Value: 0.95, Low: 0.9, High: 0.96}, AtLeast(0.9), kept},
		{Estimate{Value: 0.95, Low: 0.89, High: 0.96}, AtLeast(0.9), open},
		{Estimate{Value: 0.85, Low: 0.8, High: 0.89}, AtLeast(0.9), missed},
		{Estimate{Value: 0.95, Low: 0.94, High: 0.96}, Promise{0.93, 0.97}, kept},
		{Estimate{Value: 0.98, Low: 0.975, High: 0.985}, Promise{0.93, 0.97}, missed},
		{Estimate{Value: 16, Low: math.NaN(), High: math.NaN()}, AtMost(16.5), kept},
		{Estimate{Value: 17, Low: math.NaN(), High: math.NaN()}, AtMost(16.5), missed},
		{Estimate{Value: math.NaN(), Low: 0, High: 1}, AtMost(1), missed},
	} {
		if got := c.estimate.held(c.promise).Kept; got != c.want {
			t.Errorf("%+v with %+v is %q, want %q", c.estimate, c.promise, got, c.want)
		}
	}
}

// scripted answers by a script: the first answer for no change, the second for one.
type scripted struct{ none, some Answer }

func (scripted) Name() string { return "scripted" }

func (s scripted) Judge(p *PullRequest) Answer {
	if p.change.Size == 0 {
		return s.none
	}
	return s.some
}

func TestWritePrintsMarkdown(t *testing.T) {
	rule := scripted{newAnswer(1, 6), newAnswer(1, 9)}
	rule.none.Said[0], rule.some.Said[0] = Clean, Worse
	rule.none.Low, rule.none.High, rule.none.Settled = -0.1, 0.1, 6
	cell := func(size float64) Cell {
		return Cell{World: lognormal(0), Change: Change{Size: size}, Rule: rule, Last: 24}
	}
	table := Table{
		Name: "small", Title: "Small", Text: "A text.", Labels: []string{"what"}, Columns: []string{"red", "clean", "found", "runs", "covers", "early", "mde"},
		Rows: []Row{{
			Labels: []string{"row"}, Cells: []Cell{cell(0), cell(0.1)},
			Entries: []Entry{
				{0, FalseAlarms, AtMost(0.05)}, {0, ProvenClean, AtMost(0.5)}, {1, Found, NoPromise()}, {1, MeanRuns, AtMost(10)},
				{0, Coverage, NoPromise()}, {0, EarlyCoverage, NoPromise()}, {0, PrintedMDE, NoPromise()},
			},
		}},
	}
	var out strings.Builder
	var notes []string
	fates, err := Runner{Seed: 1, Workers: 2}.Write(&out, table, 100, func(s string) { notes = append(notes, s) })
	if err != nil {
		t.Fatal(err)
	}
	const want = `## Small

A text.

| what | red | clean | found | runs | covers | early | mde |
| --- | --- | --- | --- | --- | --- | --- | --- |
| row | 0.00 % [0.00, 3.62] kept | 100.00 % [96.38, 100.00] missed | 100.00 % [96.38, 100.00] | 9.00 kept | 100.00 % [96.38, 100.00] | 100.00 % [96.38, 100.00] | - |

`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Fates{Kept: 2, Missed: 1}, fates); diff != "" {
		t.Errorf("fates (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"small, row 1 of 1: row"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestWriteTellsOfAWriterThatFails(t *testing.T) {
	table := Table{Rows: []Row{{Cells: []Cell{{World: lognormal(0), Rule: TenPercent(false)}}, Entries: []Entry{{0, FalseAlarms, NoPromise()}}}}}
	for left := range 3 {
		if _, err := (Runner{Seed: 1, Workers: 1}).Write(&full{left}, table, 10, nil); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("after %d writes the error is %v", left, err)
		}
	}
}

// TestTablesAreWhole finds a row whose labels or entries do not fit the heads, or whose entry is of no cell.
func TestTablesAreWhole(t *testing.T) {
	tables := append(Tables(), RecordedTable([]*Recorded{{Name: "r", Metrics: []string{"m"}, runs: [][]float64{{1, 2, 3, 4, 5, 6}}}}))
	for _, table := range tables {
		if len(table.Rows) == 0 {
			t.Errorf("%s has no rows", table.Name)
		}
		for _, row := range table.Rows {
			if len(row.Labels) != len(table.Labels) || len(row.Entries) != len(table.Columns) {
				t.Errorf("%s, row %v: %d labels and %d entries under %d and %d heads", table.Name, row.Labels, len(row.Labels), len(row.Entries), len(table.Labels), len(table.Columns))
			}
			for _, e := range row.Entries {
				if e.Cell >= len(row.Cells) {
					t.Errorf("%s, row %v: there is no cell %d", table.Name, row.Labels, e.Cell)
				}
			}
		}
	}
}

func TestMeanRunsHaveAnInterval(t *testing.T) {
	var tally Tally
	for i := range 100 {
		tally.add(Change{}, newAnswer(1, 10+10*(i%2)), 0)
	}
	got := tally.estimate(MeanRuns, 0)
	want := Estimate{Value: 15, Low: 15 - 0.98, High: 15 + 0.98} // the deviation is 5, of the mean of a hundred 0.5
	if math.Abs(got.Value-want.Value) > 1e-9 || math.Abs(got.Low-want.Low) > 1e-9 || math.Abs(got.High-want.High) > 1e-9 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestMDEsAreCountedWithinAFifth(t *testing.T) {
	tally := Tally{MDEs: []float64{0.1, 0.079, 0.081, 0.119, 0.121, math.NaN(), math.Inf(1)}}
	if got := tally.within(0.1); got.Value != 0.5 || got.Of != 6 {
		t.Errorf("%v of %d are near, want 0.5 of 6", got.Value, got.Of)
	}
	if got := tally.medianMDE(); got != 0.119 {
		t.Errorf("the median is %v, want 0.119", got)
	}
}

func TestRivalsAreBeatenWhereIntervalsAreApart(t *testing.T) {
	row := func(name string) Row { return Row{Labels: []string{name}} }
	share := func(low, high float64) Estimate { return Estimate{Value: (low + high) / 2, Low: low, High: high} }
	none := share(0, 0)
	rows := []Row{row("red"), row("blind"), row("shy"), row("perfgate compare"), row("perfgate trial, 0"), row("perfgate trial, 0.5")}
	estimates := [][]Estimate{
		{share(0.1, 0.2), share(0.4, 0.5), share(0.9, 1), none, none},
		{share(0, 0.01), share(0, 0.01), share(0, 0.05), none, none},
		{share(0, 0.01), share(0.85, 0.95), share(0.2, 0.3), none, none},
		{none, none, none, none, none},
		{share(0.04, 0.05), share(0.89, 0.91), share(1, 1), none, none},
		{none, none, none, none, none},
	}
	const want = `What the trial at pair correlation 0 has against them:

- red: false alarms fewer, found at +10 % more
- blind: it has no power to compare with
- shy: false alarms more, found at +10 % alike`
	if diff := cmp.Diff(want, sayWhoIsBeaten(rows, estimates)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	table := rivals()
	if last := table.Rows[len(table.Rows)-2]; last.Cells[0].Rule.Name() != (Trial{}).Name() || last.Cells[0].World.Pair != 0 {
		t.Errorf("the last row but one is %q", last.Labels[0])
	}
	for i, want := range []struct {
		entry    int
		quantity Quantity
		size     float64
	}{{alarmsAt, FalseAlarms, 0}, {tenAt, Found, 0.1}, {twentyAt, Found, 0.2}} {
		e := table.Rows[0].Entries[want.entry]
		if e.Quantity != want.quantity || table.Rows[0].Cells[e.Cell].Change.Size != want.size {
			t.Errorf("comparison %d is of %+v", i, e)
		}
	}
}
