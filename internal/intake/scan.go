package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/communitas/perfgate/internal/result"
)

// Results reads one results.json; place is what refusals call it. Its form is bounded before anything is made of it: a document
// of a few megabytes can be a hundred times as large in memory.
func Results(place string, raw []byte) (*result.Results, error) {
	if len(raw) > MaxFile {
		return nil, refuse(place, "more than %d bytes", MaxFile)
	}
	if err := scan(place, raw); err != nil {
		return nil, err
	}
	results, err := result.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, refuse(place, "%s", clean(err.Error()))
	}
	if err := strict(place, results); err != nil {
		return nil, err
	}
	return results, nil
}

// scanner goes through the tokens of a document.
type scanner struct {
	place  string
	values int
	// keys has for each open object the keys so far, nil for an array.
	keys []map[string]bool
	// name says that the next token is a key.
	name bool
}

// scan bounds depth, number and length of what is in a document, and refuses keys that are there twice: readers differ in
// which of them counts.
func scan(place string, raw []byte) error {
	s := scanner{place: place}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil // result.Read says what is wrong with a document that ends too early
		}
		if err != nil {
			return refuse(place, "no JSON: %s", clean(err.Error()))
		}
		if err := s.take(token); err != nil {
			return err
		}
	}
}

func (s *scanner) take(token json.Token) error {
	if s.values++; s.values > MaxValues {
		return refuse(s.place, "more than %d values", MaxValues)
	}
	switch t := token.(type) {
	case json.Delim:
		return s.delimit(t)
	case json.Number:
		if len(t) > 40 {
			return refuse(s.place, "a number of %d digits", len(t))
		}
	case string:
		if len(t) > MaxText {
			return refuse(s.place, "a text of %d bytes, which are more than %d", len(t), MaxText)
		}
		if s.name {
			return s.key(t)
		}
	}
	s.name = s.inObject()
	return nil
}

func (s *scanner) delimit(d json.Delim) error {
	switch d {
	case '{':
		s.keys = append(s.keys, map[string]bool{})
	case '[':
		s.keys = append(s.keys, nil)
	default:
		s.keys = s.keys[:len(s.keys)-1]
	}
	if len(s.keys) > MaxDepth {
		return refuse(s.place, "more than %d levels inside one another", MaxDepth)
	}
	s.name = s.inObject()
	return nil
}

func (s *scanner) inObject() bool { return len(s.keys) > 0 && s.keys[len(s.keys)-1] != nil }

func (s *scanner) key(name string) error {
	open := s.keys[len(s.keys)-1]
	if open[fold(name)] {
		return refuse(s.place, "the key %s is there twice", quoted(name))
	}
	open[fold(name)] = true
	s.name = false
	return nil
}
