package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Marker is the name of the file that perfgate puts into every results directory that it makes. Only a directory that
// carries it is ever replaced.
const Marker = ".perfgate"

// ErrExists says that a directory is there already and is not to be replaced.
var ErrExists = errors.New("exists and is not empty")

// ErrInUse says that another invocation has the directory now.
var ErrInUse = errors.New("is in use by another perfgate")

// Claim is a directory in the hands of one invocation. The kernel takes it back when that invocation is killed.
type Claim struct{ marker *os.File }

// File is the marker, through which the claim is held. A program that is started with it holds the claim as well, until it ends.
func (c *Claim) File() *os.File { return c.marker }

// Close lets others have the directory, which stays.
func (c *Claim) Close() error { return c.marker.Close() }

// NewResults makes a results directory of that name, marks it and claims it; the caller closes the claim. A directory that is
// there and empty will do; any other is ErrExists, unless replace is set and the directory carries the marker: then its old
// content goes. One that another invocation has claimed is ErrInUse and is left alone.
func NewResults(dir string, replace bool) (*Claim, error) {
	err := mayBecomeResults(dir, replace)
	if errors.Is(err, ErrExists) {
		return nil, fmt.Errorf("make results directory: %s %w", dir, err)
	}
	var claim *Claim
	if err == nil {
		claim, err = AwaitFolder(dir)
	}
	if errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("make results directory: %s %w (choose another directory, or wait for its end)", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("make results directory: %w (choose another with --out, or set XDG_STATE_HOME)", err)
	}
	if err := claim.empty(dir); err != nil {
		return nil, fmt.Errorf("replace results directory: %w", errors.Join(err, claim.Close()))
	}
	return claim, nil
}

// mayBecomeResults says why a directory may not be filled with results, nil when it may.
func mayBecomeResults(dir string, replace bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	case !replace:
		return fmt.Errorf("%w (choose another with --out, or remove it)", ErrExists)
	}
	if _, err := os.Lstat(filepath.Join(dir, Marker)); err != nil {
		return fmt.Errorf("%w and was not made by perfgate: it is left alone (choose another directory, or empty it yourself)", ErrExists)
	}
	return nil
}

// ClaimFolder makes a directory of perfgate's own and its marker where they are missing, and claims it; the caller closes the
// claim. What lies in it stays. One that another invocation has claimed is ErrInUse.
func ClaimFolder(dir string) (*Claim, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	marker, err := os.OpenFile(filepath.Join(dir, Marker), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	claim := &Claim{marker: marker}
	if err := lock(marker); err != nil {
		return nil, errors.Join(err, claim.Close())
	}
	if _, err := marker.WriteAt([]byte("This directory was made by perfgate.\n"), 0); err != nil {
		return nil, errors.Join(err, claim.Close())
	}
	return claim, nil
}

// claimLooks is how often a folder is looked at that is waited for, and claimPeriod the time between two looks. Looks are counted, and no
// time is, since the machine may stand still.
const (
	claimLooks  = 200
	claimPeriod = 10 * time.Millisecond
)

// AwaitFolder is ClaimFolder for a folder that no other will do for: it is waited for a moment. An invocation that was killed while
// it started a process leaves its claim to that process, until it has become the program that it is to run.
func AwaitFolder(dir string) (*Claim, error) {
	claim, err := ClaimFolder(dir)
	for look := 1; errors.Is(err, ErrInUse) && look < claimLooks; look++ {
		time.Sleep(claimPeriod)
		claim, err = ClaimFolder(dir)
	}
	return claim, err
}

// empty removes what lies beside the marker.
func (c *Claim) empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == Marker {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
