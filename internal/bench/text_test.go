package bench

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExcerptIsTextOfABoundedLength(t *testing.T) {
	for name, tc := range map[string]struct{ line, want string }{
		"empty":               {"", ""},
		"with its end":        {"12 ns\r\n", "12 ns"},
		"just short enough":   {strings.Repeat("é", 60), strings.Repeat("é", 60)},
		"a letter is cut":     {"a" + strings.Repeat("é", 60), "a" + strings.Repeat("é", 59) + "…"},
		"no text":             {"a\xffb", "a?b"},
		"begins in a letter":  {"\xa9 é", "? é"},
		"no letter begins it": {strings.Repeat("\xa9", 121), "…"},
	} {
		if got := excerpt([]byte(tc.line)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// TestAReasonIsShort whatever the command has called its numbers: it goes into results, which have a limit.
func TestAReasonIsShort(t *testing.T) {
	_, err := JSON("b", []byte(`[{"name": "a", "value": 1, "unit": "`+strings.Repeat("ü", 1<<16)+`"}]`))
	if err == nil || len(err.Error()) < 1<<16 {
		t.Fatalf("the reason is short by itself: %v", err)
	}
	text := (&Error{Err: err, Tail: []string{"last"}}).Error()
	if len(text) > 2*maxReason || !strings.HasPrefix(text, `entry 1: "a" has the unit`) || !strings.HasSuffix(text, "…; its last words: last") || !utf8.ValidString(text) {
		t.Errorf("%d bytes: %.200q", len(text), text)
	}
	if text := (&Error{Err: errors.New("exit status 1")}).Error(); text != "exit status 1" {
		t.Error(text)
	}
}
