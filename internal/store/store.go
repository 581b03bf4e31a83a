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
