package logbook

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	// colour is a control sequence by which programs colour what they print (ECMA-48, CSI).
	colour = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]`)
	// What differs between two lines of one message, in the order in which it is replaced.
	moment   = regexp.MustCompile(`\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?`)
	address  = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?`)
	identity = regexp.MustCompile(`\b(?:0x[0-9a-fA-F]+|[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*|(?:12D3KooW|Qm)[1-9A-HJ-NP-Za-km-z]{20,})\b`)
	number   = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// generalise writes a line without what differs between two of the same message.
func generalise(line string) string {
	line = strings.TrimSpace(moment.ReplaceAllString(line, ""))
	line = address.ReplaceAllString(line, "<addr>")
	line = identity.ReplaceAllStringFunc(line, func(found string) string {
		if strings.ContainsAny(found, "0123456789") { // else it is a word of letters from a to f
			return "<id>"
		}
		return found
	})
	line = number.ReplaceAllString(line, "<n>")
	return shorten(strings.Join(strings.Fields(line), " "))
}

// maxText is how many characters of a line are kept.
const maxText = 240

func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText]) + "…"
	}
	return text
}

// plain is a line as text: no colours, no control characters, valid UTF-8.
func plain(line []byte) string {
	text := colour.ReplaceAllString(strings.ToValidUTF8(string(line), "?"), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text))
}
