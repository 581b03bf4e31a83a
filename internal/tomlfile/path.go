package tomlfile

import (
	"strconv"
	"strings"
)

// Path leads to a place in a document, such as At("scenario").Index(1).Key("nodes"). The zero Path is the document.
type Path struct {
	// id is the same for equal paths only; text is what people read.
	id, text string
	depth    int
	parent   *Path
}

// At is the path of nested keys.
func At(keys ...string) Path {
	var p Path
	for _, key := range keys {
		p = p.Key(key)
	}
	return p
}

// Key leads to a key of the table that p leads to.
func (p Path) Key(name string) Path {
	text := name
	if !bare(name) {
		text = strconv.Quote(name)
	}
	if p.text != "" {
		text = p.text + "." + text
	}
	return Path{id: p.id + "." + strconv.Quote(name), text: text, depth: p.depth + 1, parent: &p}
}

// Index leads to an element of the array that p leads to, from 0.
func (p Path) Index(i int) Path {
	return Path{id: p.id + "[" + strconv.Itoa(i) + "]", text: p.text, depth: p.depth + 1, parent: &p}
}

// String is the dotted key as it would be written in a file: without indexes, which TOML has no words for.
func (p Path) String() string { return p.text }

// Exact is a text that differs for different paths, with the indexes.
func (p Path) Exact() string { return strings.TrimPrefix(p.id, ".") }

// Within tells whether p leads to outer or to a place inside it.
func (p Path) Within(outer Path) bool {
	return p.id == outer.id || strings.HasPrefix(p.id, outer.id) && strings.ContainsAny(p.id[len(outer.id):][:1], ".[")
}

// bare tells whether a key can be written without quotes.
func bare(key string) bool {
	for _, r := range key {
		if !bareRune(r) {
			return false
		}
	}
	return key != ""
}

func bareRune(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}
