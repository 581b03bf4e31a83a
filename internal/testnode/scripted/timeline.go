package main

import (
	"cmp"
	"slices"
	"time"
)

// timeline does things at their times, one after the other. Things of one time are done in the order in which they were
// put in. What takes long must go its own way, or it delays all that follows.
type timeline struct {
	start   time.Time
	moments []moment
}

type moment struct {
	after time.Duration
	do    func()
}

// at puts in what is to be done ms milliseconds after the start.
func (t *timeline) at(ms int64, do func()) {
	t.moments = append(t.moments, moment{after: time.Duration(ms) * time.Millisecond, do: do})
}

// run returns when all is done.
func (t *timeline) run() {
	slices.SortStableFunc(t.moments, func(a, b moment) int { return cmp.Compare(a.after, b.after) })
	for _, m := range t.moments {
		time.Sleep(time.Until(t.start.Add(m.after)))
		m.do()
	}
}
