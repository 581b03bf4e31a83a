package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/refresh"
	"github.com/communitas/perfgate/internal/report"
)

const (
	// refreshBranch is perfgate's own: nobody else commits there.
	refreshBranch = "perfgate/baseline-refresh"
	refreshMark   = "perfgate baseline refresh"
)

// pullFlags say where the pull request of a refresh goes.
type pullFlags struct {
	asked            bool
	repository, base string
}

// pullPlace is where a pull request goes, known before anything is measured.
type pullPlace struct {
	client     *github.Client
	repository github.Repository
	// base is the branch, path that of baselines.toml in the repository.
	base, path string
}

// pullPlace reads the environment; what is missing in it is the caller's mistake.
func (p *program) pullPlace(f pullFlags, baselines string) (*pullPlace, error) {
	if !f.asked {
		if f.repository != "" || f.base != "" {
			return nil, usage("--repository and --base belong to --pull-request")
		}
		return nil, nil //nolint:nilnil // nowhere is no error
	}
	w := &pullPlace{}
	repository := first(f.repository, os.Getenv("GITHUB_REPOSITORY"))
	if repository == "" {
		return nil, usage("--pull-request: no repository is known: name it with --repository OWNER/NAME")
	}
	var err error
	if w.repository, err = github.ParseRepository(repository); err != nil {
		return nil, usage("--repository: %w", err)
	}
	if w.base, err = f.baseBranch(); err != nil {
		return nil, err
	}
	if w.path, err = pathInRepository(baselines); err != nil {
		return nil, err
	}
	token := first(os.Getenv("GITHUB_TOKEN"), os.Getenv("GH_TOKEN"))
	if token == "" {
		return nil, usage("--pull-request needs a token that may write contents and pull requests (give the step env: GITHUB_TOKEN: ${{ github.token }})")
	}
	w.client, err = github.New(github.Options{
		BaseURL: os.Getenv("GITHUB_API_URL"), Token: token, UserAgent: "perfgate/" + strings.Fields(version())[0], Log: p.log,
	})
	if err != nil {
		return nil, usage("%w", err)
	}
	return w, nil
}

// baseBranch is the branch that was named, or that the job is of.
func (f pullFlags) baseBranch() (string, error) {
	base := f.base
	if base == "" && os.Getenv("GITHUB_REF_TYPE") != "tag" {
		base = first(os.Getenv("GITHUB_REF_NAME"), "main")
	}
	switch err := github.CheckBranch(base); {
	case base == "":
		return "", usage("--pull-request: GITHUB_REF_NAME is a tag; name the branch with --base")
	case err != nil:
		return "", usage("--base: %w", err)
	case base == refreshBranch:
		return "", usage("--base: %s is the branch that the pull request comes from", base)
	}
	return base, nil
}

// pull commits the refreshed file on perfgate's branch, and opens the pull request or brings it up to date. The file is that of the
// base branch as it is now, refreshed: what somebody wrote there since the checkout stays.
func (p *program) pull(ctx context.Context, where *pullPlace, plan refresh.Plan) error {
	raw, err := where.current(ctx)
	if err != nil {
		return err
	}
	file, err := baseline.Parse(where.path, raw)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	refreshed, err := file.WithRecordings(plan.Recordings)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	marker, err := github.NewMarker(refreshMark)
	if err != nil {
		return fmt.Errorf("mark the pull request: %w", err)
	}
	var body bytes.Buffer
	if err := report.RefreshMarkdown(&body, plan); err != nil {
		return err
	}
	posted, err := where.client.PutPull(ctx, where.repository, github.PullPlan{
		Branch: refreshBranch, Base: where.base, Title: "Refresh the performance baseline", Marker: marker,
		Message: "perfgate: refresh the baseline\n\n" + plan.Reason,
		Files:   map[string][]byte{where.path: refreshed}, Body: cutLines(body.String(), github.MaxBody-len(marker)-2),
	})
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case err != nil:
		return &exitError{code: exitPost, err: fmt.Errorf("%s was refreshed here and no pull request could be made: %w", where.path, err)}
	case posted == github.Posted{}:
		p.log.Info(where.base + " has these recordings already: there is nothing to pull")
	case posted.Created:
		p.log.Info("opened " + posted.URL)
	default:
		p.log.Info("brought up to date: " + posted.URL)
	}
	return nil
}

// current is baselines.toml on the base branch; a branch without it has an empty one.
func (w *pullPlace) current(ctx context.Context) ([]byte, error) {
	raw, err := w.client.File(ctx, w.repository, w.path, w.base)
	if errors.Is(err, github.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, &exitError{code: exitPost, err: err}
	}
	return raw, nil
}

// cutLines keeps whole lines of at most so many characters.
func cutLines(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	const end = "\n(cut: the job's log has all of it)\n"
	text = string([]rune(text)[:max(most-len(end), 0)])
	return text[:strings.LastIndexByte(text, '\n')+1] + end
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
