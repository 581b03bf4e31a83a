package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/compare"
)

// The titles of parts that some renderers treat on their own.
const (
	titleWhere      = "where it is, from good to bad"
	titleBuilds     = "builds and their runs"
	titleUnmeasured = "not measurable"
	titleChecks     = "does the model hold?"
	titleNoise      = "noise"
)

// part is one part of a report under a title: lines of a list, a table, or lines that have to stay as they are.
type part struct {
	title  string
	header []string
	right  []bool
	rows   [][]string
	spare  []int    // columns that a narrow terminal does without, the first one first
	drawn  []string // stands above lines
	lines  []string
}

// without is the part without a column.
func (p part) without(column int) part {
	cut := func(cells []string) []string { return slices.Delete(slices.Clone(cells), column, column+1) }
	p.header, p.right = cut(p.header), slices.Delete(slices.Clone(p.right), column, column+1)
	rows := make([][]string, len(p.rows))
	for i, row := range p.rows {
		rows[i] = cut(row)
	}
	p.rows = rows
	return p
}

func (p part) empty() bool { return len(p.rows)+len(p.drawn)+len(p.lines) == 0 }

// parts are those of a report below its first lines, in their order; columns is the room for a drawing.
func (h Hunt) parts(columns int) []part {
	all := []part{
		h.accused(),
		h.confirmed(),
		h.where(columns),
		h.leaders(),
		h.measuredBuilds(),
		{title: titleUnmeasured, lines: h.unmeasured()},
		{title: titleChecks, lines: checked(h.Outcome.Checks)},
		{title: titleNoise, lines: h.noise()},
		{title: "elsewhere in the range", lines: h.elsewhere()},
	}
	return slices.DeleteFunc(all, part.empty)
}

// summary is what was searched, and what it took.
func (h Hunt) summary() string {
	o := h.Outcome
	searched := fmt.Sprintf("%s: %s", plain(h.Range), count(len(h.Task.Commits)-1, "commit"))
	if o.SuspectsAtAll < len(h.Task.Commits)-1 {
		searched += fmt.Sprintf(", %d of them suspect", o.SuspectsAtAll)
	}
	var aside []string
	if o.FailedBuilds > 0 {
		aside = append(aside, fmt.Sprintf("%d failed", o.FailedBuilds))
	}
	if h.Cached > 0 {
		aside = append(aside, fmt.Sprintf("%d were there already", h.Cached))
	}
	builds := count(o.Builds, "build") + inBrackets(aside)
	aside = nil
	if o.InvalidRuns > 0 {
		aside = append(aside, fmt.Sprintf("%d invalid", o.InvalidRuns))
	}
	runs := count(o.Runs, "run")
	if n := h.Task.Parameters.Counts; n > 0 {
		runs += fmt.Sprintf(" of %d networks", n)
	}
	text := fmt.Sprintf("%s; %s, %s%s, %s", searched, builds, runs, inBrackets(aside), took(o.Seconds))
	if h.Elapsed > 0 {
		text += fmt.Sprintf(" (%s by the clock)", took(h.Elapsed.Seconds()))
	}
	if p := o.Predicted; p.Runs > 0 {
		text += fmt.Sprintf("; expected were %s, %s, %s", count(p.Builds, "build"), count(p.Runs, "run"), took(p.Seconds))
	}
	return text
}

