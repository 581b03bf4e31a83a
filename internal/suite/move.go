package suite

import (
	"maps"
	"slices"
	"strings"
)

// Moved returns the suite for another place: where a command, a path or a variable names the folder from, or something in it,
// the copy names the folder to. Both are absolute. Relative paths stay, since they follow the working folder.
func (s *Suite) Moved(from, to string) *Suite {
	move := func(texts []string) []string {
		moved := slices.Clone(texts)
		for i := range moved {
			moved[i] = movedText(moved[i], from, to)
		}
		return moved
	}
	moved := *s
	moved.Subject.Build, moved.Subject.Clean = move(s.Subject.Build), move(s.Subject.Clean)
	moved.Subject.Binary = movedText(s.Subject.Binary, from, to)
	moved.Node.Args, moved.Node.BootstrapArgs = move(s.Node.Args), move(s.Node.BootstrapArgs)
	moved.Node.Config = movedText(s.Node.Config, from, to)
	moved.Node.Env = maps.Clone(s.Node.Env)
	for name, value := range moved.Node.Env {
		moved.Node.Env[name] = movedText(value, from, to)
	}
	moved.Scenarios = slices.Clone(s.Scenarios)
	for i := range moved.Scenarios {
		moved.Scenarios[i].Args = move(s.Scenarios[i].Args)
	}
	moved.Benchmarks = slices.Clone(s.Benchmarks)
	for i := range moved.Benchmarks {
		moved.Benchmarks[i].Command = move(s.Benchmarks[i].Command)
	}
	return &moved
}

// movedText replaces each mention of a folder in a text, and no mention of one whose name only begins or ends so.
func movedText(text, from, to string) string {
	if from == "" {
		return text
	}
	var b strings.Builder
	for {
		at := strings.Index(text, from)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := at + len(from)
		whole := (at == 0 || !ofName(text[at-1])) && (end == len(text) || text[end] == '/' || !ofName(text[end]))
		b.WriteString(text[:at])
		if whole {
			b.WriteString(to)
		} else {
			b.WriteString(from)
		}
		text = text[end:]
	}
}

// ofName tells the bytes that go on with a path.
func ofName(b byte) bool {
	return b == '/' || b == '.' || b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
