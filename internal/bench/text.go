package bench

import "bytes"

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
func excerpt(line []byte) string {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) > longest {
		return string(line[:longest]) + "…"
	}
	return string(line)
}
