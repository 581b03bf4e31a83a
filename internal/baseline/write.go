package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/tomlfile"
)

// The two parts of the file are divided by one comment line. Above it every byte belongs to people; below it is nothing
// but recordings and calibrations, which are written anew each time.
const (
	markerStart = "# perfgate:recorded"
	marker      = markerStart + " -- perfgate rewrites everything below this line; write above it"
)

const byteOrderMark = "\xef\xbb\xbf"

// WithRecordings returns the text of the file with these recordings in place of those of the same environment and
// scenario, and all others kept. Every byte above the dividing line stays; a file without that line gets it at its end,
// and one without any key gets its schema. It refuses to write where something that people wrote would be lost: a
// comment or a table of theirs below the line, or recordings above it. That error is a *tomlfile.Error, or several.
func (f *File) WithRecordings(recs []Recording) ([]byte, error) {
	fresh := make([]Recording, len(recs))
	for i, r := range recs {
		fresh[i] = r.normal()
		if err := fresh[i].validateWhole(); err != nil {
			return nil, fmt.Errorf("recording of %s: %w", r.slot(), err)
		}
	}
	merged, err := merge(f.Recordings(), fresh)
	if err != nil {
		return nil, err
	}
	return f.withMachine(f.Calibrations(), merged)
}

// WithCalibrations returns the text of the file with these calibrations, on the terms of WithRecordings.
func (f *File) WithCalibrations(calibrations []Calibration) ([]byte, error) {
	fresh := make([]Calibration, len(calibrations))
	for i, c := range calibrations {
		fresh[i] = c.normal()
		if err := fresh[i].validate(); err != nil {
			return nil, fmt.Errorf("calibration of %s: %w", c.slot(), err)
		}
	}
	merged, err := merge(f.Calibrations(), fresh)
	if err != nil {
		return nil, err
	}
	return f.withMachine(merged, f.Recordings())
}

// withMachine returns the text of the file with another machine's part.
func (f *File) withMachine(calibrations []Calibration, recordings []Recording) ([]byte, error) {
	people, err := f.people()
	if err != nil {
		return nil, err
	}
	var machine strings.Builder
	machine.WriteString(marker + "\n")
	for _, c := range calibrations {
		machine.WriteByte('\n')
		c.print(&machine)
	}
	for _, r := range recordings {
		machine.WriteByte('\n')
		r.print(&machine)
	}
	text := machine.String()
	if windowsLines(people) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	written := append(people, text...)
	if len(written) > tomlfile.MaxBytes {
		return nil, fmt.Errorf("%s would have %d bytes, more than %d: delete the [[recorded]] tables of environments that are no longer in use",
			f.Name(), len(written), tomlfile.MaxBytes)
	}
	again, err := Parse(f.Name(), written)
	if err != nil {
		return nil, fmt.Errorf("read back what was to be written: %w", err)
	}
	if !reflect.DeepEqual(again.recordings, recordings) || !reflect.DeepEqual(again.calibrations, calibrations) {
		return nil, errors.New("read back what was to be written: the machine's part differs")
	}
	return written, nil
}

// merge puts what is new into what the file has, each in its slot.
func merge[T slotted](old, fresh []T) ([]T, error) {
	taken := map[slot]bool{}
	for _, x := range fresh {
		if taken[x.slot()] {
			return nil, fmt.Errorf("%s is recorded twice for one environment", x.slot())
		}
		taken[x.slot()] = true
	}
	kept := slices.DeleteFunc(old, func(x T) bool { return taken[x.slot()] })
	return sortedBySlot(append(kept, fresh...)), nil
}

// people returns what stands above the dividing line, made ready for the line to follow.
func (f *File) people() ([]byte, error) {
	if f == nil || f.doc == nil {
		return fmt.Appendf(nil, "schema = %q\n\n", Schema), nil
	}
	line, offset, err := f.divide()
	if err != nil {
		return nil, err
	}
	if line > 0 {
		return f.withSchema(f.raw[:offset]), nil
	}
	people := f.withSchema(f.raw)
	return append(people, lineEnd(people)...), nil
}

// withSchema ends the people's part with a line end and gives a file without keys its schema.
func (f *File) withSchema(people []byte) []byte {
	people = slices.Clone(people)
	end := lineEnd(people)
	if text := bytes.TrimPrefix(people, []byte(byteOrderMark)); len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		people = append(people, end...)
	}
	if f.doc.Empty() {
		people = fmt.Appendf(people, "schema = %q%s", Schema, end)
	}
	return people
}

// divide finds the dividing line and where its text begins in bytes; line 0 when there is none. It fails where writing
// would lose what people wrote.
func (f *File) divide() (line, offset int, err error) {
	problems := f.doc.Problems()
	for _, c := range f.doc.Comments() {
		switch mine := c.Alone && strings.HasPrefix(c.Text, markerStart); {
		case mine && line == 0:
			line, offset = c.Line, 1+bytes.LastIndexByte(f.raw[:c.Offset], '\n')
			if offset == 0 && bytes.HasPrefix(f.raw, []byte(byteOrderMark)) {
				offset = len(byteOrderMark)
			}
		case mine:
			return 0, 0, &tomlfile.Error{
				File: f.name, Line: c.Line, Text: fmt.Sprintf("the dividing line is there already, at line %d", line),
				Hint: "delete one of the two, and keep what you wrote above the other",
			}
		case line > 0:
			return 0, 0, &tomlfile.Error{
				File: f.name, Line: c.Line, Text: "a comment below the dividing line would be lost",
				Hint: fmt.Sprintf("move it above line %d, or delete it", line),
			}
		}
	}
	f.misplaced(line, problems)
	return line, offset, problems.Err()
}

// misplaced notes what stands on the wrong side of the dividing line, 0 for none; of a table and its keys only the table.
func (f *File) misplaced(line int, problems *tomlfile.Problems) {
	table := tomlfile.Path{}
	note := func(at tomlfile.Path, hint, text string) {
		table = at
		problems.Add(at, hint, "%s", text)
	}
	for _, place := range f.doc.Places() {
		mine := machines(place.Path)
		switch {
		case table != tomlfile.Path{} && place.Path.Within(table):
		case line == 0 && mine:
			note(place.Path, fmt.Sprintf("write the line %q above it, or delete it and record again", markerStart), "stands in a file without dividing line")
		case line > 0 && mine && place.Line < line:
			note(place.Path, fmt.Sprintf("move it below line %d, or delete it and record again", line), "stands above the dividing line")
		case line > 0 && !mine && place.Line > line:
			note(place.Path, fmt.Sprintf("move it above line %d", line), "stands below the dividing line and would be lost")
		}
	}
}

// machines tells what belongs to the machine's part.
func machines(at tomlfile.Path) bool {
	return at.Within(tomlfile.At("recorded")) || at.Within(tomlfile.At("calibrated"))
}

// windowsLines tells whether the first line of a text ends in CR LF.
func windowsLines(text []byte) bool {
	first, _, found := bytes.Cut(text, []byte("\n"))
	return found && bytes.HasSuffix(first, []byte("\r"))
}

func lineEnd(text []byte) string {
	if windowsLines(text) {
		return "\r\n"
	}
	return "\n"
}
