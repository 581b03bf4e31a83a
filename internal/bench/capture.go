package bench

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// maxLog is how much of what a command prints its log keeps.
const maxLog = MaxOutput

// capture takes what a command prints: the standard output to be read, both streams for the log and for the last words.
type capture struct {
	log io.Writer // nil for none
	// full is called when the standard output is more than can be taken.
	full func()

	mu     sync.Mutex
	stdout []byte
	over   bool
	logged int
	tail   tail
}

// writer makes an io.Writer of a function.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func (c *capture) takeStdout(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.stdout)+len(p) > MaxOutput && !c.over {
		c.over = true
		c.full()
	}
	if c.over { // the command is being ended
		return len(p), nil
	}
	c.stdout = append(c.stdout, p...)
	return len(p), c.note(p)
}

func (c *capture) takeStderr(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(p), c.note(p)
}

// note keeps the last words, and the log up to its limit.
func (c *capture) note(p []byte) error {
	c.tail.take(p)
	if c.log == nil || c.logged > maxLog {
		return nil
	}
	kept := p[:min(len(p), maxLog-c.logged)]
	c.logged += len(p)
	if _, err := c.log.Write(kept); err != nil {
		return fmt.Errorf("keep the log: %w", err)
	}
	if c.logged > maxLog {
		if _, err := fmt.Fprintf(c.log, "\n[perfgate keeps no more than %d MiB of this]\n", maxLog>>20); err != nil {
			return fmt.Errorf("keep the log: %w", err)
		}
	}
	return nil
}

// tail keeps the end of what a command prints.
type tail struct{ kept []byte }

const tailBytes, tailLines = 8 << 10, 5

func (t *tail) take(p []byte) {
	if len(p) > tailBytes {
		p = p[len(p)-tailBytes:]
	}
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
}

func (t *tail) lines() []string {
	var lines []string
	for line := range strings.Lines(string(t.kept)) {
		if line = strings.TrimRight(line, "\r\n "); line != "" {
			lines = append(lines, line)
		}
	}
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		lines[i] = excerpt([]byte(line))
	}
	return lines
}
