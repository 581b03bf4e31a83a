package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/post"
	"github.com/communitas/perfgate/internal/report"
)

// postFlags are those of post beside what decides.
type postFlags struct {
	base       string
	dryRun     bool
	event      string
	eventName  string
	repository string
	sha        string
	name       string
	comment    string
	alert      string
	reportURL  string
	artifact   string
	exit       string
	culprit    string
	inProgress bool
	selection  post.Selection
}

func (f *postFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.base, "base", "", "results of the other side, where they are not in RESULTS")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print what would be posted, and post nothing")
	flags.StringVar(&f.event, "event", "", "file with the event's payload (default $GITHUB_EVENT_PATH)")
	flags.StringVar(&f.eventName, "event-name", "", "name of the event (default $GITHUB_EVENT_NAME)")
	flags.StringVar(&f.repository, "repository", "", "OWNER/NAME, where no event says it (default $GITHUB_REPOSITORY)")
	flags.StringVar(&f.sha, "sha", "", "the commit that is judged, whole, where no event says it")
	flags.StringVar(&f.name, "name", "perfgate", "name of the check; checks and comments of different names stand side by side")
	flags.StringVar(&f.comment, "comment", "on", "on or off: a comment on the pull request")
	flags.StringVar(&f.alert, "alert", "on", "on or off: an issue while the default branch is not green, and one for each culprit")
	flags.StringVar(&f.reportURL, "report-url", "", "where the whole report is (default: the workflow run that measured)")
	flags.StringVar(&f.artifact, "artifact", "", "take the results from this artifact of the workflow run, instead of RESULTS")
	flags.StringVar(&f.culprit, "culprit", "", "what perfgate bisect --json wrote: the culprit is named, with remarks on the files that it changed")
	flags.StringVar(&f.exit, "exit", "verdict", "verdict or posted: exit by the verdict, or with 0 once it is posted")
	flags.BoolVar(&f.inProgress, "in-progress", false, "post that a measurement goes on, and nothing else")
	flags.StringArrayVarP(&f.selection.Scenarios, "scenario", "s", nil, "what was to be measured: this scenario (repeatable)")
	flags.StringArrayVar(&f.selection.Benchmarks, "benchmark", nil, "what was to be measured: this benchmark (repeatable)")
	flags.StringArrayVar(&f.selection.Tags, "tag", nil, `what was to be measured: what carries this tag (repeatable; default "pr")`)
}

func (f *postFlags) check(args []string) error {
	if err := f.checkSources(args); err != nil {
		return err
	}
	switch {
	case f.comment != "on" && f.comment != "off":
		return usage("--comment=%s: it takes on or off", f.comment)
	case f.alert != "on" && f.alert != "off":
		return usage("--alert=%s: it takes on or off", f.alert)
	case f.exit != "verdict" && f.exit != "posted":
		return usage("--exit=%s: it takes verdict or posted", f.exit)
	case f.name == "":
		return usage("--name is empty")
	}
	if _, err := github.NewMarker("perfgate " + f.name); err != nil {
		return usage("--name: %w", err)
	}
	if f.sha != "" {
		if err := github.CheckSHA(f.sha); err != nil {
			return usage("--sha: %w", err)
		}
	}
	return nil
}

// checkSources wants results from one place, or none where there are none yet.
func (f *postFlags) checkSources(args []string) error {
	given := len(args)
	if f.artifact != "" {
		given++
	}
	switch {
	case f.inProgress && given > 0:
		return usage("--in-progress takes no results: there are none yet")
	case !f.inProgress && given != 1:
		return usage("name one results directory, zip archive or --artifact (perfgate check --out results writes a directory)")
	case f.base != "" && f.artifact != "":
		return usage("--base belongs to RESULTS: an artifact has both sides")
	default:
		return nil
	}
}

