package doctor

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// word reads a file of /proc or /sys that holds one line; ok is false when it cannot be read.
func word(root fs.FS, name string) (text string, ok bool) {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return "", false
	}
	return strings.TrimSpace(string(raw)), true
}

// number reads a file that holds one whole number; ok is false when it does not, as with "max".
func number(root fs.FS, name string) (n int64, ok bool) {
	text, ok := word(root, name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// fieldOf returns what follows "name:" in a file of such lines; "" when it is not there.
func fieldOf(root fs.FS, file, name string) string {
	text, _ := word(root, file)
	for line := range strings.Lines(text) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// bytesOf reads an entry of /proc/meminfo in bytes; ok is false when it is not there.
func bytesOf(root fs.FS, name string) (bytes int64, ok bool) {
	text, _, _ := strings.Cut(fieldOf(root, "proc/meminfo", name), " ")
	n, err := strconv.ParseInt(text, 10, 64)
	return n * 1024, err == nil
}

// each reads one file for every match of a pattern, in the order of their names; what cannot be read is left out.
func each(root fs.FS, pattern string) []string {
	names, err := fs.Glob(root, pattern)
	if err != nil {
		return nil
	}
	var texts []string
	for _, name := range names {
		if text, ok := word(root, name); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// distinct returns the texts in order, each once.
func distinct(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}
