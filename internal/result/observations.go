package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxObservation is the longest line of a metrics.jsonl that is read: the body of a readiness page is in it.
const maxObservation = 8 << 20

// ReadObservations reads a metrics.jsonl, one observation a line. A line that is none is an error that names its number; more
// than MaxBytes are ErrTooLarge.
func ReadObservations(r io.Reader) ([]Observation, error) {
	limited := &io.LimitedReader{R: r, N: MaxBytes + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, maxObservation)
	var all []Observation
	for number := 1; lines.Scan(); number++ {
		if limited.N == 0 { // the rest is not there, and one line is cut
			return nil, fmt.Errorf("read observations: %w: more than %d bytes", ErrTooLarge, MaxBytes)
		}
		if len(lines.Bytes()) == 0 {
			continue
		}
		var o Observation
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, fmt.Errorf("read observations: line %d: %w", number, err)
		}
		if o.Node < 0 || o.Peers != nil && !finite(*o.Peers) {
			return nil, fmt.Errorf("read observations: line %d: node %d and its peers cannot be", number, o.Node)
		}
		all = append(all, o)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("read observations: a line is longer than %d bytes: %w", maxObservation, ErrTooLarge)
	} else if err != nil {
		return nil, fmt.Errorf("read observations: %w", err)
	}
	return all, nil
}
