package tomlfile

import (
	"strconv"
	"strings"
)

// stringValue passes over a quoted text of any of the four kinds.
func (s *scanner) stringValue() bool {
	quote := s.text[s.pos]
	if strings.HasPrefix(s.text[s.pos:], strings.Repeat(string(quote), 3)) {
		return s.longString(quote)
	}
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '\n':
			return false
		case c == '\\' && quote == '"':
			s.pos++
		case c == quote:
			s.pos++
			return true
		}
	}
	s.pos = len(s.text)
	return false
}

// longString passes over a text in three quotes, which may hold one or two quotes in a row, also at its end.
func (s *scanner) longString(quote byte) bool {
	for s.pos += 3; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '\n':
			s.line++
		case c == '\\' && quote == '"' && s.pos+1 < len(s.text) && s.text[s.pos+1] != '\n':
			s.pos++
		case c == quote:
			run := 0
			for s.peek() == quote && run < 5 {
				s.pos++
				run++
			}
			if run >= 3 {
				return true
			}
			s.pos--
		}
	}
	s.pos = len(s.text)
	return false
}

// unescape resolves the escapes of a basic string. What is no escape stays as it is: the library refuses it.
func unescape(inner string) string {
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' || i+1 == len(inner) {
			b.WriteByte(inner[i])
			continue
		}
		i++
		if at := strings.IndexByte(`btnfre"\`, inner[i]); at >= 0 {
			b.WriteByte("\b\t\n\f\r\x1b\"\\"[at])
			continue
		}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[inner[i]]
		end := min(i+1+digits, len(inner))
		code, err := strconv.ParseUint(inner[i+1:end], 16, 32)
		if digits == 0 || err != nil {
			b.WriteString(inner[i-1 : i+1])
			continue
		}
		b.WriteRune(rune(code))
		i = end - 1
	}
	return b.String()
}
