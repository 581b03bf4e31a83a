package calibration

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Expectations are the promises of one row; zero values promise nothing.
type Expectations struct {
	// Right is the least share of searches that are right.
	Right float64
	// Cost is the most that they cost on average, in runs.
	Cost float64
	// Builds is the most builds on average.
	Builds float64
	// Foreseen asks that the cost that was foreseen is within a quarter of the real one.
	Foreseen bool
}

// SearchRow is one seeker with one hunt.
type SearchRow struct {
	Hunt    Hunt
	Seeker  Seeker
	Promise Expectations
}

// SearchTable is a part of the calibration of searches.
type SearchTable struct {
	// Name chooses the table on the command line.
	Name string
	// Title and Text stand above it.
	Title, Text string
	Rows        []SearchRow
}

// String is what distinguishes a hunt.
func (h Hunt) String() string {
	var parts []string
	if h.Effect == 0 {
		parts = append(parts, fmt.Sprintf("none, %g %% expected,", rounded(h.Guess)))
	} else {
		parts = append(parts, fmt.Sprintf("%+g %%", rounded(h.Effect)))
	}
	if h.Second != 0 {
		parts[0] += fmt.Sprintf(" and %+g %%", rounded(h.Second))
	}
	parts[0] += fmt.Sprintf(" in %g %%", rounded(h.SD))
	switch {
	case h.Effect == 0 || h.Guess == h.Effect:
	case h.Guess == 0:
		parts = append(parts, "nothing expected")
	default:
		parts = append(parts, fmt.Sprintf("%g %% expected", rounded(h.Guess)))
	}
	if h.Offset > 0 {
		parts = append(parts, fmt.Sprintf("builds differ by %g %%", rounded(h.Offset)))
		switch h.Told {
		case h.Offset:
			parts = append(parts, "told")
		case 0:
			parts = append(parts, "not told")
		default:
			parts = append(parts, fmt.Sprintf("told %g %%", rounded(h.Told)))
		}
	}
	if h.Broken > 0 {
		parts = append(parts, fmt.Sprintf("%g %% broken", rounded(h.Broken)))
	}
	return strings.Join(parts, ", ")
}

func rounded(ratio float64) float64 { return math.Round(1e4*ratio) / 100 }

// searchColumns are the heads of every table.
func searchColumns() []string {
	return []string{"search", "change", "noise", "commits", "right", "innocent accused", "builds", "runs", "cost", "foreseen / real", "expected / real"}
}

// Searched is what the rows of tables have shown together.
type Searched struct {
	// Perfgate are its own searches by the noise, None those of them without a change.
	Perfgate map[string]*Searches
	None     Searches
}

// WriteSearches lets the rows of a table search and prints it in Markdown, line by line. note is told what comes next; nil
// is not. It returns how many promises were kept, missed and left open, or the error of the writer. What perfgate's own searches
// did is added to all.
func (r Runner) WriteSearches(w io.Writer, t SearchTable, searches int, all *Searched, note func(string)) (Fates, error) {
	var fates Fates
	heads := searchColumns()
	if _, err := fmt.Fprintf(w, "## %s\n\n%s\n\n| %s |\n%s|\n", t.Title, t.Text, strings.Join(heads, " | "), strings.Repeat("| --- ", len(heads))); err != nil {
		return fates, fmt.Errorf("write the table: %w", err)
	}
	for i, row := range t.Rows {
		if note != nil {
			note(fmt.Sprintf("%s, row %d of %d: %s, %s, %s", t.Name, i+1, len(t.Rows), row.Seeker.Name(), row.Hunt, row.Hunt.Noise))
		}
		s := r.Seek(row.Hunt, row.Seeker, searches)
		all.add(row, s)
		cells, more := row.cells(s)
		fates.Add(more)
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")); err != nil {
			return fates, fmt.Errorf("write the table: %w", err)
		}
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fates, fmt.Errorf("write the table: %w", err)
	}
	return fates, nil
}

