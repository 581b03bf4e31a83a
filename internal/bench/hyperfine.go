package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// hyperfineExport is the file that hyperfine writes with --export-json.
type hyperfineExport struct {
	Results []hyperfineResult `json:"results"`
}

type hyperfineResult struct {
	Command   string    `json:"command"`
	Times     []float64 `json:"times"`
	ExitCodes []*int    `json:"exit_codes"`
}

// Hyperfine reads an export of hyperfine. The value of a command is the median of its times in seconds. Where hyperfine wrote
// to the standard output, the export is there again after each command, longer by one: all of them are read, and each has to
// begin as the one before.
func Hyperfine(benchmark string, output []byte) ([]Value, error) {
	last, err := lastExport(output)
	if err != nil {
		return nil, err
	}
	c := newCollection(benchmark)
	seen := map[string]int{}
	for i, r := range last.Results {
		place := fmt.Sprintf("result %d", i+1)
		if first, twice := seen[r.Command]; twice {
			return nil, fmt.Errorf("%s: %q is the command of result %d too (tell them apart with --command-name)", place, r.Command, first)
		}
		seen[r.Command] = i + 1
		if failed := slices.IndexFunc(r.ExitCodes, func(code *int) bool { return code == nil || *code != 0 }); failed >= 0 {
			return nil, fmt.Errorf("%s: %q failed in its execution %d (a command that fails is no measure)", place, r.Command, failed+1)
		}
		middle, err := stat.Median(r.Times)
		if err != nil {
			return nil, fmt.Errorf("%s: %q has no times: %w", place, r.Command, err)
		}
		if err := c.add(reading{name: r.Command, unit: metric.Seconds, better: metric.Lower, value: middle, place: place}); err != nil {
			return nil, err
		}
	}
	return c.values()
}

// lastExport returns the last export of an output.
func lastExport(output []byte) (hyperfineExport, error) {
	var last hyperfineExport
	found := false
	for {
		start := documentStart(output, '{')
		if start < 0 {
			break
		}
		decoder := json.NewDecoder(bytes.NewReader(output[start:]))
		var next hyperfineExport
		if err := decoder.Decode(&next); err != nil {
			return last, fmt.Errorf("the export is cut or no export of hyperfine: %w", noEnd(err))
		}
		if found && !continues(last, next) {
			return last, errors.New("several exports that do not continue each other (run hyperfine once for each benchmark)")
		}
		last, found = next, true
		output = output[start+int(decoder.InputOffset()):]
	}
	if !found {
		return last, ErrNothing
	}
	return last, nil
}

// continues tells whether an export has all of the one before it.
func continues(before, after hyperfineExport) bool {
	if len(after.Results) < len(before.Results) {
		return false
	}
	for i, r := range before.Results {
		if r.Command != after.Results[i].Command || !slices.Equal(r.Times, after.Results[i].Times) {
			return false
		}
	}
	return true
}

// noEnd names the error of a document that ends too early.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it has no end")
	}
	return err
}
