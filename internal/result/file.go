package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/communitas/perfgate/internal/metric"
)

// ErrTooLarge says that a file is larger than any honest one.
var ErrTooLarge = errors.New("file too large")

// Read reads and validates results.json. It refuses more than MaxBytes, anything after the document, another schema,
// and whatever Validate refuses; fields that it does not know are passed over.
func Read(r io.Reader) (*Results, error) {
	raw, err := readLimited(r, MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	var results Results
	if err := decode(raw, &results); err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	results.plan()
	if err := results.Validate(); err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	return &results, nil
}

// plan fills in the plans of a file that has the least content of the schema, and so none: as many runs as the longest of
// their series has samples.
func (r *Results) plan() {
	if len(r.Scenarios) > 0 {
		return
	}
	at := map[key]int{}
	for _, s := range r.Series {
		plan := Scenario{Name: s.Scenario}
		if s.Scenario == "" {
			plan.Benchmark = metric.Benchmark(s.Metric)
		}
		i, known := at[key{plan.Name, plan.Benchmark}]
		if !known {
			i = len(r.Scenarios)
			at[key{plan.Name, plan.Benchmark}] = i
			r.Scenarios = append(r.Scenarios, plan)
		}
		r.Scenarios[i].Runs = max(r.Scenarios[i].Runs, len(s.Samples))
	}
}

// Write validates the results and writes them as indented JSON.
func Write(w io.Writer, results *Results) error {
	if err := results.Validate(); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(results); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return raw, nil
}

// decode reads exactly one JSON document and puts the line into a syntax error.
func decode(raw []byte, into any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("the file is empty")
	}
	err := json.Unmarshal(raw, into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		line := 1 + bytes.Count(raw[:min(int(kind.Offset), len(raw))], []byte("\n"))
		return fmt.Errorf("line %d: %s holds a %s, not a %s", line, kind.Field, kind.Value, kind.Type)
	}
	return err
}
