package compare

import "github.com/communitas/perfgate/internal/baseline"

// signedRule is for values around zero, such as slopes, where a ratio means nothing: only a target decides, and there
// is no comparison.
type signedRule struct{}

func (signedRule) center(s series) float64 { return s.median() }

func (signedRule) fault(series) string { return "" }

func (signedRule) hold(q question, t baseline.Target) finding { return holdByInterval(q, t, false) }
