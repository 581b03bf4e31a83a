// Package store is where perfgate's files live and how they are written: whole or not at all.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Marker is the name of the file that perfgate puts into every results directory that it makes. Only a directory that
// carries it is ever replaced.
const Marker = ".perfgate"

// WriteFile writes a file under a temporary name in the same folder, syncs it and renames it, so that a reader sees the
// old content or the new one, whole.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(file.Name())))
		}
	}()
	if err := errors.Join(write(file), file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Home is the folder of everything that perfgate keeps of one project: $XDG_STATE_HOME/perfgate/REPOSITORY, where
// REPOSITORY is the project folder's name and a hash of its path. It is not made here.
func Home(project string) (string, error) {
	absolute, err := filepath.Abs(project)
	if err != nil {
		return "", fmt.Errorf("find the folder for results: %w", err)
	}
	state, err := State()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(absolute))
	return filepath.Join(state, filepath.Base(absolute)+"-"+hex.EncodeToString(sum[:4])), nil
}

// State is the folder of everything that perfgate keeps: $XDG_STATE_HOME/perfgate. It is not made here.
func State() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the XDG specification: a relative path is to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the folder for results: %w (set XDG_STATE_HOME)", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "perfgate"), nil
}

// ErrExists says that a directory is there already and is not to be replaced.
var ErrExists = errors.New("exists and is not empty")

// NewResults makes a results directory of that name and marks it. A directory that is there and empty will do; any other
// is ErrExists, unless replace is set and the directory carries the marker: then its old content goes.
func NewResults(dir string, replace bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("make results directory: %w", err)
	case len(entries) == 0:
	case !replace:
		return fmt.Errorf("make results directory: %s %w (choose another with --out, or remove it)", dir, ErrExists)
	default:
		if err := empty(dir, entries); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make results directory: %w (choose another with --out, or set XDG_STATE_HOME)", err)
	}
	note := []byte("This directory was made by perfgate.\n")
	if err := os.WriteFile(filepath.Join(dir, Marker), note, 0o644); err != nil {
		return fmt.Errorf("make results directory: %w (choose another with --out, or set XDG_STATE_HOME)", err)
	}
	return nil
}

func empty(dir string, entries []os.DirEntry) error {
	if _, err := os.Lstat(filepath.Join(dir, Marker)); err != nil {
		return fmt.Errorf("make results directory: %s %w and was not made by perfgate: it is left alone (choose another directory, or empty it yourself)", dir, ErrExists)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("replace results directory: %w", err)
		}
	}
	return nil
}

// StampedName is a name for a results directory: the time to the second, and the process that made it, so that two
// invocations never share one.
func StampedName(now time.Time) string {
	return fmt.Sprintf("%s-%d", now.UTC().Format("20060102T150405Z"), os.Getpid())
}

// PointLatest makes the link "latest" beside a results directory point at it. Where links cannot be made nothing happens
// but an error that may be passed over.
func PointLatest(dir string) error {
	link := filepath.Join(filepath.Dir(dir), "latest")
	temporary := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".latest")
	if err := os.Symlink(filepath.Base(dir), temporary); err != nil {
		return fmt.Errorf("link latest: %w", err)
	}
	if err := os.Rename(temporary, link); err != nil {
		return fmt.Errorf("link latest: %w", errors.Join(err, os.Remove(temporary)))
	}
	return nil
}
