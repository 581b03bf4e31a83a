package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// levels are those of RUST_LOG, the most urgent first.
var levels = [...]string{"off", "error", "warn", "info", "debug", "trace"}

// rustLog writes lines as Rust's tracing does: time, level, target, message, fields.
type rustLog struct {
	out       io.Writer
	threshold int // index into levels of the least urgent that is written
}

// newLog takes the level from directives in the form of RUST_LOG. The first that is a level alone counts; without one, info.
func newLog(out io.Writer, directives string) *rustLog {
	threshold := slices.Index(levels[:], "info")
	for directive := range strings.SplitSeq(directives, ",") {
		if i := slices.Index(levels[:], strings.ToLower(strings.TrimSpace(directive))); i >= 0 {
			threshold = i
			break
		}
	}
	return &rustLog{out: out, threshold: threshold}
}

func (l *rustLog) warn(message string, fields ...any)  { l.write("warn", message, fields) }
func (l *rustLog) info(message string, fields ...any)  { l.write("info", message, fields) }
func (l *rustLog) debug(message string, fields ...any) { l.write("debug", message, fields) }

// write writes one line with one call, so that lines do not mix. fields are names and values in turn.
func (l *rustLog) write(level, message string, fields []any) {
	if slices.Index(levels[:], level) > l.threshold {
		return
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%s %5s communitas_headless: %s", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		strings.ToUpper(level), message)
	for pair := range slices.Chunk(fields, 2) {
		fmt.Fprintf(&line, " %v=%v", pair[0], pair[1])
	}
	fmt.Fprintln(l.out, line.String())
}
