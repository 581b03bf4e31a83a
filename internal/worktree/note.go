package worktree

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/store"
)

// noteFile says what is in a place, noteSchema the version of its format.
const (
	noteFile   = "tree.json"
	noteSchema = "perfgate.tree/1"
	maxNote    = 64 << 10 // bytes
)

// note announces a work tree.
type note struct {
	Schema string `json:"schema"`
	// Common is the folder of git's that the repository of the tree shares, Path the tree: absolute paths both.
	Common string `json:"common"`
	Path   string `json:"path"`
	// PID is the process that made it, for people: that it is over is known by the claim.
	PID int `json:"pid"`
}

// reason is what git is told of why a work tree is locked.
func reason(pid int) string { return fmt.Sprintf("perfgate measures here (process %d)", pid) }

func announce(place string, n note) error {
	n.Schema = noteSchema
	err := store.WriteFile(filepath.Join(place, noteFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(n) })
	if err != nil {
		return fmt.Errorf("announce a work tree: %w", err)
	}
	return nil
}

// parseNote reads the note of a place. A tree that does not lie right in the place is none of perfgate's, and an error.
func parseNote(place string, raw []byte) (note, error) {
	var n note
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&n); err != nil {
		return note{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return note{}, errors.New("something follows the note")
	}
	base := filepath.Base(n.Path)
	switch {
	case n.Schema != noteSchema:
		return note{}, fmt.Errorf("schema %q is not %q: written by another version of perfgate, which can clean up with it", n.Schema, noteSchema)
	case n.Path != filepath.Join(place, base) || base == noteFile || base == store.Marker || base == "." || base == "..":
		return note{}, fmt.Errorf("work tree %q is none in %s", n.Path, place)
	case !filepath.IsAbs(n.Common) || filepath.Clean(n.Common) != n.Common:
		return note{}, fmt.Errorf("repository %q is no absolute path", n.Common)
	}
	return n, nil
}

// readNote returns what a place announces; nothing, and no error, where it announces nothing.
func readNote(place string) (*note, error) {
	file, err := os.Open(filepath.Join(place, noteFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the note of a work tree: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxNote))
	var n note
	if err == nil {
		n, err = parseNote(place, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("read the note of a work tree, %s: %w", file.Name(), err)
	}
	return &n, nil
}

// claimOf claims a place. One whose claim is but that of a git that goes on without the invocation that started it is waited for.
func claimOf(place string) (*store.Claim, error) {
	claim, err := store.ClaimFolder(place)
	if errors.Is(err, store.ErrInUse) && abandoned(place) {
		return store.AwaitFolder(place)
	}
	return claim, err
}

// abandoned tells whether the process that made what a place announces has ended, so that what still has the claim is a git which that
// process has started, and which will end soon.
func abandoned(place string) bool {
	n, err := readNote(place)
	if n == nil || err != nil {
		return false
	}
	process, err := os.FindProcess(n.PID)
	if err != nil {
		return true
	}
	defer process.Release() //nolint:errcheck // nothing depends on it
	return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// sweep removes what a place announces, and then the note. Whoever calls it has claimed the place.
func sweep(ctx context.Context, place string) error {
	n, err := readNote(place)
	if n == nil || err != nil {
		return err
	}
	if err := gitrepo.RemoveWorktree(ctx, n.Common, n.Path, reason(n.PID)); err != nil {
		return err
	}
	return os.Remove(filepath.Join(place, noteFile))
}
