package post

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// A push is held against what the branch was before. So a push after a bad one is green, though nothing is mended. The issue of a
// branch therefore remembers what was found, and a regression stands until it is shown to be gone.

// standing is what the issue of a branch remembers.
type standing struct {
	// Commit is the newest one that the issue tells of.
	Commit string `json:"commit"`
	// Worse are the regressions that are not shown to be gone.
	Worse []regression `json:"worse"`
}

// regression is one that a trial has found.
type regression struct {
	Scenario string `json:"scenario"`
	Metric   string `json:"metric"`
	// Since is the commit that was found worse, and Base what it was held against.
	Since string `json:"since"`
	Base  string `json:"base"`
}

// maxWorse bounds what an issue remembers.
const maxWorse = 50

// maxScenario bounds the name of a scenario, in bytes.
const maxScenario = 200

const standingBegin, standingEnd = "<!-- perfgate: standing ", " -->\n"

// line is the standing as a line that GitHub does not show. Base64 keeps a comment's end out of it.
func (s standing) line() (string, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write what stands: %w", err)
	}
	return standingBegin + base64.StdEncoding.EncodeToString(raw) + standingEnd, nil
}

var wholeSHA = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// readStanding reads the first line of an issue's body. What people have made unreadable is as if nothing were remembered.
func readStanding(body string) standing {
	line, _, _ := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n")
	text, begins := strings.CutPrefix(line+"\n", standingBegin)
	text, ends := strings.CutSuffix(text, standingEnd)
	raw, err := base64.StdEncoding.DecodeString(text)
	var s standing
	if !begins || !ends || err != nil || json.Unmarshal(raw, &s) != nil || !wholeSHA.MatchString(s.Commit) || len(s.Worse) > maxWorse {
		return standing{}
	}
	if slices.ContainsFunc(s.Worse, regression.odd) {
		return standing{}
	}
	return s
}

// odd tells of what perfgate never writes.
func (r regression) odd() bool {
	return !metric.ValidName(r.Metric) || len(r.Scenario) > maxScenario || !wholeSHA.MatchString(r.Since) || !wholeSHA.MatchString(r.Base)
}

// after is what stands after a judgement of the commit.
func (s standing) after(j Judgement, commit string) standing {
	base := ""
	if j.Verdict.Comparison.Kind == compare.Paired && j.Comment.Base != nil {
		base = j.Comment.Base.Subject.Commit
	}
	next := standing{Commit: commit}
	for _, r := range s.Worse {
		if !r.gone(j.Verdict, base) {
			next.Worse = append(next.Worse, r)
		}
	}
	for _, m := range j.Verdict.Metrics {
		r := regression{Scenario: m.Scenario, Metric: m.Metric, Since: commit, Base: base}
		if m.Verdict != compare.Regressed || m.RelativeVerdict != compare.Regressed || m.Policy != metric.Block || !wholeSHA.MatchString(base) || len(next.Worse) == maxWorse {
			continue // what a target or a recording says is said again by every judgement
		}
		if !slices.ContainsFunc(next.Worse, r.same) {
			next.Worse = append(next.Worse, r)
		}
	}
	return next
}

func (r regression) same(other regression) bool {
	return r.Metric == other.Metric && r.Scenario == other.Scenario
}

// gone tells whether a verdict shows that the regression is gone: better again, accepted, or as good as what it was worse than.
func (r regression) gone(v compare.Verdict, base string) bool {
	for _, m := range v.Metrics {
		if !r.same(regression{Scenario: m.Scenario, Metric: m.Metric}) {
			continue
		}
		return m.RelativeVerdict == compare.Improved || m.Waived != "" || base == r.Base && !m.Verdict.Bad()
	}
	return false
}

// lines are the regressions for people.
func (s standing) lines() []string {
	var lines []string
	for _, r := range s.Worse {
		lines = append(lines, fmt.Sprintf("%s is worse since %s than it was at %s", of(r.Metric, r.Scenario), short(r.Since), short(r.Base)))
	}
	return lines
}
