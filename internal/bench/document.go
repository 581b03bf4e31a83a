package bench

import "bytes"

// documentStart is where a JSON document begins in what a command printed: at the first line that begins with the bracket and
// goes on as JSON does, so that "[info] ready" is none. It is -1 where there is no such line.
func documentStart(output []byte, bracket byte) int {
	at := 0
	for line := range bytes.Lines(output) {
		text := bytes.TrimLeft(line, " \t")
		if len(text) > 0 && text[0] == bracket && opens(bytes.TrimSpace(text[1:]), bracket) {
			return at + len(line) - len(text)
		}
		at += len(line)
	}
	return -1
}

// opens tells whether a text may follow the opening bracket of a list of objects or of an object.
func opens(rest []byte, bracket byte) bool {
	if len(rest) == 0 {
		return true
	}
	if bracket == '[' {
		return rest[0] == '{' || rest[0] == ']'
	}
	return rest[0] == '"' || rest[0] == '}'
}
