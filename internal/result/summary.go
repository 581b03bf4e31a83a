package result

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Summary is summary.json of one run, with the keys of the monitoring guide.
type Summary struct {
	Nodes int `json:"nodes"`
	// FormationTime is in whole seconds, rounded up, for scripts that compare it with -gt; nil when not formed.
	FormationTime *int `json:"formation_time"`
	// FormationTimeMS is the measured value in milliseconds, to the microsecond; nil when not formed.
	FormationTimeMS   *float64 `json:"formation_time_ms"`
	FormationComplete bool     `json:"formation_complete"`
	// TestDuration is the steady window in seconds.
	TestDuration float64 `json:"test_duration"`
	// AveragePeers is nil when it could not be measured, and Reason says why.
	AveragePeers *float64 `json:"average_peers"`
	// Timestamp is in seconds of Unix time.
	Timestamp int64 `json:"timestamp"`
	// Reason says what is missing, "" when nothing is.
	Reason string `json:"reason,omitempty"`
}

// Formed fills the two formation times from a measured number of seconds.
func (s *Summary) Formed(seconds float64) {
	whole, ms := int(math.Ceil(seconds)), math.Round(seconds*1e6)/1e3
	s.FormationTime, s.FormationTimeMS, s.FormationComplete = &whole, &ms, true
}

// ReadSummary reads a summary.json, also one that the replaced script wrote.
func ReadSummary(r io.Reader) (*Summary, error) {
	raw, err := readLimited(r, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	var s Summary
	if err := decode(raw, &s); err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	if s.Nodes < 1 || s.TestDuration < 0 || (s.FormationTime != nil && *s.FormationTime < 0) {
		return nil, fmt.Errorf("read summary: %d nodes, duration %v: this is no summary of a run", s.Nodes, s.TestDuration)
	}
	return &s, nil
}

// WriteSummary writes summary.json.
func WriteSummary(w io.Writer, s *Summary) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

// Observation is one line of metrics.jsonl: one node in one sweep.
type Observation struct {
	Node int `json:"node"`
	// Timestamp is the sweep's, in whole seconds of Unix time: the same for all nodes of a sweep.
	Timestamp int64 `json:"timestamp"`
	// Peers is nil when the gauge could not be read.
	Peers *float64 `json:"peers"`
	// Health is the body of the readiness page, as a string when it is no JSON, null when it could not be read.
	Health json.RawMessage `json:"health"`
}
