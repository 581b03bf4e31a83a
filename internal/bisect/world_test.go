package bisect

import "testing"

// search drives a search of a world to its end.
func search(tb testing.TB, w *World, task Task) (*Search, []Event) {
	tb.Helper()
	s, events, err := w.Search(task)
	if err != nil {
		tb.Fatal(err)
	}
	return s, events
}
