package doctor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine is how many bytes of a line of a log are looked at and repeated.
const maxLine = 400

// sign is something in logs that says why nodes do not work.
type sign struct {
	name  string
	words []string // in lower case; one of them is in the line
}

// signs are what the monitoring guide has one look for.
func signs() []sign {
	return []sign{
		{"connection refused", []string{"connection refused"}},
		{"panic", []string{"panicked at", "panic:", "fatal error:"}},
		{"crash", []string{"segmentation fault", "sigsegv", "sigabrt", "stack overflow", "out of memory"}},
	}
}

// sighting is how often a sign was seen, and an example.
type sighting struct {
	times int
	line  string // the first one, "" when there is none
	log   string // where that is
}

// sightings has one for each of signs.
type sightings []sighting

// look searches a log, name is what it is called. A line may be of any length and hold anything; only its beginning counts.
func (s sightings) look(name string, r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for begins := true; ; {
		part, err := lines.ReadSlice('\n')
		if begins {
			s.searchLine(name, part[:min(len(part), maxLine)])
		}
		begins = !errors.Is(err, bufio.ErrBufferFull)
		switch {
		case err == nil, !begins:
		case errors.Is(err, io.EOF):
			return nil
		default:
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
}

func (s sightings) searchLine(name string, line []byte) {
	low := bytes.ToLower(line)
	for i, sign := range signs() {
		for _, w := range sign.words {
			if !bytes.Contains(low, []byte(w)) {
				continue
			}
			if s[i].times++; s[i].times == 1 {
				s[i].line, s[i].log = strings.TrimSpace(strings.ToValidUTF8(string(line), "?")), name
			}
			break
		}
	}
}
