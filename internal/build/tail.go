package build

import "strings"

// tail keeps the end of what a command prints.
type tail struct {
	kept []byte
}

const tailBytes, tailLines = 8 << 10, 15

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) lines() []string {
	var lines []string
	for line := range strings.Lines(string(t.kept)) {
		if line = strings.TrimRight(line, "\r\n "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-tailLines):]
}
