package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// Hunt is a bisection with what a report of it tells beside its outcome. All but the numbers may come from a stranger.
type Hunt struct {
	// ID names the search for --resume; "" when it can not be resumed.
	ID string
	// Range is what was asked for, such as "v0.1.16..HEAD".
	Range string
	// Scenario is "" for builds and benchmarks.
	Scenario string
	Metric   string
	// Unit is that of the values in the events.
	Unit   metric.Unit
	Better metric.Direction
	// Task and Events are the journal, Outcome and Posterior what the search says of them: bisect.Search.Outcome and
	// bisect.Search.Posterior, which has a probability for each commit of the task.
	Task      bisect.Task
	Events    []bisect.Event
	Outcome   bisect.Outcome
	Posterior []float64
	// Remaining is what is still to do when the outcome is undecided: bisect.Search.Remaining.
	Remaining bisect.Cost
	// Commits tells of each commit of the task what the repository says of it; one that is missing goes by its id alone.
	Commits map[string]HuntCommit
	// Cached counts the builds that were there already.
	Cached int
	// Elapsed is how long the search took by the clock, its interruptions left out; 0 when that is unknown.
	Elapsed time.Duration
	// Patch is the file that was applied to every commit before it was built, "" for none.
	Patch string
	// Command repeats the search.
	Command string
	// Next are further hints of the caller, after those that the outcome gives.
	Next []string
	// Inside is the search among the commits that the culprit, a merge, brought in; nil when there was none.
	Inside *Hunt
	// Elsewhere are the outcomes of searches in other parts of the range, which had the same events and more; in their order.
	Elsewhere []bisect.Outcome
}

// HuntCommit is what a repository says of a commit.
type HuntCommit struct {
	// Title is the first line of its message.
	Title string
	// Author is who wrote it, "Name <address>".
	Author string
	// Date is when it was written; zero when that is unknown.
	Date time.Time
	// PullRequest is the number of the one that brought it, 0 when that is unknown.
	PullRequest int
	// Merge tells a commit with several parents.
	Merge bool
}

// shortID is enough of a commit's id for a person.
func shortID(id string) string {
	text := plain(id)
	return string([]rune(text)[:min(12, len([]rune(text)))])
}

// Sure is a probability in percent, which is never rounded up to a certainty.
func Sure(p float64) string {
	switch {
	case p >= 0.9999:
		return ">99.99%"
	case p >= 0.99:
		return fmt.Sprintf("%.2f%%", math.Floor(1e4*p)/100)
	case p < 0.1:
		return fmt.Sprintf("%.1f%%", 100*p)
	default:
		return fmt.Sprintf("%.0f%%", 100*p)
	}
}

// what is the metric that was searched for.
func (h Hunt) what() string {
	name := plain(titled(h.Scenario, h.Metric))
	n := h.Task.Parameters.Counts
	if n == 0 {
		return name
	}
	kind := "sum"
	if m, known := metric.Lookup(h.Metric); known && m.Kind == metric.Success {
		kind = "failures"
	}
	return fmt.Sprintf("%s (1 + the %s in %s)", name, kind, count(n, "network"))
}

// posterior is how sure the outcome is, in brackets; an exact metric leaves no doubt that a figure could say.
func (h Hunt) posterior() string {
	if h.Task.Parameters.Exact {
		return ""
	}
	return " (" + Sure(h.Outcome.Posterior) + ")"
}

func (h Hunt) change() string {
	return compare.ChangeText(h.Outcome.Change, h.Outcome.ChangeLow, h.Outcome.ChangeHigh)
}

// better tells whether a change is for the better.
func (h Hunt) better() bool {
	return h.Outcome.Change != 0 && (h.Outcome.Change < 0) == (h.Better == metric.Lower)
}

// kindOfChange is a word of praise for a change that deserves it; a change for the worse needs none.
func (h Hunt) kindOfChange() string {
	if h.better() {
		return " (an improvement)"
	}
	return ""
}

