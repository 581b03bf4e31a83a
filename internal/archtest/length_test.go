package archtest

import (
	"fmt"
	"strings"
	"testing"
)

// maxLines is where a file has more than one idea.
const maxLines = 400

// filesAreShort keeps a file within what can be read at a sitting. Functions are the linter's business.
func filesAreShort(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		if f.lines > maxLines {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines: cut it by what it knows, %d is the most", f.path, f.lines, maxLines))
		}
	}
	return wrong
}

func TestLengthCanFail(t *testing.T) {
	made := imagine(t, map[string]string{
		"internal/metric/enough.go":        "package metric\n" + strings.Repeat("\n", maxLines-1),
		"internal/metric/toomuch.go":       "package metric\n" + strings.Repeat("\n", maxLines),
		"internal/metric/toomuch2_test.go": "package metric\n" + strings.Repeat("\n", maxLines+7),
	})
	want(t, filesAreShort(made), "internal/metric/toomuch.go: 401 lines", "internal/metric/toomuch2_test.go: 408 lines")
}