func (p *program) postCommand() *cobra.Command {
	f, d := &postFlags{}, &decideFlags{}
	cmd := &cobra.Command{
		Use:   "post [RESULTS]",
		Short: "Say the verdict on GitHub: check run, comment, job summary",
		Long: `Decides again from the samples in RESULTS (a directory, or a zip archive of one) and says what came of it on GitHub: a check
run on the commit, one comment on its pull request that is kept up to date, the job summary, and outputs for later steps. Where
the token may not make checks it sets a commit status.

Nothing in RESULTS is trusted but the samples. The commit and the pull request come from the event; results of another commit
are refused. The rules (perfgate.toml and baselines.toml) are those of the branch that the pull request wants to go to, and a
change that would change them is told so in the first lines. So it can run in a workflow_run job for pull requests of forks.

When what was pushed to the default branch, or scheduled there, is red or not decided, an issue says so: one for each --name, opened,
kept up to date, and closed when the branch is green and every regression in it is shown to be gone. With --culprit each culprit
has an issue as well, and a comment on the pull request that brought it. What an issue says of a newer commit stays.

It prints the verdict first. Without a token, and outside of GitHub Actions unless --repository and --sha or --event name what to post
to, it prints what it would post instead.

Environment:
  GITHUB_TOKEN or GH_TOKEN needs checks: write (or statuses: write), pull-requests: write, contents: read, with --artifact
  actions: read, and for alerts issues: write
  GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_REF_NAME, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT,
  GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, GITHUB_WORKSPACE, GITHUB_STEP_SUMMARY and GITHUB_OUTPUT are what GitHub Actions sets

Outputs: verdict, conclusion, check-url, comment-url, alert-url

` + exitHelpPost,
		Example: `  perfgate post results                                # in a job of GitHub Actions
  perfgate post results --dry-run                      # what would it say?
  perfgate post --in-progress                          # before measuring: the check goes on
  perfgate post --artifact perfgate-results            # in a workflow_run job, without unpacking anything
  perfgate post results --culprit bisection.json       # and who did it
  perfgate post results --inconclusive=warn --exit posted`,
		Args: atMostOne("results directory or archive"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.post(cmd.Context(), args, f, d) },
	}
	f.add(cmd.Flags())
	d.add(cmd.Flags())
	return cmd
}

// askingTime is how long GitHub may be asked before the verdict is printed: it is not to wait for a service that is down.
const askingTime = 2 * time.Minute

// onlyUsage is an error of the caller's; all others are GitHub's, and hide no verdict.
func onlyUsage(err error) error {
	if coded, ok := errors.AsType[*exitError](err); ok {
		return coded
	}
	return nil
}

func (p *program) post(ctx context.Context, args []string, f *postFlags, d *decideFlags) error {
	if err := errors.Join(d.check(), f.check(args)); err != nil {
		return err
	}
	where, err := p.postPlace(f)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	target, err := where.find(asking)
	if err := cmp.Or(ctx.Err(), onlyUsage(err)); err != nil {
		return err
	}
	trouble := p.trouble(nil, err)
	saying := post.Saying{Name: f.name, Comment: f.comment == "on", DetailsURL: where.reportURL, Alert: f.alert == "on", SearchURL: where.ownURL}
	if f.inProgress {
		return p.begin(ctx, where, target, saying, trouble)
	}
	judging, err := p.judging(asking, where, &target, args, f, d)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return err
	}
	judgement := post.Judge(judging)
	if !p.asJSON { // what is posted may fail; what was found is said before
		if err := report.Text(p.stdout, judgement.Verdict, judging.Delivery.Head, p.style()); err != nil {
			return err
		}
	}
	said := post.Said{}
	if !where.dry {
		said = post.Say(ctx, where.client, target, judgement, saying)
	}
	said.Errs = append(trouble, said.Errs...)
	p.trouble(said.Errs[len(trouble):])
	err = p.posted(where, target, judgement, said, saying, f, d)
	if len(said.Errs) > 0 { // an interruption is no refusal of GitHub's
		return cmp.Or(ctx.Err(), err)
	}
	return err
}

