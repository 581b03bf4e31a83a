package testnode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// TruthFile is the name of the file, in the storage folder of a scripted node or the one of its --truth, to which it appends
// one [Event] a line.
const TruthFile = "truth.jsonl"

// What a scripted node writes down, each at the instant at which it takes effect or just before, never after.
const (
	EventStart     = "start"       // the program began; script times count from here
	EventListening = "listening"   // the control address answers; Value is IP:PORT
	EventReady     = "ready"       // /health answers 200
	EventTogether  = "together"    // as many nodes as the script has run; the times of peers count from here
	EventPeers     = "peers"       // the gauge changed; Value is its text
	EventPage      = "page"        // the metrics page changed its mode; Value is the mode
	EventLink      = "link"        // has made TCP connections to the bootstrap; Value is how many
	EventLinkEnd   = "link_end"    // is about to close them
	EventMemory    = "memory"      // begins to take memory
	EventMemoryEnd = "memory_held" // has touched all of it; Value is the MiB
	EventBurn      = "burn"        // begins to use CPU; Value is the cores
	EventBurned    = "burned"      // while it burns, ten times a second: Value is the nanoseconds of CPU time got so far
	EventBurnEnd   = "burn_end"    // stops; Value is the cores
	EventWrite     = "write"       // begins to write to storage; Value is the bytes
	EventWriteEnd  = "write_end"   // has synced them
	EventAsked     = "asked"       // learnt of work that has an instant; Value is that instant, at_ns, and the id, key or node
	EventPublished = "published"   // published a message; Value is its id
	EventReceived  = "received"    // received one, at an instant that may lie ahead; Value is its id
	EventLog       = "log"         // prints a line; Value is how often
	EventChild     = "child"       // written by the child itself; Value is its process id
	EventRequest   = "request"     // a page is asked for, where the script wants to know; Value is its path
	EventSignal    = "signal"      // got a signal; Value is its name, like SIGINT
	EventEnd       = "end"         // ends by script or by a signal that it heeds; Value is the exit code or the signal
	EventLifetime  = "lifetime"    // ends because its lifetime is over
)

// Event is one line of the truth file.
type Event struct {
	// Event is one of the Event constants.
	Event string `json:"event"`
	// MonotonicNS is the instant, CLOCK_MONOTONIC in nanoseconds.
	MonotonicNS int64 `json:"monotonic_ns"`
	// Value is what the event's constant says; "" for those that have none.
	Value string `json:"value,omitempty"`
}

// ReadTruth reads a truth file, in the order in which it was written. A malformed line is an error; one that is not yet
// complete, since the node is writing it, is io.ErrUnexpectedEOF.
func ReadTruth(path string) ([]Event, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	events, err := parseTruth(data)
	if err != nil {
		return nil, fmt.Errorf("read truth %s: %w", path, err)
	}
	return events, nil
}

// Find returns the first event of that name, and whether there is one.
func Find(events []Event, name string) (Event, bool) {
	i := slices.IndexFunc(events, func(e Event) bool { return e.Event == name })
	if i < 0 {
		return Event{}, false
	}
	return events[i], true
}

func parseTruth(data []byte) ([]Event, error) {
	var events []Event
	number := 0
	for line := range bytes.Lines(data) {
		number++
		event, err := parseEvent(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		events = append(events, event)
	}
	return events, nil
}

func parseEvent(line []byte) (Event, error) {
	if !bytes.HasSuffix(line, []byte("\n")) {
		return Event{}, io.ErrUnexpectedEOF
	}
	var event Event
	if err := decodeStrictly(line, &event); err != nil {
		return Event{}, err
	}
	if event.Event == "" || event.MonotonicNS <= 0 {
		return Event{}, fmt.Errorf("no event or no time in %q", line)
	}
	return event, nil
}

// decodeStrictly decodes data, which must be one JSON value without keys that target does not have.
func decodeStrictly(data []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("more after the first JSON value")
	}
	return nil
}
