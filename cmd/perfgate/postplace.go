package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/post"
)

// postPlace is where and for whom post runs: what the environment and the flags say of GitHub.
type postPlace struct {
	// client is nil without a token.
	client *github.Client
	// dry says that nothing is posted, why says why.
	dry bool
	why string
	// event is the zero Event outside of one.
	event github.Event
	// repository and sha are from flags and environment; sha "" leaves it to the event.
	repository github.Repository
	sha        string
	jobSHA     string
	// run is the workflow run that measured, 0 when not known.
	run       int64
	reportURL string
	// ownURL is the workflow run that this is a part of, "" outside of one. again says that it is not its first attempt.
	ownURL  string
	again   bool
	summary string
	outputs string
}

// postPlace reads the environment. What is wrong in it is the caller's mistake.
func (p *program) postPlace(f *postFlags) (postPlace, error) {
	w := postPlace{sha: f.sha, jobSHA: os.Getenv("GITHUB_SHA"), summary: os.Getenv("GITHUB_STEP_SUMMARY"), outputs: os.Getenv("GITHUB_OUTPUT")}
	if err := w.readEvent(f); err != nil {
		return w, err
	}
	if err := w.findRepository(f); err != nil {
		return w, err
	}
	w.event.Repository = w.repository
	if w.event.Name == "schedule" && w.event.DefaultBranch == "" { // there are schedules nowhere else
		w.event.DefaultBranch = os.Getenv("GITHUB_REF_NAME")
	}
	if err := w.dryness(f); err != nil {
		return w, err
	}
	if w.dry && !f.dryRun {
		p.log.Warn(w.why + ": this is what would be posted")
	}
	err := errors.Join(w.connect(p), w.findReport(f))
	return w, err
}

// findRepository takes the repository that was named, or else that of the event, or of the job.
func (w *postPlace) findRepository(f *postFlags) error {
	w.repository = w.event.Repository
	text := f.repository
	if text == "" && w.repository == (github.Repository{}) {
		text = os.Getenv("GITHUB_REPOSITORY")
	}
	if text == "" {
		return nil
	}
	var err error
	if w.repository, err = github.ParseRepository(text); err != nil {
		return usage("the repository: %w", err)
	}
	return nil
}

func token() string { return cmp.Or(os.Getenv("GITHUB_TOKEN"), os.Getenv("GH_TOKEN")) }

// connect makes the client, which a dry run asks as well, where there is a token.
func (w *postPlace) connect(p *program) error {
	if token() == "" || w.repository == (github.Repository{}) {
		return nil
	}
	client, err := github.New(github.Options{
		BaseURL: os.Getenv("GITHUB_API_URL"), Token: token(), UserAgent: "perfgate/" + strings.Fields(version())[0], Log: p.log,
	})
	if err != nil {
		return usage("%w", err)
	}
	w.client = client
	return nil
}

// readEvent reads the payload of the event, where there is one.
func (w *postPlace) readEvent(f *postFlags) error {
	path, name := cmp.Or(f.event, os.Getenv("GITHUB_EVENT_PATH")), cmp.Or(f.eventName, os.Getenv("GITHUB_EVENT_NAME"))
	if path == "" {
		return nil
	}
	if name == "" {
		return usage("an event needs its name: --event-name pull_request (or $GITHUB_EVENT_NAME)")
	}
	info, err := os.Stat(path)
	if err != nil {
		return usage("read the event: %w", err)
	}
	if info.Size() > github.MaxEvent {
		return usage("read the event: %s has %d bytes, more than any", path, info.Size())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return usage("read the event: %w", err)
	}
	w.event, err = github.ParseEvent(name, raw)
	switch {
	case errors.Is(err, github.ErrUnknownEvent) && f.event == "" && f.sha != "": // a person says what it does not
		return nil
	case errors.Is(err, github.ErrUnknownEvent):
		return usage("read the event: %w; of another one name the commit with --sha", err)
	case err != nil:
		return usage("read the event: %w", err)
	}
	return nil
}

// dryness decides whether anything is posted.
func (w *postPlace) dryness(f *postFlags) error {
	named := f.event != "" || f.repository != "" && f.sha != ""
	switch {
	case f.dryRun:
		w.dry, w.why = true, "--dry-run"
	case os.Getenv("GITHUB_ACTIONS") != "true" && !named:
		w.dry, w.why = true, "outside of GitHub Actions"
	case token() == "":
		w.dry, w.why = true, "without a token (give the step env: GITHUB_TOKEN: ${{ github.token }})"
	case w.repository == (github.Repository{}):
		return usage("it is not known on which repository: name it with --repository OWNER/NAME")
	}
	return nil
}

// findReport is where the whole report is: named, or the run that measured.
func (w *postPlace) findReport(f *postFlags) error {
	w.run = w.event.Run.ID
	w.reportURL = cmp.Or(f.reportURL, w.event.Run.URL)
	if w.run == 0 {
		w.run, _ = strconv.ParseInt(os.Getenv("GITHUB_RUN_ID"), 10, 64) // without one there is none
	}
	attempt, _ := strconv.Atoi(os.Getenv("GITHUB_RUN_ATTEMPT"))
	w.again = attempt > 1
	page := func(run int64) string {
		server := strings.TrimRight(os.Getenv("GITHUB_SERVER_URL"), "/")
		if server == "" || run < 1 {
			return ""
		}
		return fmt.Sprintf("%s/%s/actions/runs/%d", server, w.repository, run)
	}
	own, _ := strconv.ParseInt(os.Getenv("GITHUB_RUN_ID"), 10, 64)
	w.ownURL = page(own)
	w.reportURL = cmp.Or(w.reportURL, page(w.run))
	if w.reportURL == "" {
		return nil
	}
	if u, err := url.Parse(w.reportURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return usage("--report-url %s is no address of a page", w.reportURL)
	}
	return nil
}

