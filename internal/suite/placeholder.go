package suite

import (
	"regexp"
	"slices"
	"strings"
)

// The placeholders of a node's arguments, environment and configuration, written as {name}.
const (
	PlaceholderDir         = "dir"          // the node's own directory
	PlaceholderListen      = "listen"       // IP:PORT that the node listens on
	PlaceholderControl     = "control"      // IP:PORT of its control address
	PlaceholderListenPort  = "listen_port"  // the port of listen
	PlaceholderControlPort = "control_port" // the port of control
	PlaceholderBootstrap   = "bootstrap"    // the address of a bootstrap node
	PlaceholderIndex       = "index"        // the node's number, from 0
	PlaceholderBinary      = "binary"       // the subject's file
)

// Placeholders returns the names of all placeholders.
func Placeholders() []string {
	return []string{
		PlaceholderDir, PlaceholderListen, PlaceholderControl, PlaceholderListenPort, PlaceholderControlPort,
		PlaceholderBootstrap, PlaceholderIndex, PlaceholderBinary,
	}
}

// placeholder matches what is meant to be replaced: a lone word in braces. An inline table or a JSON text is none.
var placeholder = regexp.MustCompile(`\{[A-Za-z_][A-Za-z0-9_]*\}`)

// Expand replaces each {name} whose name has a value, and leaves all other braces as they are. It goes through the
// template once: braces in a value are not expanded again.
func Expand(template string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(template, func(found string) string {
		if value, ok := values[strings.Trim(found, "{}")]; ok {
			return value
		}
		return found
	})
}

func unknownPlaceholders(template string) []string {
	var unknown []string
	for _, found := range placeholder.FindAllString(template, -1) {
		if name := strings.Trim(found, "{}"); !slices.Contains(Placeholders(), name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// mentions tells of templates whether they hold a placeholder.
func mentions(name string) func(string) bool {
	return func(template string) bool { return strings.Contains(template, "{"+name+"}") }
}
