package instrument

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// since are the events of the last process that began after t0, of a file to which several have written.
func since(events []testnode.Event, t0 int64) []testnode.Event {
	for i, e := range slices.Backward(events) {
		if e.Event == testnode.EventStart {
			if e.MonotonicNS < t0 {
				return nil
			}
			return events[i:]
		}
	}
	return nil
}

// held is the first instant at which every node had so many peers, as CLOCK_MONOTONIC; false when there was none.
func held(truth [][]testnode.Event, peers int) (int64, bool) {
	type change struct {
		at   int64
		node int
		has  bool
	}
	var changes []change
	for node, events := range truth {
		for _, e := range events {
			if e.Event == testnode.EventPeers {
				count, err := strconv.Atoi(e.Value)
				changes = append(changes, change{e.MonotonicNS, node, err == nil && count >= peers})
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	has := make([]bool, len(truth))
	for _, c := range changes {
		if has[c.node] = c.has; !slices.Contains(has, false) {
			return c.at, true
		}
	}
	return 0, false
}

// when is the instant of the last event of a name at any node, from t0 on; false when a node has none.
func (o observed) when(name string) (time.Duration, bool) {
	var last int64
	for _, events := range o.Truth {
		event, ok := testnode.Find(events, name)
		if !ok {
			return 0, false
		}
		last = max(last, event.MonotonicNS)
	}
	return time.Duration(last - o.T0MonotonicNS), true
}

func TestHeld(t *testing.T) {
	at := func(ns int64, peers testnode.Value) testnode.Event {
		return testnode.Event{Event: testnode.EventPeers, MonotonicNS: ns, Value: string(peers)}
	}
	start := testnode.Event{Event: testnode.EventStart, MonotonicNS: 1}
	for name, test := range map[string]struct {
		truth [][]testnode.Event
		want  int64
	}{
		"the last one decides":      {[][]testnode.Event{{start, at(5, "1")}, {at(3, "0"), at(9, "1")}}, 9},
		"one lost it in between":    {[][]testnode.Event{{at(5, "1"), at(7, "0"), at(11, "1")}, {at(9, "1")}}, 11},
		"held once, and then lost":  {[][]testnode.Event{{at(5, "1"), at(7, "0")}, {at(6, "1")}}, 6},
		"never at the same time":    {[][]testnode.Event{{at(5, "1"), at(7, "0")}, {at(8, "1")}}, 0},
		"one says nothing":          {[][]testnode.Event{{at(5, "1")}, {start}}, 0},
		"a text that is no number":  {[][]testnode.Event{{at(5, "1")}, {at(6, "many"), at(8, "1")}}, 8},
		"as many as were asked for": {[][]testnode.Event{{at(5, "2")}, {at(6, "1")}}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := held(test.truth, 1); got != test.want || ok != (test.want > 0) {
				t.Errorf("held at %d (%v), want %d", got, ok, test.want)
			}
		})
	}
}

func TestSince(t *testing.T) {
	event := func(name string, ns int64) testnode.Event { return testnode.Event{Event: name, MonotonicNS: ns} }
	file := []testnode.Event{event("start", 10), event("peers", 11), event("start", 20), event("peers", 21), event("end", 22)}
	if got := since(file, 15); len(got) != 3 || got[0].MonotonicNS != 20 {
		t.Errorf("events since 15: %v", got)
	}
	if got := since(file, 25); got != nil {
		t.Errorf("events of a process that was not started: %v", got)
	}
}
