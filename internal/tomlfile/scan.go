package tomlfile

import (
	"fmt"
	"strings"
	"unicode"
)

// The scanner finds the line of every key, table and array element of a TOML text. It is no second parser: it follows
// the text just closely enough to know where keys are, and takes for granted what the library checks after it. Text that
// is no TOML makes it stop early, never go wrong. Tables are entered as the format says: a header [a.b] walks from the
// root, and where a part names an array of tables it walks into the last element.

// Limits on what is scanned: nothing honest comes near, and both scanner and library take time and memory by them.
const (
	maxDepth = 32
	maxPath  = 1024
)

func tooDeep() string {
	return fmt.Sprintf("keys are nested more than %d deep or longer than %d bytes", maxDepth, maxPath)
}

// index is what the scanner found.
type index struct {
	places   []Place
	lines    map[string]int // by Path.id
	order    map[string]int // by Path.id: the place in the text, from 1
	comments []Comment
	headers  []header
}

// header is where a table or an element of an array of tables begins.
type header struct {
	path   Path
	offset int
}

// Place is a key, a table or an element of an array, and where it stands.
type Place struct {
	Path Path
	// Line counts from 1.
	Line int
}

// Comment is a comment of the file.
type Comment struct {
	// Line counts from 1, Offset in bytes from the start of the file.
	Line, Offset int
	// Alone says that nothing but blanks stands before it on its line.
	Alone bool
	// Text includes the "#" and not the line end.
	Text string
}

// Places returns all keys, tables and elements in the order in which the text first names them. The line of a table is
// that of its header, where it has one.
func (d *Document) Places() []Place {
	places := make([]Place, len(d.places))
	for i, p := range d.places {
		places[i] = Place{Path: p.Path, Line: d.lines[p.Path.id]}
	}
	return places
}

// Comments returns all comments in their order.
func (d *Document) Comments() []Comment { return d.comments }

type scanner struct {
	text string
	pos  int
	line int
	index
	// tables counts the elements of arrays of tables; implicit are the tables that only a longer key named so far.
	tables   map[string]int
	implicit map[string]bool
	// refused says what was met that this package does not read, and refusedAt the line; "" for nothing.
	refused   string
	refusedAt int
}

// scan goes through a text to its end, or to the place where it is no TOML or is refused.
func scan(text string) *scanner {
	s := scanner{
		text: text, line: 1,
		index:  index{lines: map[string]int{}, order: map[string]int{}},
		tables: map[string]int{}, implicit: map[string]bool{},
	}
	table, ok := Path{}, true
	for ok {
		s.blank()
		if s.pos == len(text) {
			break
		}
		if s.peek() == '[' {
			table, ok = s.header()
		} else {
			ok = s.pair(table)
		}
	}
	return &s
}

func (s *scanner) refuse(line int, text string) bool {
	s.refused, s.refusedAt = text, line
	return false
}

// header reads [a.b] or [[a.b]] and returns the table that it opens.
func (s *scanner) header() (Path, bool) {
	line, offset, array := s.line, s.pos, strings.HasPrefix(s.text[s.pos:], "[[")
	s.pos++
	if array {
		s.pos++
	}
	parts, ok := s.key()
	if !ok || !s.take(']') || array && !s.take(']') {
		return Path{}, false
	}
	at, ok := s.enter(Path{}, parts[:len(parts)-1], line)
	if !ok {
		return Path{}, false
	}
	at = at.Key(parts[len(parts)-1])
	ok = s.note(at, line, true)
	if array && ok {
		s.tables[at.id]++
		at = at.Index(s.tables[at.id] - 1)
		ok = s.note(at, line, true)
	}
	s.headers = append(s.headers, header{at, offset})
	return at, ok
}

// pair reads key = value in a table.
func (s *scanner) pair(table Path) bool {
	line := s.line
	parts, ok := s.key()
	if !ok || !s.take('=') {
		return false
	}
	at, ok := s.enter(table, parts[:len(parts)-1], line)
	if !ok {
		return false
	}
	at = at.Key(parts[len(parts)-1])
	if first, known := s.lines[at.id]; known {
		// Note: the library lets { a.b = 1, a = 2 } pass.
		return s.refuse(line, fmt.Sprintf("%s: is there already, at line %d", at, first))
	}
	return s.note(at, line, true) && s.value(at)
}

