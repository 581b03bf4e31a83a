package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/communitas/perfgate/internal/store"
)

// Left is a work tree that an invocation has left, or still has.
type Left struct {
	// PID is the process that made it, Path the tree, Repository the folder of git's that its repository shares.
	PID              int
	Path, Repository string
	// Alive says that the invocation still runs: the tree was left alone.
	Alive bool
	// Failure says why it could not be removed, "" when it was.
	Failure string
}

// Clean removes the work trees that invocations that are over have left, of all projects below perfgate's state folder. With
// dry it only tells of them.
func Clean(ctx context.Context, state string, dry bool) ([]Left, error) {
	places, err := fs.Glob(os.DirFS(state), path.Join("*", folder, "*")) // the name of the state folder is no pattern
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	var all []Left
	var errs []error
	for _, place := range places {
		place = filepath.Join(state, filepath.FromSlash(place))
		left, err := cleanPlace(ctx, place, dry)
		if err != nil {
			left = &Left{Path: place, Failure: err.Error()}
			errs = append(errs, err)
		}
		if left != nil {
			all = append(all, *left)
		}
	}
	return all, errors.Join(errs...)
}

// cleanPlace tells what there is in a place, nil for nothing, and removes it when nobody has it.
func cleanPlace(ctx context.Context, place string, dry bool) (*Left, error) {
	place, err := filepath.EvalSymlinks(place)
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(place, store.Marker)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // perfgate did not make it
	}
	claim, err := claimOf(place)
	alive := errors.Is(err, store.ErrInUse)
	if err != nil && !alive {
		return nil, fmt.Errorf("clean: %w", err)
	}
	if claim != nil {
		defer claim.Close() //nolint:errcheck // it goes back with the process at the latest
	}
	n, err := readNote(place)
	if n == nil || err != nil {
		return nil, err
	}
	if !alive && !dry {
		if err := sweep(ctx, place); err != nil {
			return nil, err
		}
	}
	return &Left{PID: n.PID, Path: n.Path, Repository: n.Common, Alive: alive}, nil
}
