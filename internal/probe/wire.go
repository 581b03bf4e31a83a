package probe

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Longest texts that a node may call something by.
const (
	maxNodeID    = 256
	maxMessageID = 64
)

// reader reads the fields of an answer and remembers the first one that is wrong.
type reader struct {
	section Section
	fields  map[string]json.RawMessage
	err     error
}

// read begins to read an answer: one JSON object. Fields that nobody asks for are ignored.
func read(section Section, body []byte) *reader {
	r := &reader{section: section}
	if err := json.Unmarshal(body, &r.fields); err != nil {
		r.wrong("the answer is no JSON object: %v", err)
	} else if r.fields == nil {
		r.wrong("the answer is no JSON object: null")
	}
	return r
}

func (r *reader) wrong(format string, args ...any) {
	if r.err == nil {
		r.err = &ViolationError{r.section, fmt.Sprintf(format, args...)}
	}
}

// field reads a field, which must be there and not null.
func (r *reader) field(name string, target any) {
	if r.err != nil {
		return
	}
	raw, ok := r.fields[name]
	if !ok || string(raw) == "null" {
		r.wrong("%s: missing", name)
		return
	}
	if err := json.Unmarshal(raw, target); err != nil {
		r.wrong("%s: %s is not of the right type", name, shortened(raw))
	}
}

// optional reads a field that may be absent.
func (r *reader) optional(name string, target any) {
	if raw, ok := r.fields[name]; ok && string(raw) != "null" {
		r.field(name, target)
	}
}

// text reads a text of 1 to most bytes.
func (r *reader) text(name string, most int) (value string) {
	r.field(name, &value)
	if r.err == nil && (value == "" || len(value) > most) {
		r.wrong("%s: has %d bytes, must have 1 to %d", name, len(value), most)
	}
	return value
}

// number reads a whole number from 0.
func (r *reader) number(name string) (value int64) {
	r.field(name, &value)
	if r.err == nil && value < 0 {
		r.wrong("%s: %d is negative", name, value)
	}
	return value
}

// instant reads a time: a whole number of nanoseconds above 0.
func (r *reader) instant(name string) (value int64) {
	r.field(name, &value)
	if r.err == nil && value <= 0 {
		r.wrong("%s: %d is no instant of CLOCK_MONOTONIC in nanoseconds", name, value)
	}
	return value
}

// failure reads ok and error: "" when it is ok.
func (r *reader) failure() string {
	var ok bool
	var failure string
	r.field("ok", &ok)
	r.optional("error", &failure)
	switch {
	case ok && failure != "":
		r.wrong("ok is true, and error says %s", shortened([]byte(failure)))
	case ok:
		return ""
	case r.err == nil && strings.TrimSpace(failure) == "":
		r.wrong("ok is false, and error does not say why")
	}
	return failure
}

// Outcome is how a piece of work went.
type Outcome struct {
	// Failure says why it failed, "" when it did not.
	Failure string
	// StartedNS and DoneNS bound the work alone, in nanoseconds of CLOCK_MONOTONIC; what each call means by them is in
	// docs/PROBE.md. DoneNS is not before StartedNS.
	StartedNS, DoneNS int64
	// Window bounds the call.
	Window Window
}

// OK tells whether the work was done.
func (o Outcome) OK() bool { return o.Failure == "" }

func (r *reader) outcome() Outcome {
	o := Outcome{Failure: r.failure(), StartedNS: r.instant("started_ns"), DoneNS: r.instant("done_ns")}
	if r.err == nil && o.DoneNS < o.StartedNS {
		r.wrong("done_ns is %v before started_ns", time.Duration(o.StartedNS-o.DoneNS))
	}
	return o
}

// within checks an outcome's instants against its call.
func (o *Outcome) within(section Section, w Window) error {
	o.Window = w
	return w.done(o.OK(), section, "started_ns, done_ns", o.StartedNS, o.DoneNS)
}

func shortened(raw []byte) string {
	const most = 40
	text := strings.ToValidUTF8(string(raw), "?")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}
