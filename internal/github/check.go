package github

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/google/go-github/v60/github"
)

// GitHub's limits for a check.
const (
	// MaxCheckText is how many characters the summary and the text may have, each.
	MaxCheckText = 65535
	// MaxAnnotationMessage is how many bytes an annotation's message and details may have, each.
	MaxAnnotationMessage = 64 << 10
	// MaxAnnotationTitle is how many characters its title may have.
	MaxAnnotationTitle = 255

	annotationsARequest = 50
)

// Conclusion is how a check ended.
type Conclusion string

// The conclusions that perfgate has a use for.
const (
	// Running is the conclusion of a check that goes on.
	Running Conclusion = ""
	// Success lets a required check pass.
	Success Conclusion = "success"
	// Failure does not.
	Failure Conclusion = "failure"
	// Neutral lets it pass, and is grey.
	Neutral Conclusion = "neutral"
)

// Level is how loud an annotation is.
type Level string

// The levels that GitHub knows.
const (
	// NoticeLevel is for what is worth knowing.
	NoticeLevel Level = "notice"
	// WarningLevel is for what is doubtful.
	WarningLevel Level = "warning"
	// FailureLevel is for what made the check fail.
	FailureLevel Level = "failure"
)

// Check is a check run.
type Check struct {
	// Name is shown, and what branch protection refers to. Never empty.
	Name string
	// HeadSHA is the whole SHA of the commit that is judged: of a pull request its head, never the merge commit.
	HeadSHA string
	// ExternalID tells checks of one name and commit apart; a check with the same name and ExternalID is brought up to date.
	// It has no "#" and at most 100 characters. "" is an identity too.
	ExternalID string
	// DetailsURL is where "Details" leads; "" leads to GitHub's own page.
	DetailsURL string
	// Conclusion is Running while it goes on.
	Conclusion Conclusion
	// Title is one line; "" is the name.
	Title string
	// Summary is Markdown, of at most MaxCheckText characters. "" is the title.
	Summary string
	// Text is Markdown below it, of at most MaxCheckText characters; may be "".
	Text string
	// Annotations stand beside lines of files; any number.
	Annotations []Annotation
	// Started is when it began; zero is when it was created.
	Started time.Time
	// Completed is when it ended; zero is now. Of no meaning while it goes on.
	Completed time.Time
}

// Annotation is a remark beside lines of a file of the commit.
type Annotation struct {
	// Path is relative to the root of the repository, with slashes.
	Path string
	// Line is the first line, from 1; 0 is 1.
	Line int
	// EndLine is the last one; 0 is Line.
	EndLine int
	// Level is how loud it is; "" is WarningLevel.
	Level Level
	// Title has at most MaxAnnotationTitle characters; may be "".
	Title string
	// Message has at most MaxAnnotationMessage bytes, and is not empty.
	Message string
}

// PutCheck creates the check, or brings up to date what an earlier call with the same name, ExternalID and commit created.
//
// A check cannot be deleted, its annotations cannot be taken back, and one that has ended does not go on again. Where the one that is
// there cannot become this, a new one is created, which GitHub shows in its place. Of two jobs that post at the same time, each either updates what it
// found or makes one of its own, whole; GitHub shows the latest.
func (c *Client) PutCheck(ctx context.Context, repository Repository, check Check) (Posted, error) {
	check, err := check.complete()
	if err == nil {
		err = errors.Join(repository.check(), CheckSHA(check.HeadSHA))
	}
	if err != nil {
		return Posted{}, fmt.Errorf("check %q: %w", check.Name, err)
	}
	p := &checkPoster{client: c, repository: repository, check: check}
	run, err := p.find(ctx, "")
	if err != nil {
		return Posted{}, err
	}
	if run != nil {
		fits, err := p.fits(ctx, run)
		if err != nil {
			return Posted{}, err
		}
		if fits {
			done, err := p.update(ctx, run)
			if !errors.Is(err, errForeignAnnotations) && !errors.Is(err, ErrForbidden) { // another app's, perhaps
				return posted(done, false), err
			}
		}
	}
	return p.fresh(ctx)
}

// complete fills in what may be left empty, and refuses what GitHub would.
func (k Check) complete() (Check, error) {
	if k.Title == "" {
		k.Title = k.Name
	}
	if k.Summary == "" {
		k.Summary = k.Title
	}
	switch {
	case k.Name == "":
		return k, errors.New("it has no name")
	case strings.Contains(k.ExternalID, "#") || utf8.RuneCountInString(k.ExternalID) > 100:
		return k, fmt.Errorf("external id %.120q has a # or more than 100 characters", k.ExternalID)
	case utf8.RuneCountInString(k.Summary) > MaxCheckText:
		return k, fmt.Errorf("the summary has %d characters, more than %d: cut it", utf8.RuneCountInString(k.Summary), MaxCheckText)
	case utf8.RuneCountInString(k.Text) > MaxCheckText:
		return k, fmt.Errorf("the text has %d characters, more than %d: cut it", utf8.RuneCountInString(k.Text), MaxCheckText)
	}
	all := make([]Annotation, len(k.Annotations))
	for i, a := range k.Annotations {
		full, err := a.complete()
		if err != nil {
			return k, fmt.Errorf("annotation %d: %w", i+1, err)
		}
		all[i] = full
	}
	k.Annotations = all
	return k, nil
}

func (a Annotation) complete() (Annotation, error) {
	if a.Line == 0 {
		a.Line = 1
	}
	if a.EndLine == 0 {
		a.EndLine = a.Line
	}
	if a.Level == "" {
		a.Level = WarningLevel
	}
	switch {
	case a.Path == "" || strings.HasPrefix(a.Path, "/"):
		return a, fmt.Errorf("path %q is not relative to the repository", a.Path)
	case a.Line < 1 || a.EndLine < a.Line:
		return a, fmt.Errorf("lines %d to %d are none", a.Line, a.EndLine)
	case a.Message == "" || len(a.Message) > MaxAnnotationMessage:
		return a, fmt.Errorf("its message has %d bytes: from 1 to %d are wanted", len(a.Message), MaxAnnotationMessage)
	case utf8.RuneCountInString(a.Title) > MaxAnnotationTitle:
		return a, fmt.Errorf("its title has %d characters, more than %d", utf8.RuneCountInString(a.Title), MaxAnnotationTitle)
	}
	return a, nil
}

func (a Annotation) wire() *api.CheckRunAnnotation {
	w := &api.CheckRunAnnotation{
		Path: &a.Path, StartLine: &a.Line, EndLine: &a.EndLine, AnnotationLevel: new(string(a.Level)), Message: &a.Message,
	}
	if a.Title != "" {
		w.Title = &a.Title
	}
	return w
}

func posted(run *api.CheckRun, created bool) Posted {
	return Posted{ID: run.GetID(), URL: run.GetHTMLURL(), Created: created}
}

// nonce tells what this call created from what another one did.
func nonce() string { return rand.Text()[:16] }
