package suite

import (
	"maps"
	"slices"
	"strings"
)

// Environ is the environment of a node: the caller's, as NAME=value, and behind it those defaults that the caller does
// not set, sorted by name. A value of the caller's wins, also an empty one, so that RUST_LOG=debug perfgate run does
// what it looks like.
func Environ(caller []string, defaults map[string]string) []string {
	set := map[string]bool{}
	for _, entry := range caller {
		name, _, _ := strings.Cut(entry, "=")
		set[name] = true
	}
	environ := slices.Clone(caller)
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		if !set[name] {
			environ = append(environ, name+"="+defaults[name])
		}
	}
	return environ
}
