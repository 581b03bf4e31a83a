package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
)

// HuntProgress is a running search in one line: what is done next and why, who leads, and what is still to do. Of h it takes the
// task and what is known of its commits.
func HuntProgress(s *bisect.Search, h Hunt) string {
	step := s.Next()
	if step.Action == bisect.Done {
		h.Outcome = s.Outcome()
		first, rest := h.headline()
		return first + rest
	}
	what := fmt.Sprintf("%s %s", step.Action, shortID(step.Commit))
	if title := h.Commits[step.Commit].Title; title != "" {
		what += " (" + abridged(plain(title)) + ")"
	}
	text := fmt.Sprintf("%s: %s; %s", what, h.reason(step), h.leading(s))
	if s.Outcome().Runs == 0 {
		return text // before the first run nothing is known of the noise, and so of what is to do
	}
	rest := s.Remaining()
	return text + fmt.Sprintf("; about %s, %s, %s to go", count(rest.Builds, "build"), count(rest.Runs, "run"), took(rest.Seconds))
}

// HuntEvent is what has happened in one line: of which commit, what came of it, and who leads now.
func HuntEvent(s *bisect.Search, h Hunt, e bisect.Event, commit string) string {
	if e.Type == bisect.Limited {
		return "goes on with other limits: " + limits(*e.Budget)
	}
	if e.Type == bisect.Focused {
		return fmt.Sprintf("%s %s..%s", e.Type, shortID(e.Good), shortID(e.Bad))
	}
	return fmt.Sprintf("%s %s: %s; %s", e.Type, shortID(commit), h.value(e), h.leading(s))
}

// abridged is the beginning of a title.
func abridged(text string) string {
	const most = 50
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// reason says why a step is the next one.
func (h Hunt) reason(step bisect.Step) string {
	switch {
	case step.Rebuild > 0:
		return "once more with another layout, since builds of one commit differ"
	case step.Action == bisect.Build && step.Phase == bisect.PhaseEnds:
		return "an end of the range"
	case step.Phase == bisect.PhaseEnds && h.Task.Parameters.Exact:
		return "what an end has"
	case step.Phase == bisect.PhaseEnds:
		return "both ends in turns, to see whether there is a change" + h.orMore()
	case step.Phase == bisect.PhaseConfirm:
		return fmt.Sprintf("the suspect (%s) and its parent, to be confirmed in turns", Sure(step.Why.Slow))
	case step.Phase == bisect.PhaseOffsets:
		return fmt.Sprintf("a commit beside the suspect (%s), to see how far builds differ", Sure(step.Why.Slow))
	case h.Task.Parameters.Exact:
		return "parts the greatest step"
	default:
		return fmt.Sprintf("%s that it contains the change, and %s would tell %s for %s",
			Sure(step.Why.Slow), count(step.Why.Runs, "run"), bits(step.Why.Bits), took(step.Why.Seconds))
	}
}

// bits is what runs would tell, never nothing.
func bits(b float64) string {
	if b < 0.005 {
		return fmt.Sprintf("%.1g bits", b)
	}
	return fmt.Sprintf("%.2f bits", b)
}

// orMore is the least change that matters, "" where the search has its own.
func (h Hunt) orMore() string {
	least := h.Task.Parameters.LeastChange
	if least <= 0 {
		return ""
	}
	return fmt.Sprintf(" of %s or more", unsigned(math.Expm1(least)))
}

// leading are the likeliest commits, and how likely it is that there is no change. Those that nothing tells apart are counted.
func (h Hunt) leading(s *bisect.Search) string {
	const most, least = 3, 0.01
	posterior := s.Posterior()
	none := 1.0
	places := make([]int, 0, len(posterior))
	for i, p := range posterior {
		none -= p
		if p > 0 {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(posterior[b], posterior[a]) })
	var parts []string
	for len(places) > 0 && len(parts) < most {
		p := posterior[places[0]]
		n := 1
		for n < len(places) && posterior[places[n]] > 0.999*p {
			n++
		}
		if float64(n)*p < least {
			break
		}
		parts = append(parts, h.leader(places[:n], p))
		places = places[n:]
	}
	if len(parts) == 0 {
		parts = append(parts, "nobody leads")
	}
	if none >= least && !h.Task.Parameters.Exact {
		parts = append(parts, "no change "+Sure(none))
	}
	return strings.Join(parts, ", ")
}

// leader names one commit, or counts several that are equally likely. Of what has no noise nothing is likely: it is so, where they are all.
func (h Hunt) leader(places []int, p float64) string {
	text := "one of " + count(len(places), "commit")
	if len(places) == 1 {
		text = shortID(h.Task.Commits[places[0]].ID)
	}
	share := min(1, float64(len(places))*p)
	if h.Task.Parameters.Exact && share > 1-1e-9 {
		return text
	}
	return text + " " + Sure(share)
}
