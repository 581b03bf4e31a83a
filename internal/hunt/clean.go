package hunt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/communitas/perfgate/internal/store"
)

// Left is what a search has built, and nobody uses now.
type Left struct {
	// PID is the process that had it last, 0 when that is unknown, and Path the folder of the binaries, which holds so many Bytes.
	PID   int
	Path  string
	Bytes int64
	// Alive says that the search goes on: it was left alone.
	Alive bool
}

// Clean removes the binaries of searches that do not go on, of all projects below perfgate's state folder. Journals and results
// stay: a search that is resumed builds again what it needs. With dry it only tells of them.
func Clean(state string, dry bool) ([]Left, error) {
	found, err := fs.Glob(os.DirFS(state), path.Join("*", huntsFolder, "2*", binariesFolder)) // the name of the state folder is no pattern
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	var all []Left
	var errs []error
	for _, name := range found {
		left, err := cleanOne(filepath.Join(state, filepath.FromSlash(name)), dry)
		if err != nil {
			errs = append(errs, fmt.Errorf("clean: %w", err))
			continue
		}
		if left.Bytes > 0 {
			all = append(all, left)
		}
	}
	return all, errors.Join(errs...)
}

func cleanOne(path string, dry bool) (Left, error) {
	dir := filepath.Dir(path)
	left := Left{PID: processOf(dir), Path: path, Bytes: bytesIn(path)}
	claim, err := store.ClaimFolder(dir)
	if left.Alive = errors.Is(err, store.ErrInUse); left.Alive {
		return left, nil
	}
	if err != nil {
		return left, err
	}
	defer claim.Close() //nolint:errcheck // it goes back with the process at the latest
	if dry {
		return left, nil
	}
	return left, os.RemoveAll(path)
}

// bytesIn adds up the files in a folder, as far as they can be seen. What has several names counts once for each.
func bytesIn(path string) int64 {
	var sum int64
	_ = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // what can not be seen does not count
		}
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}
