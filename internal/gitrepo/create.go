package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNotEmpty says that a folder that was to be made is there already, and not empty.
var ErrNotEmpty = errors.New("it is not empty")

// Create makes a repository of a history that git fast-import reads, in a new or empty folder, and checks its branch main out.
// What it has not finished it takes away again.
func Create(ctx context.Context, dir string, stream []byte) (err error) {
	made, err := emptyFolder(dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, sweep(dir, made))
		}
	}()
	if _, err := git(ctx, dir, "init", "--quiet", "--template=", "--initial-branch=main", "--object-format=sha1"); err != nil {
		return err
	}
	load := command(ctx, dir, "fast-import", "--quiet")
	load.Stdin = bytes.NewReader(stream)
	if said, err := load.CombinedOutput(); err != nil {
		return fmt.Errorf("git fast-import: %w: %s", err, printable(string(said)))
	}
	_, err = git(ctx, dir, "-c", "core.autocrlf=false", "reset", "--quiet", "--hard", "main")
	return err
}

// emptyFolder makes a folder unless it is there and empty.
func emptyFolder(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return true, os.MkdirAll(dir, 0o755)
	case err != nil:
		return false, err
	case len(entries) > 0:
		return false, fmt.Errorf("folder %s: %w", dir, ErrNotEmpty)
	}
	return false, nil
}

// sweep removes what is in a folder that was empty, and the folder itself where it was made.
func sweep(dir string, made bool) error {
	if made {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}
