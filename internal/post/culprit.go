package post

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/report"
)

// maxCulpritFiles is how many files of a culprit are remarked on.
const maxCulpritFiles = 20

// Culprits are what searches found, as lines of the comment and remarks on the files that the culprits changed.
type Culprits struct {
	Lines       []string
	Annotations []report.Annotation
	// Accused are the culprits that are commits of the judged history, each once.
	Accused []Accused
}

// Accused is one culprit.
type Accused struct {
	// SHA is whole.
	SHA string
	// Changed names what it changed in short, Lines are what the searches say of it.
	Changed, Lines []string
	// Searches are what they are founded on.
	Searches []report.Search
}

// Accuse makes lines and remarks of searches. A culprit that is no commit before the one that is judged is not accused: the
// search was of another history. Without a client nobody knows, and the lines say so.
func Accuse(ctx context.Context, client *github.Client, t Target, found []intake.Bisection) Culprits {
	var c Culprits
	for _, b := range found {
		line := told(b)
		if b.Culprit != "" {
			line += c.remark(ctx, client, t, b)
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// told says what a search came to.
func told(b intake.Bisection) string {
	name := of(b.Metric, b.Scenario)
	change := compare.ChangeText(b.Change, b.Low, b.High)
	switch b.Outcome {
	case "culprit":
		return fmt.Sprintf("%s: commit %s changed it by %s (%s sure)", name, b.Culprit, change, report.Sure(b.Posterior))
	case "set":
		return fmt.Sprintf("%s: one of %d commits changed it by %s, and they cannot be told apart: %s", name, len(b.Set), change, several(b.Set))
	case "none":
		return fmt.Sprintf("%s: no commit of the range changed it (%s sure)", name, report.Sure(b.Posterior))
	default:
		return fmt.Sprintf("%s: which commit changed it is not decided: %s", name, b.Reason)
	}
}

// several names up to three commits.
func several(commits []string) string {
	text := ""
	for i, sha := range commits {
		if i == 3 {
			return text + ", ..."
		}
		if i > 0 {
			text += ", "
		}
		text += sha
	}
	return text
}

// remark notes the files that a culprit changed, and says what is to be said of the culprit itself.
func (c *Culprits) remark(ctx context.Context, client *github.Client, t Target, b intake.Bisection) string {
	if client == nil || t.HeadSHA == "" {
		return "; not verified to be a commit of this history"
	}
	contained, err := client.Contains(ctx, t.Repository, t.HeadSHA, b.Culprit)
	if err != nil {
		return fmt.Sprintf("; not verified to be a commit of this history: %v", err)
	}
	if !contained {
		return "; that is no commit of this history, and the search was of another one"
	}
	c.accuse(b)
	files, err := client.FilesOfCommit(ctx, t.Repository, b.Culprit)
	if err != nil {
		return fmt.Sprintf("; its files could not be listed: %v", err)
	}
	for _, f := range files[:min(maxCulpritFiles, len(files))] {
		if f.Status == "removed" {
			continue
		}
		c.Annotations = append(c.Annotations, report.Annotation{
			Path: f.Path, Line: firstLine(f.Patch), Level: "warning", Title: "changed by the likely culprit " + short(b.Culprit), Message: told(b),
		})
	}
	return ""
}

// accuse notes a culprit, or what else it has changed.
func (c *Culprits) accuse(b intake.Bisection) {
	at := slices.IndexFunc(c.Accused, func(a Accused) bool { return a.SHA == b.Culprit })
	if at < 0 {
		at = len(c.Accused)
		c.Accused = append(c.Accused, Accused{SHA: b.Culprit})
	}
	a := &c.Accused[at]
	a.Changed = append(a.Changed, fmt.Sprintf("%s by %s", of(b.Metric, b.Scenario), compare.Percent(b.Change)))
	a.Lines = append(a.Lines, told(b))
	a.Searches = append(a.Searches, searchOf(b))
}

// searchOf is what a search is founded on.
func searchOf(b intake.Bisection) report.Search {
	s := report.Search{
		Name: of(b.Metric, b.Scenario), Unit: b.Unit, Builds: b.Builds, Runs: b.Runs, Seconds: b.Seconds,
		Culprit: b.Culprit, Parent: b.Parent, Pairs: b.Pairs, Checks: b.Checks,
	}
	for _, m := range b.Measured {
		s.Measured = append(s.Measured, report.SearchedCommit{Commit: m.Commit, Contains: m.Contains, Values: m.Values})
	}
	return s
}

// of names a metric of a scenario, or of a build or benchmark where scenario is "".
func of(name, scenario string) string {
	if scenario != "" {
		name += " of " + scenario
	}
	return name
}

// hunk is the beginning of a part of a difference, with the line where it stands in the new file.
var hunk = regexp.MustCompile(`^@@ -\d+(?:,\d+)? \+(\d{1,9})`)

// firstLine is where a difference begins, 1 when it does not say.
func firstLine(patch string) int {
	found := hunk.FindStringSubmatch(patch)
	if found == nil {
		return 1
	}
	line, err := strconv.Atoi(found[1])
	if err != nil || line < 1 {
		return 1
	}
	return line
}
