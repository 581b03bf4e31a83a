package compare

import (
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/result"
)

// MeasuredAgain tells which runs of a plan were measured again since the machine was disturbed, and why: one sentence,
// or nothing.
func MeasuredAgain(r *result.Results, plan result.Scenario) []string {
	last := map[int]int{} // attempt by run
	for _, run := range r.RunsOf(plan) {
		if !run.Warmup {
			last[run.Run] = max(last[run.Run], run.Attempt)
		}
	}
	var told []string
	for _, run := range r.RunsOf(plan) {
		if !run.Warmup && run.Invalid != "" && run.Attempt < last[run.Run] {
			told = append(told, fmt.Sprintf("run %d (%s)", run.Run, strings.TrimPrefix(run.Invalid, result.FindingDisturbed+": ")))
		}
	}
	if len(told) == 0 {
		return nil
	}
	const most = 5
	text := strings.Join(told[:min(most, len(told))], ", ")
	if len(told) > most {
		text += fmt.Sprintf(" and %d more", len(told)-most)
	}
	return []string{fmt.Sprintf("%s: %s measured again, since the machine was disturbed: %s", place(plan), were(len(told)), text)}
}

// mendDisturbed is what a person can do about runs whose last attempt was disturbed.
const mendDisturbed = "measure again when the machine has nothing else to do, or take figures as they are: --disturbed=keep"

// disturbed tells whether the last attempt at any run of a plan was.
func disturbed(r *result.Results, plan result.Scenario) bool {
	last := map[int]result.Run{}
	for _, run := range r.RunsOf(plan) {
		if !run.Warmup && run.Attempt >= last[run.Run].Attempt {
			last[run.Run] = run
		}
	}
	for _, run := range last {
		if run.Invalid != "" {
			return true
		}
	}
	return false
}

func were(attempts int) string {
	if attempts == 1 {
		return "1 attempt was"
	}
	return fmt.Sprintf("%d attempts were", attempts)
}
