package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// asked is one question for a range.
type asked struct {
	plan      RangePlan
	good, bad Commit
	at        location
}

// location is what there is to know about a repository before it is read.
type location struct {
	dir     string // where git runs
	common  string // the folder of git's that all its work trees share
	within  string // dir relative to the top of the work tree, with slashes: "" or "a/b/"
	shallow bool
	format  string // of its objects: sha1, sha256
}

func locate(ctx context.Context, dir string) (location, error) {
	// The prefix comes last: without a work tree there is none.
	said, err := git(ctx, dir, "rev-parse", "--path-format=absolute", "--git-common-dir", "--is-shallow-repository", "--show-object-format", "--show-prefix")
	if err != nil {
		return location{}, fmt.Errorf("look at the repository around %s: %w", dir, err)
	}
	lines := strings.Split(said.stdout, "\n")
	if len(lines) < 3 {
		return location{}, fmt.Errorf("look at the repository around %s: git rev-parse said %q", dir, said.stdout)
	}
	at := location{dir: dir, common: filepath.FromSlash(lines[0]), shallow: lines[1] == "true", format: lines[2]}
	if len(lines) > 3 {
		at.within = lines[3]
	}
	return at, nil
}

func (a asked) wrong(problem, mend string) error {
	return &RangeError{Range: a.plan.Good + ".." + a.plan.Bad, Problem: problem, Mend: mend}
}

// reversed says why a range has no commits: its bad end is contained in the good one.
func (a asked) reversed() error {
	if a.good.SHA == a.bad.SHA {
		return a.wrong(fmt.Sprintf("it is empty: both ends are commit %.10s", a.good.SHA), "name an older good end or a newer bad one")
	}
	return a.wrong("it is reversed: the good end contains the bad one", fmt.Sprintf("swap them: %s..%s", a.plan.Bad, a.plan.Good))
}

// Deepen is what to do about a shallow clone.
const Deepen = "git fetch --unshallow; in a GitHub workflow give actions/checkout fetch-depth: 0"

// connected makes sure that the good end is contained in the bad one, and that nothing of the range is cut off.
func (a asked) connected(ctx context.Context, l *line) error {
	if a.at.shallow && !l.descend() {
		return a.wrong("this is a shallow clone, and history within the range is cut off", Deepen)
	}
	for _, parents := range l.parents {
		if !l.off && len(parents) > 0 && parents[0] == 0 {
			return nil
		}
	}
	bases, err := git(ctx, a.at.dir, "merge-base", a.good.SHA, a.bad.SHA)
	failed, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil && bases.stdout == a.good.SHA:
		return nil
	case err == nil:
		base, _, _ := strings.Cut(bases.stdout, "\n")
		return a.wrong(
			"the good end is not contained in the bad one: each has commits of its own",
			fmt.Sprintf("search from where they part, %.12s..%s, if that is good too", base, a.plan.Bad))
	case ended && failed.ExitCode() == 1:
		return a.wrong("the ends have no commit in common: their histories are unrelated", "name two commits of one history")
	}
	return a.unreadable(ctx, err)
}

// unreadable says what can be done about a history that could not be read; other errors say so themselves.
func (a asked) unreadable(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, told := errors.AsType[*RangeError](err); told {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("read range: %w", ctx.Err())
	}
	failed := &RangeError{Range: a.plan.Good + ".." + a.plan.Bad, Problem: "its history cannot be read: " + err.Error(), Cause: err}
	partial, _ := git(ctx, a.at.dir, "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$`)
	switch {
	case a.at.shallow:
		failed.Mend = Deepen
	case partial.stdout != "":
		failed.Mend = "this is a partial clone: git fetch --refetch --filter=blob:none gets commits and folders; is its remote within reach?"
	default:
		failed.Mend = "git fsck says what is missing; git fetch --refetch may bring it back"
	}
	return failed
}

// patterns are the plan's paths, relative to the top of the repository.
func (a asked) patterns() ([]pattern, error) {
	var all []pattern
	for _, p := range a.plan.Paths {
		whole := path.Join(a.at.within, p)
		if whole == ".." || strings.HasPrefix(whole, "../") || path.IsAbs(p) {
			return nil, a.wrong(fmt.Sprintf("path %q lies outside of the repository", p), "name what the subject is made of within it: subject.paths")
		}
		var segments []string
		if whole != "." && whole != "" {
			segments = strings.Split(whole, "/")
		}
		for _, s := range segments {
			if _, err := path.Match(s, ""); err != nil {
				return nil, a.wrong(fmt.Sprintf("path %q is no pattern: %v", p, err), `write \[ for a bracket that is meant as such`)
			}
		}
		all = append(all, pattern{text: p, segments: segments})
	}
	if len(all) == 0 {
		all = []pattern{{}}
	}
	return all, nil
}
