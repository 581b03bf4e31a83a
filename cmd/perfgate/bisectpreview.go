package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
)

// previewSchema names the version of what --dry-run prints as JSON.
const previewSchema = "perfgate.bisect-plan/1"

// preview is what would be searched, in JSON.
type preview struct {
	Schema      string      `json:"schema"`
	Good        string      `json:"good"`
	Bad         string      `json:"bad"`
	Commits     int         `json:"commits"`
	Merges      int         `json:"merges"`
	Scenario    string      `json:"scenario"`
	Metric      string      `json:"metric"`
	Programs    int         `json:"programs"`
	LeastChange float64     `json:"least_change"`
	Expected    bisect.Cost `json:"expected"`
	OffLine     bool        `json:"off_line"`
	Unmatched   []string    `json:"unmatched_paths"`
	Reader      string      `json:"reader"`
}

func previewOf(v hunt.Preview) preview {
	p := preview{
		Schema: previewSchema, Good: v.Range.Good.SHA, Bad: v.Range.Bad.SHA, Commits: len(v.Range.Commits) - 1,
		Scenario: v.Target.Scenario, Metric: v.Target.Metric, Programs: v.Programs, LeastChange: v.Target.LeastChange, Expected: v.Expected,
		OffLine: v.Range.OffLine, Unmatched: append([]string{}, v.Range.Unmatched...), Reader: v.Range.Reader.String(),
	}
	for _, c := range v.Range.Commits[1:] {
		if c.Merge {
			p.Merges++
		}
	}
	return p
}

// warnOfRange says, once, what may surprise in the range that all previews have.
func (p *program) warnOfRange(previews []hunt.Preview) {
	if len(previews) == 0 {
		return
	}
	r := previews[0].Range
	for _, path := range r.Unmatched {
		p.log.Warn(fmt.Sprintf("subject.paths: %s names nothing in any commit of the range, so that no change is told apart by it (correct it, or take it out)", path))
	}
	if r.OffLine {
		p.log.Warn("the good end is not on the first-parent line of the bad one: commits of the line that do not contain it are searched too, " +
			"and one of these that is named may only lack what the good end has (--all-parents searches the whole graph)")
	}
	if r.Fallback != nil {
		p.log.Info("git itself has read the range, since " + r.Fallback.Error() + ": where dates of commits are wrong, it may be longer than it has to be")
	}
}

// sayPreviews prints what would be searched, when nothing else is wanted.
func (p *program) sayPreviews(previews []hunt.Preview) error {
	if !p.asJSON {
		tellPreviews(p.stdout, previews)
		return nil
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetIndent("", " ")
	for _, v := range previews {
		if err := encoder.Encode(previewOf(v)); err != nil {
			return fmt.Errorf("write the plan: %w", err)
		}
	}
	return nil
}

// tellPreviews says what is searched, and what it is expected to take.
func tellPreviews(out io.Writer, previews []hunt.Preview) {
	for i, v := range previews {
		one := previewOf(v)
		if i == 0 {
			fmt.Fprintf(out, "good is %s, bad is %s\n%s, %s\n", v.Range.Good, v.Range.Bad, plural(one.Commits, "commit"), plural(one.Merges, "merge"))
		}
		fmt.Fprintf(out, "%s: %s to tell apart, a change of %s or more matters; expected: %s, %s, %v\n",
			v.Target.Name(), plural(one.Programs, "program"), metric.Format(one.LeastChange, metric.Ratio),
			plural(one.Expected.Builds, "build"), plural(one.Expected.Runs, "run"), time.Duration(one.Expected.Seconds+0.5)*time.Second)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
