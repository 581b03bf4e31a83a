// Package intake takes in results that a stranger made: a directory or a zip archive that may be anything. It reads no more
// than the two files that a verdict needs, within limits on everything that can be counted, and refuses with a reason that
// names the place. What it returns is results in form; whether the figures in them are true, nobody can tell from them.
package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/communitas/perfgate/internal/result"
)

// Limits on what is taken in. They are generous for what perfgate writes, and small enough for what is done with it.
const (
	MaxArchive   = 256 << 20 // bytes of a zip archive
	MaxEntries   = 50_000    // files in an archive, or names in the folder of results
	MaxUnpacked  = 4 << 30   // bytes that an archive says it has inside
	MaxRatio     = 200       // of the unpacked size of a file to its packed one
	MaxFile      = 16 << 20  // bytes of one results.json
	MaxName      = 1024      // bytes of a file's name
	MaxDepth     = 24        // levels of JSON inside one another
	MaxValues    = 1_000_000 // values in one JSON document
	MaxText      = 16 << 10  // bytes of one text in it, as result has it
	MaxWord      = 200       // bytes of a name, a version, a unit
	MaxPlans     = 500       // scenarios and benchmarks
	MaxSeries    = 3000
	MaxSamples   = 1000 // of one series
	MaxRuns      = 20_000
	MaxLooks     = 100
	MaxJudging   = 300_000 // of a trial: noisy metrics x looks x pairs, in steps as small as the smallest between two looks
	MaxMagnitude = 1e18    // of a value, in its base unit
)

// The names of the files that are read.
const (
	headFile = "results.json"
	baseDir  = "base"
	baseFile = baseDir + "/" + headFile
)

// Delivery is what was taken in.
type Delivery struct {
	// Head is what is to be judged, never nil.
	Head *result.Results
	// Base is the other side of a trial; nil for a measurement by itself.
	Base *result.Results
}

// RefusedError says what keeps results from being taken in. Its text is fit to be shown: what came from the stranger stands in
// it quoted.
type RefusedError struct {
	// Place is the archive's entry or the file, "" when the whole is meant.
	Place  string
	Reason string
}

func (e *RefusedError) Error() string {
	if e.Place == "" {
		return "refused: " + e.Reason
	}
	return "refused: " + quoted(e.Place) + ": " + e.Reason
}

func refuse(place, format string, args ...any) error {
	return &RefusedError{Place: place, Reason: fmt.Sprintf(format, args...)}
}

// quoted shows a text of a stranger's in ASCII and not too much of it.
func quoted(text string) string {
	const most = 80
	if len(text) > most {
		return strconv.QuoteToASCII(text[:most]) + "..."
	}
	return strconv.QuoteToASCII(text)
}

// Open takes in a directory of results, a zip archive of one, or a results.json by itself. A path that does not exist is
// fs.ErrNotExist; everything that is wrong with what is there is a *RefusedError.
func Open(path string) (Delivery, error) {
	head, base, err := contents(path)
	if err != nil {
		return Delivery{}, err
	}
	return deliver(head, base)
}

// OpenSides takes in both sides from two places, each as Open does. They may be two measurements by themselves.
func OpenSides(head, base string) (Delivery, error) {
	rawHead, _, err := contents(head)
	if err != nil {
		return Delivery{}, err
	}
	rawBase, _, err := contents(base)
	if err != nil {
		return Delivery{}, err
	}
	d, err := read(rawHead, rawBase)
	if err != nil || d.Head.Trial == nil && d.Base.Trial == nil {
		return d, err
	}
	return d.matched()
}

// contents are the texts of both sides in a place; base is nil when there is none.
func contents(path string) (head, base []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open results: %w", err)
	}
	if info.IsDir() {
		return folder(path)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, refuse("", "it is neither a directory nor a file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open results: %w", err)
	}
	defer file.Close()
	magic := make([]byte, 2)
	if n, _ := file.ReadAt(magic, 0); n == 2 && string(magic) == "PK" {
		return packed(file, info.Size())
	}
	head, err = limited(file, headFile)
	return head, nil, err
}

// deliver makes results of the texts of one place.
func deliver(head, base []byte) (Delivery, error) {
	d, err := read(head, base)
	if err != nil {
		return Delivery{}, err
	}
	return d.matched()
}

// read makes results of both texts; base is nil when there is none.
func read(head, base []byte) (Delivery, error) {
	var d Delivery
	var err error
	if d.Head, err = Results(headFile, head); err != nil {
		return Delivery{}, err
	}
	if base != nil {
		if d.Base, err = Results(baseFile, base); err != nil {
			return Delivery{}, err
		}
	}
	return d, nil
}

// matched is the delivery, if both sides belong together.
func (d Delivery) matched() (Delivery, error) {
	if err := d.match(); err != nil {
		return Delivery{}, err
	}
	return d, nil
}

// match holds both sides against each other.
func (d Delivery) match() error {
	trial := d.Head.Trial
	switch {
	case trial == nil && d.Base == nil:
		return nil
	case trial == nil:
		return refuse(baseFile, "there is a base, and %s is no side of a trial", headFile)
	case trial.Side != result.SideHead:
		return refuse(headFile, "it is the side %q of a trial", trial.Side)
	case d.Base == nil:
		return refuse("", "a trial has two sides, and %s is missing (hand over the whole results directory)", baseFile)
	case d.Base.Trial == nil || d.Base.Trial.Side != result.SideBase:
		return refuse(baseFile, "it is not the base of a trial")
	case d.Base.Trial.ID != trial.ID:
		return refuse(baseFile, "it belongs to another trial than %s", headFile)
	}
	return nil
}

// missing tells whether an error says that a file is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
