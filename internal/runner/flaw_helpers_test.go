package runner

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/testnode"
)

// observations are the lines of the last run's metrics.jsonl, each of which has to be JSON.
func (b *bench) observations() []result.Observation {
	b.t.Helper()
	raw, err := os.ReadFile(filepath.Join(b.Dir, "quick/run-01/metrics.jsonl"))
	if err != nil {
		b.t.Fatal(err)
	}
	var all []result.Observation
	for line := range bytes.Lines(raw) {
		var o result.Observation
		if err := json.Unmarshal(line, &o); err != nil {
			b.t.Fatalf("line %s: %v", line, err)
		}
		all = append(all, o)
	}
	return all
}

// summary is the last run's summary.json.
func (b *bench) summary() result.Summary {
	b.t.Helper()
	file, err := os.Open(filepath.Join(b.Dir, "quick/run-01/summary.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer file.Close()
	summary, err := result.ReadSummary(file)
	if err != nil {
		b.t.Fatal(err)
	}
	return *summary
}

// lastRun is the truth of a node's last run: it appends to that of the runs before.
func (b *bench) lastRun(node int) []testnode.Event {
	b.t.Helper()
	events := b.events(node)
	for i, event := range slices.Backward(events) {
		if event.Event == testnode.EventStart {
			return events[i:]
		}
	}
	b.t.Fatalf("node %d never started", node)
	return nil
}

// requests are the instants at which a node of the last run was asked for a page.
func (b *bench) requests(node int, path string) []int64 {
	b.t.Helper()
	var all []int64
	for _, event := range b.lastRun(node) {
		if event.Event == testnode.EventRequest && event.Value == path {
			all = append(all, event.MonotonicNS)
		}
	}
	if len(all) == 0 {
		b.t.Fatalf("node %d was never asked for %s", node, path)
	}
	return all
}
