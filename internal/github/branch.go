package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	api "github.com/google/go-github/v60/github"
)

// PullPlan is a pull request of perfgate's own.
type PullPlan struct {
	// Branch is perfgate's own in the same repository; it is made, and moved as perfgate likes.
	Branch string
	// Base is the branch that the pull request wants to go to, and starts from.
	Base string
	// Message is that of the one commit on Branch.
	Message string
	// Files are the whole new contents by path, in UTF-8. At least one.
	Files map[string][]byte
	// Title is one line.
	Title string
	// Body is Markdown, with the marker at most MaxBody characters.
	Body string
	// Marker goes into the body and the commit's message, where it tells perfgate's commits from those of others.
	Marker Marker
}

// ErrNotOurs says that a branch has what perfgate did not make, and is left alone.
var ErrNotOurs = errors.New("it is not perfgate's")

// PutPull brings one commit with the files onto the branch, on top of the base as it is now, and opens a pull request from it
// or brings the open one up to date. A branch whose commit perfgate did not make is left alone: ErrNotOurs. When the base
// has these contents already, there is nothing to pull: the zero Posted.
func (c *Client) PutPull(ctx context.Context, repository Repository, plan PullPlan) (Posted, error) {
	full, err := plan.Marker.on(plan.Body)
	if err == nil {
		err = errors.Join(repository.check(), plan.check())
	}
	if err != nil {
		return Posted{}, fmt.Errorf("pull request from %q: %w", plan.Branch, err)
	}
	p := &puller{client: c, repository: repository, plan: plan, body: full}
	changed, err := p.commit(ctx)
	if err != nil || !changed {
		return Posted{}, err
	}
	return p.open(ctx)
}

func (p PullPlan) check() error {
	if err := errors.Join(CheckBranch(p.Branch), CheckBranch(p.Base)); err != nil {
		return err
	}
	switch {
	case p.Branch == p.Base:
		return errors.New("branch and base are the same")
	case p.Title == "" || p.Message == "":
		return errors.New("it has no title or its commit no message")
	case len(p.Files) == 0:
		return errors.New("it has no files")
	}
	for path, content := range p.Files {
		if !utf8.Valid(content) {
			return fmt.Errorf("file %s is not UTF-8", path)
		}
		if err := checkPath(path); err != nil {
			return err
		}
	}
	return nil
}

// puller carries out one PutPull.
type puller struct {
	client     *Client
	repository Repository
	plan       PullPlan
	body       string
}

// commit brings the files onto the branch; false says that the base has them.
func (p *puller) commit(ctx context.Context) (bool, error) {
	git, owner, name := p.client.api.Git, p.repository.Owner, p.repository.Name
	base, branch, err := p.tips(ctx)
	if err != nil {
		return false, err
	}
	// What is named by its contents may be made twice.
	tree, _, err := git.CreateTree(repeatable(ctx), owner, name, base.GetTree().GetSHA(), p.entries())
	if err != nil {
		return false, p.client.wrap("make the tree of files", err)
	}
	if tree.GetSHA() == base.GetTree().GetSHA() {
		return false, nil
	}
	if branch != nil && branch.GetTree().GetSHA() == tree.GetSHA() && len(branch.Parents) == 1 && branch.Parents[0].GetSHA() == base.GetSHA() {
		return true, nil
	}
	message := p.plan.Message + "\n\n" + p.trailer()
	commit, _, err := git.CreateCommit(repeatable(ctx), owner, name,
		&api.Commit{Message: &message, Tree: tree, Parents: []*api.Commit{{SHA: new(base.GetSHA())}}}, nil)
	if err != nil {
		return false, p.client.wrap("make the commit", err)
	}
	return true, p.move(ctx, branch != nil, commit.GetSHA())
}

// tips are the commits at the ends of the base and of the branch, which is nil where there is none yet.
func (p *puller) tips(ctx context.Context) (base, branch *api.Commit, err error) {
	if base, err = p.tip(ctx, p.plan.Base); err != nil {
		return nil, nil, err
	}
	if base == nil {
		return nil, nil, &Error{Op: "read branch " + p.plan.Base, Kind: ErrNotFound, Message: "there is no such branch"}
	}
	if branch, err = p.tip(ctx, p.plan.Branch); err != nil {
		return nil, nil, err
	}
	if branch != nil && branch.GetSHA() != base.GetSHA() && !p.ours(branch) {
		return nil, nil, fmt.Errorf("branch %s has commit %s: %w; merge or remove the branch", p.plan.Branch, branch.GetSHA(), ErrNotOurs)
	}
	return base, branch, nil
}