// enter walks from a table through the parts of a key that only lead to another.
func (s *scanner) enter(at Path, parts []string, line int) (Path, bool) {
	for _, part := range parts {
		at = at.Key(part)
		if !s.note(at, line, false) {
			return at, false
		}
		if n := s.tables[at.id]; n > 0 {
			at = at.Index(n - 1)
		}
	}
	return at, true
}

// note keeps the first line of a place, or the line that names it explicitly.
func (s *scanner) note(at Path, line int, explicit bool) bool {
	if at.depth > maxDepth || len(at.id) > maxPath {
		return s.refuse(line, tooDeep())
	}
	_, known := s.lines[at.id]
	if !known {
		s.places = append(s.places, Place{Path: at})
		s.order[at.id] = len(s.places)
		s.lines[at.id] = line
		s.implicit[at.id] = !explicit
	}
	if explicit && s.implicit[at.id] {
		s.lines[at.id], s.implicit[at.id] = line, false
	}
	return true
}

// value reads a value whose key or index is at.
func (s *scanner) value(at Path) bool {
	s.spaces()
	switch s.peek() {
	case '"', '\'':
		return s.stringValue()
	case '[':
		s.pos++
		return s.elements(at)
	case '{':
		s.pos++
		return s.inline(at)
	}
	// Numbers, booleans, dates and times end at a delimiter; a date and its time may be apart by a space.
	start := s.pos
	for s.pos < len(s.text) && !strings.ContainsRune(",]}#\n", rune(s.text[s.pos])) {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) elements(at Path) bool {
	for i := 0; ; i++ {
		s.blank()
		if s.take(']') {
			return true
		}
		if !s.note(at.Index(i), s.line, true) || !s.value(at.Index(i)) {
			return false
		}
		s.blank()
		if !s.take(',') {
			return s.take(']')
		}
	}
}

func (s *scanner) inline(at Path) bool {
	for {
		s.blank()
		if s.take('}') {
			return true
		}
		if !s.pair(at) {
			return false
		}
		s.blank()
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// key reads a dotted key.
func (s *scanner) key() ([]string, bool) {
	var parts []string
	for {
		s.spaces()
		part, ok := s.keyPart()
		if !ok {
			return nil, false
		}
		if len(parts) == maxDepth {
			return nil, s.refuse(s.line, tooDeep())
		}
		if part == "" {
			// Note: the library loses elements of an array that holds a table with such a key.
			return nil, s.refuse(s.line, "a key is empty")
		}
		parts = append(parts, part)
		if !s.take('.') {
			return parts, true
		}
	}
}

func (s *scanner) keyPart() (string, bool) {
	start := s.pos
	if quote := s.peek(); quote == '"' || quote == '\'' {
		if !s.stringValue() {
			return "", false
		}
		inner := s.text[start+1 : s.pos-1]
		if quote == '\'' {
			return inner, true
		}
		return unescape(inner), true
	}
	for s.pos < len(s.text) && bareRune(rune(s.text[s.pos])) {
		s.pos++
	}
	return s.text[start:s.pos], s.pos > start
}

// blank passes over blanks, line ends and comments.
func (s *scanner) blank() {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case '\n':
			s.line++
			s.pos++
		case ' ', '\t', '\r':
			s.pos++
		case '#':
			s.comment()
		default:
			return
		}
	}
}

func (s *scanner) comment() {
	end := strings.IndexByte(s.text[s.pos:], '\n')
	if end < 0 {
		end = len(s.text) - s.pos
	}
	before := s.text[strings.LastIndexByte(s.text[:s.pos], '\n')+1 : s.pos]
	s.comments = append(s.comments, Comment{
		Line: s.line, Offset: s.pos,
		Alone: strings.TrimFunc(before, unicode.IsSpace) == "",
		Text:  strings.TrimSuffix(s.text[s.pos:s.pos+end], "\r"),
	})
	s.pos += end
}

func (s *scanner) spaces() {
	for s.pos < len(s.text) && (s.text[s.pos] == ' ' || s.text[s.pos] == '\t') {
		s.pos++
	}
}

// take passes over one character, with blanks before it, and tells whether it was there.
func (s *scanner) take(c byte) bool {
	s.spaces()
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// peek is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}
