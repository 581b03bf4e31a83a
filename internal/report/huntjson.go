package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
)

// huntDocument is a bisection in JSON: the outcome, and what the report tells beside it.
type huntDocument struct {
	bisect.Outcome
	ID             string           `json:"id,omitempty"`
	Range          string           `json:"range"`
	Scenario       string           `json:"scenario"`
	Metric         string           `json:"metric"`
	Unit           string           `json:"unit"`
	Better         string           `json:"better"`
	Exact          bool             `json:"exact"`
	Counts         int              `json:"counts"`
	Good           string           `json:"good"`
	Bad            string           `json:"bad"`
	Commits        int              `json:"commits"`
	Merge          string           `json:"merge,omitempty"`
	Remaining      *bisect.Cost     `json:"remaining,omitempty"`
	CachedBuilds   int              `json:"cached_builds"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Accused        []huntCommit     `json:"accused"`
	Posteriors     []bisect.Suspect `json:"posteriors"`
	Artifacts      []huntArtifact   `json:"artifacts"`
	Elsewhere      []bisect.Outcome `json:"elsewhere"`
	Command        string           `json:"command"`
	Next           []string         `json:"next"`
	Outside        *huntDocument    `json:"outside,omitempty"`
}

type huntCommit struct {
	Commit      string     `json:"commit"`
	Title       string     `json:"title"`
	Author      string     `json:"author"`
	Date        *time.Time `json:"date"`
	PullRequest int        `json:"pull_request,omitempty"`
	Merge       bool       `json:"merge,omitempty"`
}

type huntArtifact struct {
	Artifact int       `json:"artifact"`
	Commit   string    `json:"commit"`
	Place    int       `json:"place"`
	Rebuild  int       `json:"rebuild"`
	SharesOf int       `json:"shares_of,omitempty"`
	Contains string    `json:"contains"`
	Values   []float64 `json:"values"`
	Invalid  int       `json:"invalid,omitempty"`
}

// leastPosterior is what is listed in a document: of thousands of commits most have next to nothing.
const leastPosterior = 1e-6

// HuntJSON writes a bisection as one indented document that ends with a newline. Texts of a repository are in it as they are.
func HuntJSON(w io.Writer, h Hunt) error {
	d := h.deepest()
	document := d.document()
	document.ID, document.Command, document.Next = h.ID, h.Command, d.next(h)
	if document.Next == nil {
		document.Next = []string{}
	}
	at := document
	for _, outer := range h.outside() {
		at.Merge = outer.Outcome.Culprit
		at.Outside = outer.document()
		at = at.Outside
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write bisection: %w", err)
	}
	return nil
}

func (h Hunt) document() *huntDocument {
	d := &huntDocument{
		Outcome: h.Outcome, Range: h.Range, Scenario: h.Scenario, Metric: h.Metric, Unit: string(h.Unit), Better: string(h.Better),
		Exact: h.Task.Parameters.Exact, Counts: h.Task.Parameters.Counts, Commits: len(h.Task.Commits) - 1, CachedBuilds: h.Cached, ElapsedSeconds: h.Elapsed.Seconds(),
		Accused: []huntCommit{}, Posteriors: []bisect.Suspect{}, Artifacts: []huntArtifact{}, Elsewhere: []bisect.Outcome{}, Next: []string{},
		Command: h.Command,
	}
	if n := len(h.Task.Commits); n > 0 {
		d.Good, d.Bad = h.Task.Commits[0].ID, h.Task.Commits[n-1].ID
	}
	d.Elsewhere = append(d.Elsewhere, h.Elsewhere...)
	if h.Outcome.Outcome == bisect.OutcomeUndecided {
		d.Remaining = &h.Remaining
	}
	for _, id := range h.accusedIDs() {
		c := h.Commits[id]
		one := huntCommit{Commit: id, Title: c.Title, Author: c.Author, PullRequest: c.PullRequest, Merge: c.Merge}
		if !c.Date.IsZero() {
			date := c.Date.UTC()
			one.Date = &date
		}
		d.Accused = append(d.Accused, one)
	}
	for i, p := range h.Posterior {
		if p >= leastPosterior && i < len(h.Task.Commits) {
			d.Posteriors = append(d.Posteriors, bisect.Suspect{Commit: h.Task.Commits[i].ID, Posterior: p})
		}
	}
	for _, b := range h.builds() {
		values := b.values
		if values == nil {
			values = []float64{}
		}
		d.Artifacts = append(d.Artifacts, huntArtifact{
			Artifact: b.artifact, Commit: b.commit, Place: b.place, Rebuild: b.again, SharesOf: b.shares, Contains: b.side.contains(), Values: values, Invalid: b.invalid,
		})
	}
	return d
}

// accusedIDs are the culprit or those of a set; nobody else is accused.
func (h Hunt) accusedIDs() []string {
	if kind := h.Outcome.Outcome; kind == bisect.OutcomeCulprit || kind == bisect.OutcomeSet {
		return h.Outcome.Set
	}
	return nil
}

// contains is the side in a word for programs.
func (s side) contains() string {
	switch s {
	case with:
		return "all"
	case without:
		return "none"
	case partly:
		return "some"
	case unknownSide:
	}
	return ""
}