// deepest is the search that the verdict comes from: the one inside of a merge, when that named somebody.
func (h Hunt) deepest() Hunt {
	if h.Inside == nil {
		return h
	}
	switch inside := h.Inside.deepest(); inside.Outcome.Outcome {
	case bisect.OutcomeCulprit, bisect.OutcomeSet:
		return inside
	case bisect.OutcomeNone, bisect.OutcomeUndecided:
	}
	return h
}

// headline is the verdict in one line, without its first word, which is the outcome.
func (h Hunt) headline() (first, rest string) {
	d := h.deepest()
	o := d.Outcome
	var within string
	if h.Inside != nil && o.Culprit != h.Outcome.Culprit {
		within = ", brought in by the merge " + shortID(h.Outcome.Culprit)
	}
	switch o.Outcome {
	case bisect.OutcomeCulprit:
		return "culprit " + shortID(o.Culprit),
			fmt.Sprintf("%s: %s %s%s%s", d.posterior(), d.change(), h.what(), d.kindOfChange(), within)
	case bisect.OutcomeSet:
		return fmt.Sprintf("one of %s", count(len(o.Set), "commit")),
			fmt.Sprintf("%s: %s: %s %s%s%s", d.posterior(), names(o.Set), d.change(), h.what(), d.kindOfChange(), within)
	case bisect.OutcomeNone:
		return "no change", fmt.Sprintf(" of %s or more in %s%s: %s", unsigned(o.LeastChange), plain(h.Range), d.posterior(), h.what())
	case bisect.OutcomeUndecided:
	}
	return "undecided", ": " + d.undecided()
}

// undecided says how things stand and what would decide.
func (h Hunt) undecided() string {
	o := h.Outcome
	var parts []string
	for i, id := range h.named() {
		parts = append(parts, Sure(o.Likeliest[i].Posterior)+" "+shortID(id))
	}
	if len(parts) == 0 {
		parts = []string{fmt.Sprintf("no commit of %d stands out", o.SuspectsAtAll)}
	}
	if o.NoChange >= 0.05 {
		// It is no share beside those of the commits: one of them may have made a smaller change.
		parts[len(parts)-1] += fmt.Sprintf(" (%s that there is no change of %s or more)", Sure(o.NoChange), unsigned(o.LeastChange))
	}
	if h.Task.Parameters.Exact {
		parts = []string{compare.Percent(o.Change) + " " + h.what()}
	}
	if o.Halt == bisect.HaltEnds {
		parts = []string{h.what() + " can not be compared"}
	}
	text := fmt.Sprintf("%s after %s and %s; %s", strings.Join(parts, ", "), count(o.Builds, "build"), count(o.Runs, "run"), plain(o.Reason))
	if more := h.Remaining; more.Runs > 0 && !h.contradicted() && o.Halt != bisect.HaltEnds {
		text += fmt.Sprintf("; about %s and %s more would decide", count(more.Builds, "build"), count(more.Runs, "run"))
	}
	return text
}

// contradicted tells whether a check of the model has failed: more runs would not help.
func (h Hunt) contradicted() bool {
	for _, c := range h.Outcome.Checks {
		if !c.OK {
			return true
		}
	}
	return false
}

// unsigned is a change without its direction.
func unsigned(change float64) string { return strings.TrimPrefix(compare.Percent(change), "+") }

// names lists commits, the middle ones of many left out.
func names(ids []string) string {
	if n := len(ids); n > 4 {
		return fmt.Sprintf("%s, %s, … %s", shortID(ids[0]), shortID(ids[1]), shortID(ids[n-1]))
	}
	short := make([]string, len(ids))
	for i, id := range ids {
		short[i] = shortID(id)
	}
	return strings.Join(short, ", ")
}

// took is a time for a person: 48s, 12m5s, 3h05m.
func took(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 100*time.Second:
		return metric.Format(seconds, metric.Seconds)
	case d.Round(time.Second) < time.Hour:
		return strings.Replace(d.Round(time.Second).String(), "m0s", "m", 1)
	default:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
}
