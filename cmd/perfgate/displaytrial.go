package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/gate"
)

// look tells how far a trial has come, and moves the time to go on to the next look.
func (d *display) look(l gate.Look) {
	d.clear()
	d.total = d.done
	if l.End == "" {
		for _, u := range l.Open {
			d.total += 2 * time.Duration(l.Next-l.Pairs) * d.expected[u.Name]
			if l.Pairs == 0 {
				d.total += 2 * time.Duration(d.warmup[u.Name]) * d.expected[u.Name]
			}
		}
	}
	fmt.Fprintln(d.out, lookText(l))
}

// lookText says in one line how far a trial has come.
func lookText(l gate.Look) string {
	var parts []string
	if len(l.Identical) > 0 {
		parts = append(parts, fmt.Sprintf("both binaries are the same: nothing to measure in %s (--measure-identical measures it all the same)", strings.Join(l.Identical, ", ")))
	}
	var open []string
	for _, u := range l.Open {
		text := u.Name
		if len(u.Metrics) > 0 {
			text += " (" + strings.Join(u.Metrics, ", ") + ")"
		}
		open = append(open, text)
	}
	switch {
	case l.End != "":
		parts = append(parts, fmt.Sprintf("end after %s: %s", pairs(l.Pairs), l.End))
	case len(open) > 0:
		parts = append(parts, fmt.Sprintf("%s measured, next look at %d", pairs(l.Pairs), l.Next))
	}
	if len(open) > 0 {
		parts = append(parts, "open: "+strings.Join(open, ", "))
	}
	if l.Left > 0 && l.End == "" {
		parts = append(parts, fmt.Sprintf("%v of the budget left", l.Left.Round(time.Second)))
	}
	return "trial: " + strings.Join(parts, "; ")
}

func pairs(n int) string {
	if n == 1 {
		return "1 pair"
	}
	return fmt.Sprintf("%d pairs", n)
}

// sidePrefix names the side of a trial that a line is about.
func sidePrefix(m gate.Progress) string {
	if m.Side == "" {
		return ""
	}
	return m.Side + ": "
}
