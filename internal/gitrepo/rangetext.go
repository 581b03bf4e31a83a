package gitrepo

import (
	"fmt"
	"strings"
)

// RangeError is a range that cannot be searched, with what can be done about it.
type RangeError struct {
	// Range is what was asked for, Problem why it cannot be searched, and Mend what to do.
	Range, Problem, Mend string
	// Cause is what failed underneath, or nil.
	Cause error
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("range %q: %s (%s)", e.Range, e.Problem, e.Mend)
}

func (e *RangeError) Unwrap() error { return e.Cause }

// ParseRange takes GOOD..BAD apart. Without BAD it is HEAD. A *RangeError says what else was written; that the two are
// revisions is for ReadRange to find out.
func ParseRange(text string) (good, bad string, err error) {
	wrong := func(problem, mend string) (string, string, error) {
		return "", "", &RangeError{Range: text, Problem: problem, Mend: mend}
	}
	if strings.Contains(text, "...") {
		a, b, _ := strings.Cut(text, "...")
		return wrong("three dots are commits of either side", "write two: "+a+".."+strings.TrimLeft(b, "."))
	}
	good, bad, dots := strings.Cut(text, "..")
	switch {
	case strings.TrimSpace(text) == "":
		return wrong("it is empty", "write GOOD..BAD, such as v0.1.0..HEAD")
	case !dots:
		return wrong("it is one revision, and a range has two ends", "write "+text+"..HEAD if that is the good end")
	case strings.TrimSpace(good) == "":
		return wrong("the good end is missing", "write the last revision that was good before the dots")
	case strings.Contains(bad, ".."):
		return wrong("it has more than two ends", "write GOOD..BAD, such as v0.1.0..HEAD")
	}
	if strings.TrimSpace(bad) == "" {
		bad = "HEAD"
	}
	return good, bad, nil
}
