package contain

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What stays of a node's folder when its run is over.
const (
	LogFile    = "node.log"
	ConfigFile = "config.toml"
)

// nodeFolder begins the names of the nodes' folders in the folder of a run.
const nodeFolder = "node-"

// Leftovers lists what is in the nodes' folders of a run and is not to stay. A folder that is not there has none.
func Leftovers(run string) ([]string, error) {
	folders, err := os.ReadDir(run)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list what nodes left: %w", err)
	}
	var left []string
	for _, folder := range folders {
		if !folder.IsDir() || !strings.HasPrefix(folder.Name(), nodeFolder) { // a link that a node has put there leads elsewhere
			continue
		}
		node := filepath.Join(run, folder.Name())
		entries, err := os.ReadDir(node)
		if err != nil {
			return nil, fmt.Errorf("list what nodes left: %w", err)
		}
		for _, entry := range entries {
			if entry.Name() != LogFile && entry.Name() != ConfigFile {
				left = append(left, filepath.Join(node, entry.Name()))
			}
		}
	}
	return left, nil
}

// Sweep removes what is in the nodes' folders of a run and is not to stay, and counts it.
func Sweep(run string) (int, error) {
	left, err := Leftovers(run)
	errs := []error{err}
	for _, path := range left {
		errs = append(errs, os.RemoveAll(path))
	}
	return len(left), errors.Join(errs...)
}

// clear removes what an entry names in the results directory, and counts it. No link leads out of that directory.
func (e entry) clear(results string) (int, error) {
	if e.Kind == aCgroup {
		return 0, nil
	}
	within, err := filepath.Rel(results, e.Path)
	if err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(results)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = root.Close() }() // opened for nothing but to go no further
	info, err := root.Lstat(within)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case !info.IsDir():
		return 0, fmt.Errorf("%s is no folder: it is left alone", e.Path)
	case e.Kind == aRun:
		return Sweep(e.Path)
	}
	return 1, root.RemoveAll(within)
}