func inBrackets(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// accused are the culprit, or those of a set, as the repository knows them.
func (h Hunt) accused() part {
	var p part
	switch h.Outcome.Outcome {
	case bisect.OutcomeCulprit:
		p.title = "culprit"
	case bisect.OutcomeSet:
		p.title = "one of these"
	case bisect.OutcomeNone, bisect.OutcomeUndecided:
		return p
	}
	broken := h.faults()
	for i, id := range h.Outcome.Set {
		if i == maxNamed {
			p.lines = append(p.lines, "and "+count(len(h.Outcome.Set)-i, "more commit"))
			break
		}
		line := h.describe(id)
		if why := broken[id]; why != "" {
			line += ": can not be measured: " + why
		}
		p.lines = append(p.lines, line)
	}
	return p
}

// maxNamed is how many commits of a set are told one by one.
const maxNamed = 24

// faults are the reasons for which commits can not be measured.
func (h Hunt) faults() map[string]string {
	why := map[string]string{}
	for _, u := range h.Outcome.Unmeasured {
		for _, id := range u.Commits {
			why[id] = u.Reason
		}
	}
	return why
}

// describe is a commit with its title, author, date and pull request.
func (h Hunt) describe(id string) string {
	c, known := h.Commits[id]
	if !known {
		return plain(id)
	}
	parts := []string{fmt.Sprintf("%s %s", plain(id), plain(c.Title))}
	if c.Author != "" {
		parts = append(parts, plain(c.Author))
	}
	if !c.Date.IsZero() {
		parts = append(parts, c.Date.UTC().Format("2006-01-02"))
	}
	if c.PullRequest > 0 {
		parts = append(parts, fmt.Sprintf("pull request %d", c.PullRequest))
	}
	if c.Merge {
		parts = append(parts, "a merge")
	}
	return strings.Join(parts, ", ")
}

// confirmed is the culprit against its parent, pair by pair.
func (h Hunt) confirmed() part {
	c := h.Outcome.Confirmation
	if c == nil {
		return part{}
	}
	p := inTurns(c.Culprit, c.Parent, c.Pairs, h.Unit)
	if c.Confidence > 0 {
		p.lines = []string{fmt.Sprintf("by these pairs alone, without any model: %s with %s confidence",
			compare.ChangeText(c.Change, c.ChangeLow, c.ChangeHigh), Sure(c.Confidence))}
	}
	return p
}

// where is the posterior over the range.
func (h Hunt) where(columns int) part {
	n := len(h.Task.Commits)
	sum := 0.0
	for _, p := range h.Posterior {
		sum += p
	}
	if n < 3 || len(h.Posterior) != n || sum == 0 || h.Outcome.Outcome == bisect.OutcomeNone { // what no commit has would look like a lot
		return part{}
	}
	b := h.drawn(columns)
	p := part{title: titleWhere, drawn: []string{b.heights}, lines: []string{}}
	if b.marks != "" {
		p.drawn = append(p.drawn, b.marks)
	}
	if legend := b.legend(); legend != "" {
		p.lines = append(p.lines, legend)
	}
	return p
}

// leaders are the likeliest commits where nobody is accused.
func (h Hunt) leaders() part {
	if h.Outcome.Outcome != bisect.OutcomeUndecided {
		return part{}
	}
	p := part{title: "likeliest"}
	for _, s := range h.Outcome.Likeliest {
		if s.Posterior < 0.001 {
			break
		}
		p.lines = append(p.lines, Sure(s.Posterior)+" "+h.describe(s.Commit))
	}
	if len(p.lines) > 0 {
		p.lines = append(p.lines, Sure(h.Outcome.NoChange)+" that there is no change of "+unsigned(h.Outcome.LeastChange)+" or more")
	}
	return p
}

func (h Hunt) measuredBuilds() part {
	all := h.builds()
	p := part{title: titleBuilds}
	p.header, p.right, p.spare = buildHeader()
	reference := h.reference(all)
	for _, b := range all {
		p.rows = append(p.rows, h.buildRow(b, reference))
	}
	return p
}

// unmeasured groups what could not be measured by its reason, the commonest first.
func (h Hunt) unmeasured() []string {
	groups := slices.Clone(h.Outcome.Unmeasured)
	slices.SortStableFunc(groups, func(a, b bisect.Unmeasured) int { return cmp.Compare(len(b.Commits), len(a.Commits)) })
	var lines []string
	for _, u := range groups {
		lines = append(lines, fmt.Sprintf("%s (%s): %s", count(len(u.Commits), "commit"), names(u.Commits), plain(u.Reason)))
	}
	return lines
}

func (h Hunt) noise() []string {
	n := h.Outcome.Noise
	if h.Outcome.Runs == 0 || h.Task.Parameters.Exact {
		return nil
	}
	return []string{fmt.Sprintf("a run varies by %s, a build by %s more, and in the time of a run the machine drifts by %s",
		ratioText(n.CV), fineRatio(n.Offset), fineRatio(n.Drift))}
}

// fineRatio has two decimals, for what is small.
func fineRatio(v float64) string { return fmt.Sprintf("%.2f%%", 100*v) }

// likely is the probability of a further change from which on it is worth a search.
const likely = 0.5

// elsewhere is what is known of other changes in the range.
func (h Hunt) elsewhere() []string {
	var lines []string
	if i := h.Inside; i != nil && h.deepest().Outcome.Culprit == h.Outcome.Culprit {
		first, rest := i.headline()
		lines = append(lines, "within the merge: "+first+rest)
	}
	for _, o := range h.Elsewhere {
		e := h
		e.Outcome, e.Inside = o, nil
		first, rest := e.headline()
		lines = append(lines, "searched as well: "+first+rest)
	}
	for _, f := range h.Outcome.Further {
		if h.searched(f) {
			continue
		}
		text := "a further change is not excluded"
		if f.Posterior >= likely {
			text = "a further change is likely"
		}
		lines = append(lines, fmt.Sprintf("not searched: %s..%s: %s (%s): %s", shortID(f.Good), shortID(f.Bad), text, Sure(f.Posterior),
			compare.ChangeText(f.Change, f.ChangeLow, f.ChangeHigh)))
	}
	return lines
}

// searched tells whether the search was led to that part.
func (h Hunt) searched(f bisect.Further) bool {
	return slices.ContainsFunc(h.Events, func(e bisect.Event) bool {
		return e.Type == bisect.Focused && e.Good == f.Good && e.Bad == f.Bad
	})
}
