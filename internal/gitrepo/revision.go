package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"unicode"
)

// Commit is a commit that a revision names.
type Commit struct {
	// Revision is what was asked for, SHA the whole name of the commit.
	Revision, SHA string
	// Title is the first line of its message, without what a terminal would act on.
	Title string
}

// String names the commit as people do: v1.2 (1a2b3c4 "the first line").
func (c Commit) String() string {
	return fmt.Sprintf("%s (%s %q)", c.Revision, c.SHA[:min(len(c.SHA), 10)], c.Title)
}

// RevisionError is a revision that names no commit, with what can be done about it.
type RevisionError struct {
	Revision, Problem, Mend string
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("revision %q: %s (%s)", e.Revision, e.Problem, e.Mend)
}

// Resolve finds the commit that a revision names in the repository around dir: a branch, a tag of any kind, a SHA or the
// beginning of one, or what git makes of HEAD~3 and the like. A *RevisionError says that it names none, or more than one.
//
// Note: git itself is asked. The library answers some forms, such as HEAD@{1}, with another commit.
func Resolve(ctx context.Context, dir, revision string) (Commit, error) {
	if revision == "" {
		return Commit{}, &RevisionError{revision, "it is empty", "name a branch, a tag or a commit"}
	}
	said, err := git(ctx, dir, "rev-parse", "--verify", "--end-of-options", revision+"^{commit}")
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return Commit{}, whyUnknown(ctx, dir, revision, failed)
	}
	if err != nil {
		return Commit{}, err
	}
	if strings.Contains(said.stderr, "is ambiguous") {
		return Commit{}, &RevisionError{revision, "it is ambiguous: more than one branch or tag has this name", "name it in full: refs/heads/" + revision + " or refs/tags/" + revision}
	}
	title, err := git(ctx, dir, "log", "-1", "--format=%s", "--end-of-options", said.stdout)
	if err != nil {
		return Commit{}, fmt.Errorf("read commit %s: %w", said.stdout, err)
	}
	return Commit{Revision: revision, SHA: said.stdout, Title: printable(title.stdout)}, nil
}

// whyUnknown asks git what is the matter with a revision that it does not resolve.
func whyUnknown(ctx context.Context, dir, revision string, failed *exec.ExitError) error {
	text := string(failed.Stderr)
	switch {
	case strings.Contains(text, "not a git repository"):
		return &RevisionError{revision, "there is no git repository here", "run in a clone of the project, or name its perfgate.toml with --config"}
	case strings.Contains(text, "dubious ownership"):
		return &RevisionError{revision, "git does not trust a repository of another user", "git config --global --add safe.directory " + dir}
	case strings.Contains(text, "is ambiguous"):
		return &RevisionError{revision, "it is ambiguous: more than one object has a name that begins so", "give more digits"}
	}
	shallow, err := git(ctx, dir, "rev-parse", "--is-shallow-repository")
	if err == nil && shallow.stdout == "true" {
		return &RevisionError{revision, "it is not in this shallow clone", Deepen}
	}
	return &RevisionError{revision, "no commit of this repository has that name", "git fetch, or look at git branch --all and git tag"}
}

// printable leaves out what a terminal would act on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}
