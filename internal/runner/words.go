package runner

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/communitas/perfgate/internal/proc"
)

const (
	// maxWords is how many lines of a log are repeated elsewhere, maxLine how many characters of each, and of what else a node
	// says; maxLook is how many bytes are looked at for that.
	maxWords = 5
	maxLine  = 300
	maxLook  = 8 << 10
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

// printable is what a node has said as plain text on one line: no colours, no control characters, valid UTF-8, not too long.
func printable(line string) string {
	line = line[:min(len(line), maxLook)]
	line = colour.ReplaceAllString(strings.ToValidUTF8(line, "?"), "")
	line = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
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

// text is an error's text, "" for none. What a node has answered may be in it: it goes into results, which have a limit.
func text(err error) string {
	if err == nil {
		return ""
	}
	return printable(err.Error())
}

// fault is why an operation did not succeed, "" when it did: because of the call, or because of what the node says.
func fault(call error, said string) string {
	if said == "" {
		return text(call)
	}
	return cmp.Or(text(call), printable(said), "it says why in no characters that can be printed")
}
