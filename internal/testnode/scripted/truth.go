package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/communitas/perfgate/internal/testnode"
)

// truth appends events to the truth file, each with one write, so that a node and its child can share the file.
type truth struct {
	mu   sync.Mutex
	file *os.File
}

func openTruth(folder string) (*truth, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the truth: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(folder, testnode.TruthFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open truth: %w", err)
	}
	return &truth{file: file}, nil
}

// write stamps and writes an event. A truth that cannot be written ends the program: without it the node is of no use.
func (t *truth) write(event, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.append(event, value)
}

// last writes the event after which the program ends. No event can follow: the lock stays taken.
func (t *truth) last(event, value string) {
	t.mu.Lock()
	t.append(event, value)
}

func (t *truth) append(event, value string) { t.appendAt(event, testnode.MonotonicNS(), value) }

// writeAt writes an event that happens at an instant which was computed.
func (t *truth) writeAt(event string, at int64, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.appendAt(event, at, value)
}

func (t *truth) appendAt(event string, at int64, value string) {
	line, err := json.Marshal(testnode.Event{Event: event, MonotonicNS: at, Value: value})
	if err == nil {
		_, err = t.file.Write(append(line, '\n'))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "scripted: write truth:", err)
		os.Exit(exitRuntime)
	}
}
