package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/post"
	"github.com/communitas/perfgate/internal/report"
)

// postSchema names the version of what post --json prints.
const postSchema = "perfgate.post/1"

// account is what was posted, or would be.
type account struct {
	Schema     string            `json:"schema"`
	Verdict    compare.Outcome   `json:"verdict"`
	Reason     string            `json:"reason"`
	Conclusion report.Conclusion `json:"conclusion"`
	Repository string            `json:"repository"`
	HeadSHA    string            `json:"head_sha"`
	// PullRequest is 0 where there is none.
	PullRequest int    `json:"pull_request"`
	Posted      bool   `json:"posted"`
	Check       string `json:"check"`
	Title       string `json:"title"`
	CheckURL    string `json:"check_url"`
	StatusURL   string `json:"status_url"`
	CommentURL  string `json:"comment_url"`
	// Alert is what became of the branch's issue: "opened", "updated" or "ended"; "" when nothing did, and NoAlert may say why.
	Alert    string         `json:"alert"`
	AlertURL string         `json:"alert_url"`
	NoAlert  string         `json:"no_alert_since"`
	Culprits []culpritAlert `json:"culprits"`
	// Silence says why no comment was made on a pull request.
	Silence     string       `json:"no_comment_since"`
	Rules       []string     `json:"changed_rules"`
	Doubts      []string     `json:"not_verified"`
	Errors      []string     `json:"errors"`
	Annotations []annotation `json:"annotations"`
	Comment     string       `json:"comment"`
}

// culpritAlert is what was posted of one culprit.
type culpritAlert struct {
	Commit      string   `json:"commit"`
	IssueURL    string   `json:"issue_url"`
	CommentURLs []string `json:"comment_urls"`
}

type annotation struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Level   string `json:"level"`
	Title   string `json:"title"`
	Message string `json:"message"`
}

func postAccount(where postPlace, target post.Target, j post.Judgement, said post.Said, saying post.Saying) account {
	a := account{
		Schema: postSchema, Verdict: j.Verdict.Verdict, Reason: j.Verdict.Reason, Conclusion: j.Conclusion, HeadSHA: target.HeadSHA,
		PullRequest: target.Number, Posted: !where.dry && len(said.Errs) == 0, Check: saying.Name, Title: j.Comment.Title(),
		CheckURL: said.Check.URL, StatusURL: said.Status.URL, CommentURL: said.Comment.URL, Silence: target.Silence,
		Alert: said.AlertState, AlertURL: said.Alert.URL, NoAlert: said.NoAlert, Culprits: []culpritAlert{},
		Rules: j.Comment.Rules, Doubts: j.Comment.Doubts, Comment: j.Body(), Errors: []string{}, Annotations: []annotation{},
	}
	for _, sha := range slices.Sorted(maps.Keys(said.Culprits)) {
		alert := culpritAlert{Commit: sha, IssueURL: said.Culprits[sha].Issue.URL, CommentURLs: []string{}}
		for _, comment := range said.Culprits[sha].Comments {
			alert.CommentURLs = append(alert.CommentURLs, comment.URL)
		}
		a.Culprits = append(a.Culprits, alert)
	}
	a.noAlert(where, target, saying)
	if target.Repository.Owner != "" {
		a.Repository = target.Repository.String()
	}
	if a.Rules == nil {
		a.Rules = []string{}
	}
	if a.Doubts == nil {
		a.Doubts = []string{}
	}
	if target.Number > 0 && !saying.Comment {
		a.Silence = "--comment=off"
	}
	for _, err := range said.Errs {
		a.Errors = append(a.Errors, err.Error())
	}
	for _, n := range j.Annotations {
		a.Annotations = append(a.Annotations, annotation(n))
	}
	return a
}

// noAlert says why there is none where nobody has asked GitHub.
func (a *account) noAlert(where postPlace, target post.Target, saying post.Saying) {
	switch {
	case !saying.Alert:
		a.NoAlert = "--alert=off"
	case target.Branch == "":
		a.NoAlert = target.NoBranch
	case where.dry:
		a.NoAlert = "nothing is posted"
	}
}

