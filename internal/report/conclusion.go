package report

import (
	"github.com/communitas/perfgate/internal/compare"
)

// Conclusion is how a check run ends, in GitHub's words.
type Conclusion string

// The conclusions that a verdict may have.
const (
	Success Conclusion = "success"
	Failure Conclusion = "failure"
	Neutral Conclusion = "neutral"
)

// Conclude is the conclusion of an outcome. Inconclusive is what the caller lets become of an inconclusive one: "pass" is
// success, "warn" is neutral, and everything else failure, since what does not decide does not let through. Whatever is no
// outcome at all is a failure.
func Conclude(o compare.Outcome, inconclusive string) Conclusion {
	switch {
	case o == compare.Pass || o == compare.Improved || o == compare.Inconclusive && inconclusive == "pass":
		return Success
	case o == compare.Inconclusive && inconclusive == "warn":
		return Neutral
	default:
		return Failure
	}
}
