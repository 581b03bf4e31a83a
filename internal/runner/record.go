package runner

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
)

// record writes the files of one run: metrics.jsonl while it goes on, summary.json at its end.
type record struct {
	dir     string
	file    *os.File
	lines   *bufio.Writer
	encoder *json.Encoder
	err     error // the first that writing a line gave
}

const unfinished = ".metrics.jsonl.unfinished"

func newRecord(dir string) (*record, error) {
	file, err := os.Create(filepath.Join(dir, unfinished))
	if err != nil {
		return nil, fmt.Errorf("record a run: %w", err)
	}
	lines := bufio.NewWriter(file)
	return &record{dir: dir, file: file, lines: lines, encoder: json.NewEncoder(lines)}, nil
}

func (r *record) add(o result.Observation) {
	if r.err == nil {
		r.err = r.encoder.Encode(o)
	}
}

// finish gives metrics.jsonl its name and writes summary.json.
func (r *record) finish(n *measure.Network, run Run) error {
	err := errors.Join(r.err, r.lines.Flush(), r.file.Close(),
		os.Rename(filepath.Join(r.dir, unfinished), filepath.Join(r.dir, "metrics.jsonl")))
	if err != nil {
		return fmt.Errorf("record a run: %w", err)
	}
	return store.WriteFile(filepath.Join(r.dir, "summary.json"), func(w io.Writer) error {
		return result.WriteSummary(w, summarize(n, run))
	})
}

// abandon removes what was begun of a run that never was.
func (r *record) abandon() error {
	return errors.Join(r.file.Close(), os.Remove(filepath.Join(r.dir, unfinished)))
}

func summarize(n *measure.Network, run Run) *result.Summary {
	summary := &result.Summary{
		Nodes: len(n.Nodes), TestDuration: n.Scenario.Duration.Seconds(), Timestamp: time.Now().Unix(),
		Reason: cmp.Or(run.Failure, run.Invalid),
	}
	for _, m := range run.Measurements {
		// A summary tells of one run and is compared with nothing: it shows what was measured on a disturbed machine too,
		// beside the reason.
		usable := m.Status == result.Measured && (m.Invalid == "" || m.Invalid == run.Invalid) && !m.Censored
		switch {
		case m.Metric.Name == "formation_time" && usable:
			summary.Formed(m.Value)
		case m.Metric.Name == "average_peers" && usable:
			summary.AveragePeers = &m.Value
		case m.Metric.Name == "average_peers" && summary.Reason == "":
			summary.Reason = m.Reason + m.Invalid
		}
	}
	return summary
}

// finite is a pointer to a number that JSON can hold, nil for one that it cannot.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// asJSON is a page as a JSON value on one line: as it is when it is JSON, else as a string.
func asJSON(body []byte) json.RawMessage {
	var compact bytes.Buffer
	if json.Compact(&compact, body) == nil && compact.Len() > 0 {
		return compact.Bytes()
	}
	text, err := json.Marshal(string(body))
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}
