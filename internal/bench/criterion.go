package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// criterionFile is the largest file of Criterion's that is read.
const criterionFile = 1 << 20

// estimates are the parts of estimates.json that are used. Times are in nanoseconds for one iteration.
type estimates struct {
	Slope *estimate `json:"slope"`
	Mean  *estimate `json:"mean"`
}

type estimate struct {
	Point *float64 `json:"point_estimate"`
}

// criterionAddress is the part of benchmark.json that is used.
type criterionAddress struct {
	FullID string `json:"full_id"`
}

// EstimatesPath tells whether a path is that of the newest estimates of one of Criterion's benchmarks.
func EstimatesPath(name string) bool {
	return name == "new/estimates.json" || strings.HasSuffix(name, "/new/estimates.json")
}

// CriterionFolder is a folder in which Criterion may have left estimates.
type CriterionFolder struct {
	// Files are what is in it; it need not be there.
	Files fs.FS
	// Written tells which of its files this execution wrote: others are of an earlier one and are left out. Nil takes all.
	Written func(path string) bool
}

// Criterion reads what Criterion left in its folders: of each benchmark the slope of time over iterations where it has one,
// else the mean (Criterion fits no line where it samples flatly).
func Criterion(benchmark string, folders ...CriterionFolder) ([]Value, error) {
	c := newCollection(benchmark)
	for _, folder := range folders {
		if err := c.criterion(folder); err != nil {
			return nil, err
		}
	}
	return c.values()
}

func (c *collection) criterion(folder CriterionFolder) error {
	if _, err := fs.Stat(folder.Files, "."); errors.Is(err, fs.ErrNotExist) {
		return nil // no benchmark has left anything
	}
	return fs.WalkDir(folder.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() || !EstimatesPath(name) || folder.Written != nil && !folder.Written(name):
			return nil
		}
		read, err := criterionReading(folder.Files, name)
		if err != nil {
			return err
		}
		return c.add(read)
	})
}

func criterionReading(folder fs.FS, name string) (reading, error) {
	var e estimates
	if err := readJSON(folder, name, &e); err != nil {
		return reading{}, err
	}
	read := reading{unit: metric.Seconds, better: metric.Lower, place: name}
	switch {
	case e.Slope != nil && e.Slope.Point != nil:
		read.value = *e.Slope.Point * 1e-9
	case e.Mean != nil && e.Mean.Point != nil:
		read.value = *e.Mean.Point * 1e-9
	default:
		return reading{}, fmt.Errorf("%s: it has neither a slope nor a mean", name)
	}
	var address criterionAddress
	switch err := readJSON(folder, path.Join(path.Dir(name), "benchmark.json"), &address); {
	case errors.Is(err, fs.ErrNotExist): // a program that writes as Criterion does: its folder is the name
		address.FullID = path.Dir(path.Dir(name))
	case err != nil:
		return reading{}, err
	case address.FullID == "":
		return reading{}, fmt.Errorf("%s: the benchmark has no full_id", path.Dir(name))
	}
	read.name = address.FullID
	return read, nil
}

// readJSON reads one document from a small file.
func readJSON(folder fs.FS, name string, into any) error {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return err
	}
	if info.Size() > criterionFile {
		return fmt.Errorf("%s: larger than %d bytes", name, criterionFile)
	}
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
