package report

import (
	"fmt"
	"io"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/metric"
)

// HuntLog writes the journal of a search in words, an event a row: when it was, what happened, what came of it, who led then,
// and why it was done. The reasons are those of the search itself, which is replayed. The error names an event that does not
// fit the task.
func HuntLog(w io.Writer, h Hunt, style Style) error {
	s, err := bisect.New(h.Task)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	p := newPainter(style)
	p.line(p.bold(fmt.Sprintf("%s of %s: %s", h.what(), plain(h.Range), count(len(h.Task.Commits)-1, "commit"))))
	var rows [][]string
	var artifacts []string // commits
	last := ""
	for i, e := range h.Events {
		step := s.Next()
		if err := s.Apply(e); err != nil {
			return fmt.Errorf("read the journal: event %d: %w", i+1, err)
		}
		if e.Type == bisect.Built {
			artifacts = append(artifacts, e.Commit)
		}
		why := h.asked(step, e)
		row := []string{took(e.AtSeconds), string(e.Type), eventCommit(e, artifacts), h.value(e), h.leading(s), why}
		if why == last {
			row[5] = ""
		}
		last = why
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		p.lines(p.fit([]string{"after", "event", "commit", "result", "leaders", "why"}, rows, []bool{true, false, false, true, false, false},
			func(_, _ int) lipgloss.Style { return p.renderer.NewStyle() }))
	}
	h.Outcome, h.Remaining, h.Inside = s.Outcome(), s.Remaining(), nil
	first, rest := h.headline()
	p.line("")
	p.line(p.paint(p.tone(h.mood()).Bold(true), first) + rest)
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// asked says why an event happened: since the search asked for it, or for another reason.
func (h Hunt) asked(step bisect.Step, e bisect.Event) string {
	switch {
	case e.Type == bisect.Focused:
		return "a search of another part of the range, with all that was measured"
	case e.Type == bisect.Limited:
		return "it was told to go on with these limits"
	case step.Action == bisect.Build && step.Commit == e.Commit, step.Action == bisect.Run && step.Artifact == e.Artifact && e.Artifact > 0:
		return h.reason(step)
	case step.Action == bisect.Run && e.Type == bisect.Broken && step.Commit == e.Commit:
		return "it was to run, and can not"
	case e.Type == bisect.Built, e.Type == bisect.Broken:
		return "built ahead, or asked for by another version"
	default:
		return "not asked for now"
	}
}

func eventCommit(e bisect.Event, artifacts []string) string {
	switch {
	case e.Commit != "":
		return shortID(e.Commit)
	case e.Type == bisect.Focused:
		return shortID(e.Good) + ".." + shortID(e.Bad)
	case e.Artifact >= 1 && e.Artifact <= len(artifacts):
		return shortID(artifacts[e.Artifact-1])
	default:
		return "-"
	}
}

// value is what came of an event.
func (h Hunt) value(e bisect.Event) string {
	switch e.Type {
	case bisect.Ran:
		return plain(metric.Format(e.Value, h.Unit))
	case bisect.Broken, bisect.Invalid:
		return abridged(plain(e.Reason))
	case bisect.Built:
		if e.Seconds == 0 {
			return "was there"
		}
		return "in " + took(e.Seconds)
	case bisect.Limited:
		return limits(*e.Budget)
	case bisect.Focused:
	}
	return "-"
}

// limits is where a search gives up.
func limits(b bisect.Budget) string {
	text := "at most " + count(b.Runs, "run")
	if b.Seconds > 0 {
		text += ", " + took(b.Seconds)
	}
	return text
}
