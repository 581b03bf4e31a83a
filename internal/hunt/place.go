package hunt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/worktree"
)

// place is a work tree of a hunt, with caches of its own. It serves one goroutine at a time.
type place struct {
	tree *worktree.Tree
	// suite is the configuration, moved here; project is its folder here.
	suite   *suite.Suite
	project string
	cache   string
	// patch is the file of the hunt's patch, "" for none, and patched tells that it is applied now.
	patch   string
	patched bool
	// commit is what is checked out, "" before the first; built tells that it was built here, since it was checked out.
	commit string
	built  bool
}

// newPlace opens a work tree; name is that of its caches, which stay.
func (h *hunt) newPlace(ctx context.Context, name string) (*place, error) {
	tree, err := worktree.Open(ctx, h.Home, h.checkout)
	if err != nil {
		return nil, err
	}
	p := &place{tree: tree, suite: h.Suite.Moved(h.checkout.Top, tree.Path()), project: tree.Folder(), cache: filepath.Join(h.Home, "cache-"+name)}
	// As the user calls it, where links lead there.
	if top, ok := strings.CutSuffix(h.Project, string(filepath.Separator)+h.checkout.Within); (ok || h.checkout.Within == ".") && top != h.checkout.Top {
		p.suite = p.suite.Moved(top, tree.Path())
	}
	if h.record.Patch != "" {
		p.patch = filepath.Join(h.folder.path, patchFile)
	}
	return p, nil
}

// at makes the place that of a commit, with the patch where it applies. A *brokenError says that the configuration has no place
// in this commit; every other error is git's.
func (p *place) at(ctx context.Context, commit string) error {
	if p.commit == commit {
		return nil
	}
	p.commit, p.built = "", false
	if p.patched {
		// Files that the repository ignores are not moved with the tree. What a build has changed meanwhile goes by itself.
		_ = gitrepo.RevertPatch(ctx, p.tree.Path(), p.patch)
		p.patched = false
	}
	if err := p.tree.Checkout(ctx, commit); err != nil {
		return err
	}
	if info, err := os.Stat(p.project); err != nil || !info.IsDir() {
		return &brokenError{"the folder of the configuration is not in this commit"}
	}
	if p.patch != "" {
		applied, err := gitrepo.ApplyPatch(ctx, p.tree.Path(), p.patch)
		if err != nil {
			return err
		}
		p.patched = applied
	}
	p.commit = commit
	return nil
}

// binary is where a build leaves the binary, "" when the suite names none.
func (p *place) binary() string {
	path := p.suite.Subject.Binary
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.project, path)
}

// removeBinary takes away what an earlier commit has left, so that no build passes it on as its own. Files outside of the tree
// are not perfgate's.
func (p *place) removeBinary() error {
	path := p.binary()
	if path == "" || !strings.HasPrefix(path, p.tree.Path()+string(filepath.Separator)) {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the binary of another commit: %w", err)
	}
	return nil
}

// builder returns the place of a builder, by its number from 0.
func (h *hunt) builder(ctx context.Context, i int) (*place, error) {
	for len(h.builders) <= i {
		p, err := h.newPlace(ctx, fmt.Sprintf("bisect-%d", len(h.builders)+1))
		if err != nil {
			return nil, err
		}
		h.builders = append(h.builders, p)
	}
	return h.builders[i], nil
}

// mostMeasuring is how many work trees are kept for what is measured where it was built: a commit, its reference, and one more.
const mostMeasuring = 3

// measuringAt returns a place at a commit, of so many at most: one that is there already, else a new one, else the one that was used
// longest ago.
func (h *hunt) measuringAt(ctx context.Context, commit string, most int) (*place, error) {
	at := -1
	for i, p := range h.measuring {
		if p.commit == commit {
			at = i
		}
	}
	if at < 0 && len(h.measuring) < most {
		p, err := h.newPlace(ctx, fmt.Sprintf("bisect-measuring-%d", len(h.measuring)+1))
		if err != nil {
			return nil, err
		}
		at, h.measuring = len(h.measuring), append(h.measuring, p)
	}
	at = max(at, 0)
	p := h.measuring[at]
	h.measuring = append(append(h.measuring[:at:at], h.measuring[at+1:]...), p)
	return p, p.at(ctx, commit)
}

// closePlaces removes all work trees.
func (h *hunt) closePlaces() error {
	var errs []error
	for _, p := range append(h.builders, h.measuring...) {
		errs = append(errs, p.tree.Close())
	}
	return errors.Join(errs...)
}
