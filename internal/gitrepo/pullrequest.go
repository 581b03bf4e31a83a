package gitrepo

import (
	"strconv"
	"strings"
)

// pullRequest finds the number of the pull request in the title of a commit: that of a merge begins with it, that of a squash
// ends in it. 0 when there is none.
func pullRequest(title string) int {
	// GitHub's button; people and merge queues; bors and homu.
	for _, words := range []string{"Merge pull request #", "Merge PR #", "Merge #", "Auto merge of #"} {
		if rest, found := strings.CutPrefix(title, words); found {
			return number(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))])
		}
	}
	body, found := strings.CutSuffix(strings.TrimSpace(title), ")")
	if at := strings.LastIndex(body, "("); found && at >= 0 {
		for _, words := range []string{"#", "pull request #"} { // GitHub's squash; Bitbucket
			if digits, found := strings.CutPrefix(body[at+1:], words); found {
				return number(digits)
			}
		}
	}
	return 0
}

// number reads digits, and nothing else.
func number(digits string) int {
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
