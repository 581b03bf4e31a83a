package measure

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// CountLog counts the lines of a log that the monitoring guide searches for. A line may count more than once, and may be
// of any length: it is read in parts.
func CountLog(r io.Reader) (LogCounts, error) { return countLog(r, 64<<10) }

// countLog reads parts of at most size bytes, which is 16 or more.
func countLog(r io.Reader, size int) (LogCounts, error) {
	var counts LogCounts
	var line logLine
	parts := bufio.NewReaderSize(r, size)
	for {
		part, err := parts.ReadSlice('\n')
		line.search(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			line.goesOn(part)
			continue
		}
		counts.add(line)
		line = logLine{}
		if errors.Is(err, io.EOF) {
			return counts, nil
		}
		if err != nil {
			return LogCounts{}, fmt.Errorf("read log: %w", err)
		}
	}
}

// logLine is what was found so far in one line.
type logLine struct {
	errors, warnings, slow bool
	end                    []byte // of the part before, where a word may have begun
}

// longestWord is the length of the longest word that is searched for, "exceeded".
const longestWord = 8

func (l *logLine) search(part []byte) {
	if len(l.end) > 0 {
		l.searchText(append(l.end, part[:min(len(part), longestWord-1)]...)) // words that the cut went through
	}
	l.searchText(part)
}

func (l *logLine) searchText(text []byte) {
	l.errors = l.errors || containsAny(text, "ERROR", "panic")
	l.warnings = l.warnings || containsAny(text, "WARN")
	l.slow = l.slow || containsAny(text, "slow", "timeout", "exceeded")
}

// goesOn keeps the end of a part that is not the line's last. A part is longer than any word.
func (l *logLine) goesOn(part []byte) {
	l.end = append(l.end[:0], part[len(part)-longestWord+1:]...)
}

func (c *LogCounts) add(line logLine) {
	c.Errors += count(line.errors)
	c.Warnings += count(line.warnings)
	c.Slow += count(line.slow)
}

func count(found bool) int {
	if found {
		return 1
	}
	return 0
}

func containsAny(line []byte, words ...string) bool {
	for _, word := range words {
		if bytes.Contains(line, []byte(word)) {
			return true
		}
	}
	return false
}