// tip is the commit at the end of a branch, or nil.
func (p *puller) tip(ctx context.Context, branch string) (*api.Commit, error) {
	sha, err := p.client.Tip(ctx, p.repository, branch)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // no branch is no error here
	}
	if err != nil {
		return nil, err
	}
	commit, _, err := p.client.api.Git.GetCommit(ctx, p.repository.Owner, p.repository.Name, sha)
	return commit, p.client.wrap("read the tip of "+branch, err)
}

// move lets the branch end at the commit. Where another job has made the branch meanwhile, it is moved; where somebody else has,
// it is left alone.
func (p *puller) move(ctx context.Context, exists bool, sha string) error {
	git, owner, name := p.client.api.Git, p.repository.Owner, p.repository.Name
	ref := &api.Reference{Ref: new("refs/heads/" + p.plan.Branch), Object: &api.GitObject{SHA: &sha}}
	if !exists {
		_, _, err := git.CreateRef(repeatable(ctx), owner, name, ref)
		err = p.client.wrap("make branch "+p.plan.Branch, err)
		if !errors.Is(err, ErrRefused) {
			return err
		}
		_, made, looked := p.tips(ctx)
		if looked != nil || made == nil { // without a branch it was refused for another reason
			return cmp.Or(looked, err)
		}
	}
	_, _, err := git.UpdateRef(ctx, owner, name, ref, true)
	return p.client.wrap("move branch "+p.plan.Branch, err)
}

func (p *puller) trailer() string {
	return "Perfgate: " + strings.TrimSuffix(strings.TrimPrefix(string(p.plan.Marker), "<!-- perfgate: "), " -->")
}

func (p *puller) ours(commit *api.Commit) bool {
	lines := strings.Split(strings.TrimRight(commit.GetMessage(), "\n"), "\n")
	return lines[len(lines)-1] == p.trailer()
}

func (p *puller) entries() []*api.TreeEntry {
	var entries []*api.TreeEntry
	for _, path := range slices.Sorted(maps.Keys(p.plan.Files)) {
		entries = append(entries, &api.TreeEntry{
			Path: &path, Mode: new("100644"), Type: new("blob"), Content: new(string(p.plan.Files[path])),
		})
	}
	return entries
}

// open opens the pull request or brings it up to date. GitHub itself refuses a second one from the same branch to the same
// base, so that there never are two.
func (p *puller) open(ctx context.Context) (Posted, error) {
	pulls, owner, name := p.client.api.PullRequests, p.repository.Owner, p.repository.Name
	title, head, base := p.plan.Title, p.plan.Branch, p.plan.Base
	look := func() (Pull, bool, error) {
		found, err := p.client.openPulls(ctx, p.repository, owner+":"+head, base)
		if err != nil || len(found) == 0 {
			return Pull{}, false, p.client.wrap("look for the pull request of "+head, err)
		}
		return found[0], true, nil
	}
	mine := false
	made, created, err := settle(ctx, p.client, look, func() (Pull, error) {
		made, _, err := pulls.Create(ctx, owner, name, &api.NewPullRequest{Title: &title, Head: &head, Base: &base, Body: &p.body})
		if err := p.client.wrap("open a pull request from "+head, err); err != nil {
			if errors.Is(err, ErrRefused) {
				if rival, ok, looked := look(); looked == nil && ok {
					return rival, nil
				}
			}
			return Pull{}, err
		}
		mine = true
		return pullOf(made), nil
	})
	if err != nil || mine {
		return Posted{Number: made.Number, URL: made.URL, Created: mine}, err
	}
	edited, _, err := pulls.Edit(ctx, owner, name, made.Number, &api.PullRequest{Title: &title, Body: &p.body})
	if err != nil {
		return Posted{}, p.client.wrap(fmt.Sprintf("update pull request #%d", made.Number), err)
	}
	return Posted{Number: made.Number, URL: edited.GetHTMLURL(), Created: created}, nil
}
