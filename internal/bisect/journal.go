package bisect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// JournalSchema names the form of a journal: JSON lines, the task first, then events in the order in which they happened.
const JournalSchema = "perfgate.bisect-journal/1"

// longestLine bounds a line of a journal, in bytes: the task of a range of half a million commits fits.
const longestLine = 64 << 20

// header is the first line of a journal.
type header struct {
	Schema string `json:"schema"`
	Task
}

// Journal is what was read.
type Journal struct {
	Task   Task
	Events []Event
	// Whole is how many bytes of the journal are whole lines. What follows was cut off by a crash: a driver truncates the
	// file to this length before it appends.
	Whole int64
	// Torn says that something was cut off, and dropped.
	Torn bool
}

// HeaderLine is the first line of the journal of a task, with its newline. The error is that of an impossible task.
func HeaderLine(task Task) ([]byte, error) {
	if _, err := task.Parameters.complete(); err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	if _, _, _, err := task.checked(); err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	return line(header{JournalSchema, task})
}

// EventLine is the line of an event, with its newline. The error is that of an event which lacks something.
func EventLine(e Event) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	return line(e)
}

func line(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	return append(text, '\n'), nil
}

// ReadJournal reads a journal whole. A last line without its newline was torn by a crash, and is dropped; any other fault
// is an error that names the line. Whether the events fit the task is for Apply to say.
func ReadJournal(from io.Reader) (Journal, error) {
	var j Journal
	reader := bufio.NewReader(from)
	for number := 1; ; number++ {
		text, err := oneLine(reader)
		if err != nil && !errors.Is(err, io.EOF) {
			return Journal{}, fmt.Errorf("read journal: line %d: %w", number, err)
		}
		if err != nil {
			j.Torn = len(text) > 0
			break
		}
		if err := j.take(number, text); err != nil {
			return Journal{}, fmt.Errorf("read journal: line %d: %w", number, err)
		}
		j.Whole += int64(len(text))
	}
	if j.Whole == 0 {
		return Journal{}, fmt.Errorf("read journal: it has no first line: nothing was begun, start a new search")
	}
	return j, nil
}

// oneLine returns a line with its newline; io.EOF with what was torn, or with nothing.
func oneLine(reader *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := reader.ReadSlice('\n')
		text = append(text, part...)
		if len(text) > longestLine {
			return nil, fmt.Errorf("longer than %d bytes", longestLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

func (j *Journal) take(number int, text []byte) error {
	if number == 1 {
		return j.takeHeader(text)
	}
	var e Event
	if err := strict(text, &e); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	j.Events = append(j.Events, e)
	return nil
}

func (j *Journal) takeHeader(text []byte) error {
	var schema struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("%w: is this a journal of perfgate bisect?", err)
	}
	if schema.Schema != JournalSchema {
		return fmt.Errorf("schema %q: this perfgate reads %q", schema.Schema, JournalSchema)
	}
	var h header
	if err := strict(text, &h); err != nil {
		return err
	}
	if _, err := h.Parameters.complete(); err != nil {
		return err
	}
	if _, _, _, err := h.checked(); err != nil {
		return err
	}
	for i := range h.Commits {
		if len(h.Commits[i].Parents) == 0 {
			h.Commits[i].Parents = nil // none, however it was written
		}
	}
	j.Task = h.Task
	return nil
}

// strict decodes one JSON object and nothing else: no unknown field, nothing behind it.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("has more than one JSON value")
	}
	return nil
}
