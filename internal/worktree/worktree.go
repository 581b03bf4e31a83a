// Package worktree keeps git work trees of perfgate's own, in which commits other than the user's checkout are built and
// measured.
//
// They lie below the folder of a project at places that do not change, since the caches of compilers go by the path of what
// they compile. A place is a folder that one invocation at a time has claimed: the kernel takes the claim back when that
// invocation has ended, however it ended, and each git that it started, so that a tree without a claim is known to be a leftover. What is to be made is noted in the
// place before it is made; only what such a note names is ever removed.
package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/store"
)

// folder has the places, in the folder of a project.
const folder = "trees"

// mostPlaces bounds how many invocations may have work trees of one project at once.
const mostPlaces = 1000

// Tree is a work tree in the hands of this invocation. It serves one goroutine at a time.
type Tree struct {
	checkout gitrepo.Checkout
	place    string
	claim    *store.Claim
	path     string
	made     bool
}

// Open takes a free place for a work tree of the repository that checkout belongs to. home is the folder of everything that
// perfgate keeps of the project. What a killed invocation has left in the place is removed; a place in which that can not be, such as
// of files that belong to somebody else, is passed over. Close the tree, whatever happens.
func Open(ctx context.Context, home string, checkout gitrepo.Checkout) (*Tree, error) {
	places := filepath.Join(home, folder)
	if err := os.MkdirAll(places, 0o755); err != nil {
		return nil, fmt.Errorf("find a place for a work tree: %w (set XDG_STATE_HOME to a folder that can be written to)", err)
	}
	places, err := filepath.EvalSymlinks(places) // as git names it
	if err != nil {
		return nil, fmt.Errorf("find a place for a work tree: %w", err)
	}
	var stuck error
	for i := range mostPlaces {
		place := filepath.Join(places, strconv.Itoa(i+1))
		claim, err := claimOf(place)
		if errors.Is(err, store.ErrInUse) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find a place for a work tree: %w", err)
		}
		t := &Tree{checkout: checkout, place: place, claim: claim, path: filepath.Join(place, filepath.Base(checkout.Top))}
		if err := sweep(t.held(ctx), place); err != nil {
			stuck = errors.Join(err, claim.Close())
			if ctx.Err() != nil {
				return nil, fmt.Errorf("find a place for a work tree: %w", stuck)
			}
			continue
		}
		return t, nil
	}
	if stuck != nil {
		return nil, fmt.Errorf("find a place for a work tree: none of %d in %s is free: %w", mostPlaces, places, stuck)
	}
	return nil, fmt.Errorf("find a place for a work tree: all %d in %s are in use", mostPlaces, places)
}

// held has git hold the claim as well: one that goes on when this process was killed is not to be met by the next invocation.
func (t *Tree) held(ctx context.Context) context.Context { return gitrepo.Holding(ctx, t.claim.File()) }

// Path is the top of the work tree, the same for each commit.
func (t *Tree) Path() string { return t.path }

// Folder is where the folder of the user's checkout, around which it was opened, is in the work tree.
func (t *Tree) Folder() string { return filepath.Join(t.path, t.checkout.Within) }

// Checkout makes the tree that of a commit, named by its whole SHA. A second commit moves the tree: what the repository ignores
// stays, such as what builds have left.
func (t *Tree) Checkout(ctx context.Context, commit string) error {
	ctx = t.held(ctx)
	if t.made {
		return gitrepo.MoveWorktree(ctx, t.path, commit)
	}
	if err := announce(t.place, note{Common: t.checkout.Common, Path: t.path, PID: os.Getpid()}); err != nil {
		return err
	}
	if err := t.checkout.AddWorktree(ctx, t.path, commit, reason(os.Getpid())); err != nil {
		return errors.Join(err, sweep(context.WithoutCancel(ctx), t.place)) // so that the next call begins anew
	}
	t.made = true
	return nil
}

// Close removes the work tree and gives its place back.
func (t *Tree) Close() error {
	ctx := context.Background() // it goes also when the measurement's context is over
	return errors.Join(sweep(t.held(ctx), t.place), t.claim.Close())
}
