package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/communitas/perfgate/internal/metric"
)

// genericEntry is one number of the plain format.
type genericEntry struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit"`
	Better string   `json:"better"`
}

// JSON reads the plain format: [{"name": "encode", "value": 1.5, "unit": "ms", "better": "lower"}, ...]. Lines before the list
// are passed over; nothing may follow it. Known units are turned into the base units (ns, us, ms, s; B to GB and GiB, also
// per second; %, ratio, count), any other word stays as it is. "better" may be left out for times, bytes and rates alone. A
// name that comes again is a repetition.
func JSON(benchmark string, output []byte) ([]Value, error) {
	start := documentStart(output, '[')
	if start < 0 {
		return nil, ErrNothing
	}
	decoder := json.NewDecoder(bytes.NewReader(output[start:]))
	var entries []genericEntry
	if err := decoder.Decode(&entries); err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", noEnd(err))
	}
	if rest := bytes.TrimSpace(output[start+int(decoder.InputOffset()):]); len(rest) > 0 {
		return nil, fmt.Errorf("something follows the list (%q): print one list last, or write it to $%s", excerpt(firstLine(rest)), OutputVariable)
	}
	c := newCollection(benchmark)
	for i, e := range entries {
		read, err := e.reading()
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		read.place = fmt.Sprintf("entry %d", i+1)
		if err := c.add(read); err != nil {
			return nil, err
		}
	}
	return c.values()
}

func (e genericEntry) reading() (reading, error) {
	if e.Name == "" {
		return reading{}, errors.New("it has no name")
	}
	if e.Value == nil {
		return reading{}, fmt.Errorf("%q has no value", e.Name)
	}
	scale, ok := scaleOf(e.Unit)
	if !ok {
		return reading{}, fmt.Errorf("%q has the unit %q, which is none (such as s, ms, B, MB/s, count, ratio, or a short word of your own)", e.Name, e.Unit)
	}
	read := reading{name: e.Name, unit: scale.unit, value: *e.Value * scale.factor, better: metric.Direction(e.Better)}
	switch {
	case read.better == metric.Lower || read.better == metric.Higher:
	case e.Better != "":
		return reading{}, fmt.Errorf("%q is better %q (write lower or higher)", e.Name, e.Better)
	case scale.unit == metric.Seconds || scale.unit == metric.Bytes || metric.Rate(scale.unit):
		read.better = direction(scale.unit)
	default:
		return reading{}, fmt.Errorf("%q does not say which way it is better (write \"better\": \"lower\" or \"higher\")", e.Name)
	}
	return read, nil
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}