// find makes the target of the event, or of the flags.
func (w postPlace) find(ctx context.Context) (post.Target, error) {
	t := post.Target{HeadSHA: w.sha, NoBranch: "no event says that it concerns a branch"}
	var err error
	if w.event.Name != "" {
		t, err = post.Find(ctx, w.client, w.event, w.jobSHA)
		t.HeadSHA = cmp.Or(w.sha, t.HeadSHA)
	}
	t.Repository = w.repository
	t.Again = t.Again || w.again
	if !w.dry && t.HeadSHA == "" {
		return t, usage("it is not known which commit is judged: name it with --sha")
	}
	return t, err
}

func (w postPlace) commit(t post.Target) string {
	if t.HeadSHA == "" {
		return "the commit"
	}
	return fmt.Sprintf("%s of %s", short(t.HeadSHA), t.Repository)
}

// download takes an artifact of the run that measured, as it is: nothing is unpacked.
func (w postPlace) download(ctx context.Context, target post.Target, name string) ([]byte, error) {
	switch {
	case w.client == nil:
		return nil, usage("--artifact needs a token to download with")
	case w.run == 0:
		return nil, usage("--artifact: no workflow run is known that would have it")
	}
	all, err := w.client.Artifacts(ctx, target.Repository, w.run)
	if err != nil {
		return nil, err
	}
	names := []string{}
	var newest github.Artifact
	for _, a := range all { // an attempt that was run again has left another one of the same name, which GitHub numbers higher
		names = append(names, a.Name)
		if a.Name == name && a.ID > newest.ID {
			newest = a
		}
	}
	switch {
	case newest.ID == 0:
		return nil, &intake.RefusedError{Place: name, Reason: fmt.Sprintf("the workflow run %d left no such artifact, only %s", w.run, someOf(names))}
	case newest.HeadSHA != "" && newest.HeadSHA != target.HeadSHA:
		return nil, &intake.RefusedError{Place: name, Reason: "the artifact is of a run for another commit"}
	case newest.Expired:
		return nil, &intake.RefusedError{Place: name, Reason: "the artifact has expired: measure again"}
	}
	return w.client.Download(ctx, target.Repository, newest.ID, intake.MaxArchive)
}

// someOf quotes a few names. Whoever changes a workflow chooses them, and how many there are.
func someOf(names []string) string {
	const most = 5
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%+q and %d more", names[:most], more)
	}
	return fmt.Sprintf("%+q", names)
}

// postRules are those of the base branch: from GitHub where there is a pull request, and from the checkout where that is of
// the branch itself.
func (p *program) postRules(ctx context.Context, w postPlace, target *post.Target, d *decideFlags) (post.Rules, error) {
	config, configErr := pathInRepository(p.config)
	baselines, baselinesErr := pathInRepository(p.baselinesPath(d.baselines))
	if err := errors.Join(configErr, baselinesErr); err != nil {
		return post.Rules{}, err
	}
	_, missing := os.Stat(p.config)
	ofPull := target.Number > 0 && d.baselines == ""
	if w.client != nil && target.BaseBranch != "" && (ofPull || errors.Is(missing, os.ErrNotExist)) {
		rules, err := post.Fetch(ctx, w.client, *target, config, baselines)
		if err == nil || errors.Is(missing, os.ErrNotExist) {
			return rules, err
		}
		w.unread(target, config, err)
	}
	rules, err := p.checkoutRules(d)
	rules.ConfigPath, rules.BaselinesPath = config, baselines
	const own = "the rules were those of the checkout, which the pull request may have changed"
	switch {
	case w.event.Name != "pull_request":
	case w.client == nil:
		target.Doubts = append(target.Doubts, "without a token "+own)
	case d.baselines != "":
		target.Doubts = append(target.Doubts, own+": --baselines named them")
	}
	return rules, err
}

// unread notes that the rules of the base branch could not be read, so that those of the checkout have to do.
func (w postPlace) unread(target *post.Target, config string, err error) {
	reason := fmt.Sprintf("the rules of %s could not be read: %v", target.BaseBranch, err)
	if errors.Is(err, github.ErrNotFound) {
		reason = fmt.Sprintf("%s has no %s yet: there are no rules to judge by", target.BaseBranch, config)
	}
	if w.event.Name == "pull_request" { // what is checked out is the change itself
		target.Problems = append(target.Problems, compare.Problem{Verdict: compare.Inconclusive, Reason: reason})
	} else {
		target.Doubts = append(target.Doubts, reason+": those of the checkout were taken")
	}
}

func (p *program) checkoutRules(d *decideFlags) (post.Rules, error) {
	var rules post.Rules
	var err error
	if rules.Suite, _, err = p.loadSuite(); err != nil {
		return rules, err
	}
	if rules.Config, err = os.ReadFile(p.config); err != nil {
		return rules, usage("%w", err)
	}
	rules.Baselines, err = p.loadBaselines(d.baselines)
	return rules, err
}
