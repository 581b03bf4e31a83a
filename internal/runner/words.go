package runner

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/communitas/perfgate/internal/proc"
)

const (
	// maxWords is how many lines of a log are repeated elsewhere, maxLine how many characters of each.
	maxWords = 5
	maxLine  = 300
	// tailLines is how many lines at the end of a log are searched for what killed the program.
	tailLines = 200
)

// colour is a control sequence by which programs colour what they print (ECMA-48, CSI).
var colour = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]`)

// lastWords is what a log says of the end of its program, as the end of a sentence: from a panic on where there is one, else
// the last lines, "" when the log is empty. A log may hold anything; this is text.
func lastWords(log string) string {
	var lines []string
	for _, line := range proc.Tail(log, tailLines) {
		if line = printable(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	if i := slices.IndexFunc(lines, isPanic); i >= 0 {
		lines = lines[i:min(len(lines), i+maxWords)]
	}
	return "; its last words: " + strings.Join(lines[max(0, len(lines)-maxWords):], " | ")
}

// panicked tells whether a log ends in a panic, which a program may take for an end like any other.
func panicked(log string) bool { return slices.ContainsFunc(proc.Tail(log, tailLines), isPanic) }

func isPanic(line string) bool {
	return strings.Contains(line, "panicked at") || strings.Contains(line, "panic:") || strings.Contains(line, "fatal error:")
}

// printable is a line of a log as plain text: no colours, no control characters, valid UTF-8, not too long.
func printable(line string) string {
	line = colour.ReplaceAllString(strings.ToValidUTF8(line, "?"), "")
	line = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, line)
	if runes := []rune(line); len(runes) > maxLine {
		line = string(runes[:maxLine]) + "…"
	}
	return strings.TrimSpace(line)
}
