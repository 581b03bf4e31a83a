package proc

import "strings"

// lastLines returns at most the last n lines that are not empty.
func lastLines(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed != "" {
			lines = append(lines, trimmed)
		}
	}
	return lines[max(0, len(lines)-n):]
}