// cells are those of one row.
func (row SearchRow) cells(s Searches) ([]string, Fates) {
	none := NoPromise()
	least, most := func(limit float64) Promise {
		if limit == 0 {
			return none
		}
		return AtLeast(limit)
	}, func(limit float64) Promise {
		if limit == 0 {
			return none
		}
		return AtMost(limit)
	}
	within := none
	if row.Promise.Foreseen {
		within = Promise{0.75, 1.25}
	}
	var fates Fates
	text := func(e Estimate, p Promise, scale float64, digits int, unit string) string {
		e = e.held(p)
		fates.count(e.Kept)
		return e.scaled(scale, digits, unit)
	}
	label := row.Seeker.Name()
	cells := []string{label, row.Hunt.String(), row.Hunt.Noise, fmt.Sprint(row.Hunt.Commits),
		text(asEstimate(shareOf(s.Right, s.Made)), least(row.Promise.Right), 100, 1, " %"),
		text(asEstimate(shareOf(s.Wrong, s.Made)), none, 100, 1, " %"),
		text(s.mean(buildsOf), most(row.Promise.Builds), 1, 1, ""),
		text(s.mean(runsOf), none, 1, 0, ""),
		text(s.mean(costOf), most(row.Promise.Cost), 1, 0, ""),
		text(s.held(foreseenOf), within, 1, 2, ""),
		text(s.held(expectedOf), none, 1, 2, ""),
	}
	return cells, fates
}

// scaled shows an estimate with its interval, and what became of a promise.
func (e Estimate) scaled(scale float64, digits int, unit string) string {
	if math.IsNaN(e.Value) {
		return "-"
	}
	text := fmt.Sprintf("%.*f%s", digits, scale*e.Value, unit)
	if !math.IsNaN(e.Low) {
		text += fmt.Sprintf(" [%.*f, %.*f]", digits, scale*e.Low, digits, scale*e.High)
	}
	if e.Kept != "" {
		text += " " + e.Kept
	}
	return text
}

func (a *Searched) add(row SearchRow, s Searches) {
	if _, ours := row.Seeker.(Perfgate); !ours {
		return
	}
	if a.Perfgate == nil {
		a.Perfgate = map[string]*Searches{}
	}
	if a.Perfgate[row.Hunt.Noise] == nil {
		a.Perfgate[row.Hunt.Noise] = &Searches{}
	}
	a.Perfgate[row.Hunt.Noise].join(s)
	if row.Hunt.Effect == 0 {
		a.None.join(s)
	}
}

// WriteSummary writes what is promised of all of perfgate's searches together.
func (a *Searched) WriteSummary(w io.Writer) (Fates, error) {
	const innocents, overclaimed = 0.001, 0.005
	var fates Fates
	var all Searches
	for _, s := range a.Perfgate {
		all.Made, all.Wrong = all.Made+s.Made, all.Wrong+s.Wrong
	}
	lines := []string{"## All searches of perfgate together\n"}
	tell := func(what string, e Estimate, p Promise) {
		e = e.held(p)
		fates.count(e.Kept)
		lines = append(lines, fmt.Sprintf("- %s: %s", what, e.scaled(100, 2, " %")))
	}
	if all.Made > 0 {
		tell(fmt.Sprintf("an innocent accused, %d of %d", all.Wrong, all.Made), asEstimate(shareOf(all.Wrong, all.Made)), AtMost(innocents))
	}
	if a.None.Made > 0 {
		tell(fmt.Sprintf("somebody accused without a change in the range, %d of %d", a.None.Wrong, a.None.Made), asEstimate(shareOf(a.None.Wrong, a.None.Made)), AtMost(innocents))
	}
	noises := make([]string, 0, len(a.Perfgate))
	for noise := range a.Perfgate {
		noises = append(noises, noise)
	}
	slices.Sort(noises)
	for _, noise := range noises {
		if s := a.Perfgate[noise]; s.Accusing > 0 {
			claimed, observed := s.confidence()
			tell(fmt.Sprintf("%s noise: right of %d accusations, which claimed %.2f %%", noise, s.Accusing, 100*claimed), observed, AtLeast(claimed-overclaimed))
		}
	}
	if _, err := io.WriteString(w, strings.Join(lines, "\n")+"\n\n"); err != nil {
		return fates, fmt.Errorf("write the summary: %w", err)
	}
	return fates, nil
}