// sayPosted prints the account: for machines, or what would be posted, or where it stands.
func (p *program) sayPosted(a account, where postPlace, branch string) error {
	if p.asJSON {
		return p.sayJSON(a)
	}
	if where.dry {
		_, err := io.WriteString(p.stdout, wouldPost(a, branch))
		return err
	}
	for _, posted := range []struct{ what, url string }{{"check", a.CheckURL}, {"status", a.StatusURL}, {"comment", a.CommentURL}} {
		if posted.url != "" {
			p.log.Info(posted.what + ": " + posted.url)
		}
	}
	if a.Silence != "" {
		p.log.Info("no comment: " + a.Silence)
	}
	if a.Alert != "" {
		p.log.Info("issue of the branch " + a.Alert + ": " + a.AlertURL)
	}
	for _, c := range a.Culprits {
		p.log.Info(strings.Join(append([]string{"culprit " + short(c.Commit) + ": " + c.IssueURL}, c.CommentURLs...), ", "))
	}
	if a.PullRequest == 0 && a.NoAlert != "" {
		p.log.Info("no alert: " + a.NoAlert)
	}
	return nil
}

// sayJSON prints the account. In a job GitHub's runner reads along, and "##[command]" would be carried out: it can only stand within
// a text, where an escape means the same.
func (p *program) sayJSON(a account) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(a); err != nil {
		return err
	}
	_, err := p.stdout.Write(bytes.ReplaceAll(text.Bytes(), []byte("##["), []byte(`##\u005b`)))
	return err
}

// wouldPost is what a dry run shows: the check, its annotations, and the comment as it would be written.
func wouldPost(a account, branch string) string {
	var b strings.Builder
	on := "the commit"
	if a.HeadSHA != "" {
		on = a.HeadSHA
	}
	if a.Repository != "" {
		on += " of " + a.Repository
	}
	fmt.Fprintf(&b, "\nwould post on %s\n  check %s: %s: %s\n", on, a.Check, a.Conclusion, a.Title)
	for _, n := range a.Annotations {
		fmt.Fprintf(&b, "    %s:%d: %s: %s\n", n.Path, n.Line, n.Level, n.Title)
	}
	switch {
	case branch != "" && a.Conclusion != report.Success:
		fmt.Fprintf(&b, "  issue: %s is not green\n", branch)
	case branch != "":
		fmt.Fprintf(&b, "  no issue: %s is green; an open one would be closed when nothing in it still stands\n", branch)
	}
	switch {
	case a.Silence != "":
		fmt.Fprintf(&b, "  no comment: %s\n", a.Silence)
	case a.PullRequest > 0:
		fmt.Fprintf(&b, "  comment on #%d:\n", a.PullRequest)
	default:
		b.WriteString("  no pull request: no comment. The check says:\n")
	}
	return b.String() + "\n" + a.Comment
}

// summarise appends the report to the summary of the job, as far as there is room: GitHub drops one that is too large.
func (w postPlace) summarise(j post.Judgement) error {
	if w.summary == "" {
		return nil
	}
	const most = 1 << 20
	room := most
	if info, err := os.Stat(w.summary); err == nil {
		room -= int(min(info.Size(), most))
	}
	limit := min(report.MaxSummary, room/4) // a code point has up to four bytes
	if limit < 1000 {
		return nil // other steps have filled it
	}
	return appended(w.summary, j.Comment.Markdown(limit)+"\n")
}

// output gives later steps what came of it. A value stands between two lines that nobody can foresee.
func (w postPlace) output(a account) error {
	if w.outputs == "" {
		return nil
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return fmt.Errorf("write outputs: %w", err)
	}
	delimiter := fmt.Sprintf("perfgate_%x", random)
	var b strings.Builder
	for _, o := range []struct{ name, value string }{
		{"verdict", string(a.Verdict)}, {"conclusion", string(a.Conclusion)}, {"check-url", a.CheckURL}, {"comment-url", a.CommentURL}, {"alert-url", a.AlertURL},
	} {
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", o.name, delimiter, o.value, delimiter)
	}
	return appended(w.outputs, b.String())
}

// appended adds to a file that GitHub Actions reads when the step ends.
func appended(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
