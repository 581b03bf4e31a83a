package bench

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// longest is how much of a line an error quotes.
const longest = 120

// lineOf returns a line of a text, from 1.
func lineOf(text []byte, number int) []byte {
	for line := range bytes.Lines(text) {
		if number--; number == 0 {
			return line
		}
	}
	return nil
}

// excerpt is the begin of a line, for an error.
func excerpt(line []byte) string { return shortened(string(bytes.TrimRight(line, "\r\n")), longest) }

// shortened is the begin of a text, valid UTF-8 whatever it was.
func shortened(text string, most int) string {
	if len(text) <= most {
		return strings.ToValidUTF8(text, "?")
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.ToValidUTF8(text[:most], "?") + "…"
}