// trouble says what went wrong with GitHub, and returns it for the exit code.
func (p *program) trouble(errs []error, more ...error) []error {
	for _, err := range append(errs, more...) {
		if err != nil {
			p.log.Error(err.Error())
		}
	}
	for _, err := range more {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// begin posts that a measurement goes on.
func (p *program) begin(ctx context.Context, where postPlace, target post.Target, saying post.Saying, trouble []error) error {
	if where.dry {
		out := p.stdout
		if p.asJSON { // there is nothing yet that a machine could read
			out = p.stderr
		}
		_, err := fmt.Fprintf(out, "would post on %s that a measurement goes on: check %s\n", where.commit(target), saying.Name)
		return err
	}
	said := post.Begin(ctx, where.client, target, saying)
	p.trouble(said.Errs)
	if len(said.Errs)+len(trouble) > 0 {
		return cmp.Or(ctx.Err(), quietly(exitPost))
	}
	return nil
}

// judging gathers all that the judgement depends on.
func (p *program) judging(ctx context.Context, where postPlace, target *post.Target, args []string, f *postFlags, d *decideFlags) (post.Judging, error) {
	j := post.Judging{
		Selection: f.selection, Options: d.options(), Inconclusive: d.inconclusive, Now: time.Now(), Whole: where.reportURL,
	}
	var err error
	if j.Delivery, err = where.takeIn(ctx, *target, args, f); err != nil {
		refusal, ok := errors.AsType[*intake.RefusedError](err)
		if !ok {
			return j, err
		}
		j.Refusal = "results " + refusal.Error()
	}
	if j.Delivery.Head != nil && target.HeadSHA != "" {
		if refusal := target.Verify(ctx, where.client, j.Delivery); refusal != "" {
			j.Refusal, j.Delivery = "results refused: "+refusal, intake.Delivery{}
		}
	}
	if j.Rules, err = p.postRules(ctx, where, target, d); err != nil {
		return j, err
	}
	if j.Changed, err = post.Changes(ctx, where.client, *target, j.Rules); err != nil {
		target.Doubts = append(target.Doubts, "whether the pull request changes the rules: "+err.Error())
	}
	if err := accuse(ctx, where, *target, f.culprit, &j); err != nil {
		return j, err
	}
	j.Target = *target
	return j, nil
}

// accuse reads what a search for the culprit has found, where there was one.
func accuse(ctx context.Context, where postPlace, target post.Target, path string, j *post.Judging) error {
	if path == "" {
		return nil
	}
	found, err := intake.OpenBisections(path)
	if _, refused := errors.AsType[*intake.RefusedError](err); refused || errors.Is(err, fs.ErrNotExist) {
		return usage("--culprit %s: %w", path, err)
	}
	if err != nil {
		return err
	}
	j.Culprits = post.Accuse(ctx, where.client, target, found)
	return nil
}

// takeIn reads the results, or the artifact of the run that measured them.
func (w postPlace) takeIn(ctx context.Context, target post.Target, args []string, f *postFlags) (intake.Delivery, error) {
	var d intake.Delivery
	var err error
	switch {
	case f.artifact != "":
		var raw []byte
		if raw, err = w.download(ctx, target, f.artifact); err == nil {
			d, err = intake.Archive(bytes.NewReader(raw), int64(len(raw)))
		}
		// Nobody else will say that there is no verdict: a check that was begun would go on for ever.
		if _, ok := errors.AsType[*github.Error](err); ok && !errors.Is(err, context.Canceled) {
			err = &intake.RefusedError{Place: f.artifact, Reason: "it cannot be had: " + err.Error()}
		}
	case f.base != "":
		d, err = intake.OpenSides(args[0], f.base)
	default:
		d, err = intake.Open(args[0])
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = usage("%w", err)
	}
	return d, err
}

// posted ends with what was said, the summary, the outputs and the exit code.
func (p *program) posted(where postPlace, target post.Target, j post.Judgement, said post.Said, saying post.Saying, f *postFlags, d *decideFlags) error {
	account := postAccount(where, target, j, said, saying)
	branch := ""
	if saying.Alert {
		branch = target.Branch
	}
	if err := p.sayPosted(account, where, branch); err != nil {
		return err
	}
	if f.dryRun {
		where.summary = "" // a dry run leaves nothing behind but outputs
	}
	if err := errors.Join(where.summarise(j), where.output(account)); err != nil {
		said.Errs = p.trouble(said.Errs, err)
	}
	if j.Verdict.Verdict == compare.Inconclusive && d.inconclusive == "warn" {
		p.log.Warn("the verdict is inconclusive and was let through by --inconclusive=warn")
	}
	switch {
	case len(said.Errs) > 0:
		return quietly(exitPost)
	case f.exit == "posted":
		return nil
	default:
		return quietly(verdictCode(j.Verdict.Verdict, d.inconclusive))
	}
}
