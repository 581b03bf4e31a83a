package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
)

// titleRoom is what GitHub takes as the title of an issue, in code points, less a reserve.
const titleRoom = 240

// BranchAlert is what the issue says of a branch that is red, not decided, or not known to be mended.
type BranchAlert struct {
	// Check is the name of the check, Branch that of the branch.
	Check, Branch string
	// Comment is the latest verdict; its HeadCommit is needed.
	Comment Comment
	// Standing are regressions that the branch still has, a line each: what an earlier verdict found and no later one showed to
	// be gone. Never empty when the latest verdict is green.
	Standing []string
	// Tip is the commit that the branch has gone on to meanwhile, "" when the judged one is its newest.
	Tip string
}

// Title is one line of plain text.
func (a BranchAlert) Title() string {
	state := "red"
	standing := ""
	if len(a.Standing) > 0 {
		standing = plain(a.Standing[0])
	}
	if more := len(a.Standing) - 1; more > 0 {
		standing += fmt.Sprintf(", and %d more", more)
	}
	switch v := a.Comment.Verdict.Verdict; {
	case !v.Bad():
		return shortenedTo(fmt.Sprintf("%s: %s is still red: %s", plain(a.Check), plain(a.Branch), standing), titleRoom)
	case v == compare.Inconclusive:
		state = "undecided"
	}
	what := strings.TrimPrefix(a.Comment.Title(), "perfgate: ")
	return shortenedTo(fmt.Sprintf("%s: %s is %s: %s", plain(a.Check), plain(a.Branch), state, what), titleRoom)
}

// Markdown is the text of the issue within a limit in code points: where things stand, then the latest verdict.
func (a BranchAlert) Markdown(limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** at %s: %s.", escape(a.Branch), a.Comment.HeadCommit, a.state())
	if a.Tip != "" {
		fmt.Fprintf(&b, " It has gone on to %s since; that commit's own measurement brings this up to date.", a.Tip)
	}
	b.WriteString("\n\n")
	if len(a.Standing) > 0 {
		b.WriteString("**Worse, until it is shown to be mended**\n\n" + strings.Join(listed(a.Standing[:min(maxOpen, len(a.Standing))]), ""))
		if more := len(a.Standing) - maxOpen; more > 0 {
			fmt.Fprintf(&b, "- and %d more\n", more)
		}
		b.WriteString("\n")
	}
	ends := "the branch is green again"
	if len(a.Standing) > 0 {
		ends = "what is listed is better again"
	}
	b.WriteString("This issue is kept up to date, and closed when " + ends + ". Closing it by hand accepts the branch as it is.\n\n")
	head := b.String()
	return head + a.Comment.Markdown(limit-runes(head))
}

func (a BranchAlert) state() string {
	switch v := a.Comment.Verdict.Verdict; {
	case !v.Bad():
		return "no worse than what was before it, and that was worse already"
	case v == compare.Inconclusive:
		return "whether it is worse is not decided"
	default:
		return "red"
	}
}

// Ending is the comment with which the issue is closed. Standing is what stood in it until then.
func (a BranchAlert) Ending() string {
	text := fmt.Sprintf("Green again at %s: %s.", a.Comment.HeadCommit, escape(a.Comment.Title()))
	if len(a.Standing) > 0 {
		text += " What stood here is shown to be gone."
	}
	return text
}

// CulpritAlert is what the issue of a culprit says.
type CulpritAlert struct {
	// Commit is the culprit's whole SHA, Branch where it is.
	Commit, Branch string
	// Changed names what it changed in short, such as "memory_private of quick (+50%)", and Lines say all that the searches found of it.
	Changed, Lines []string
	// Searches are what the searches are founded on.
	Searches []Search
	// Search is the address of the run that searched, "" for none. It is trusted.
	Search string
	// Comment is the verdict that made somebody search.
	Comment Comment
}

// Title is one line of plain text.
func (a CulpritAlert) Title() string {
	return shortenedTo(fmt.Sprintf("perfgate: commit %s changed %s", brief(a.Commit), plain(strings.Join(a.Changed, ", "))), titleRoom)
}

// Markdown is the text of the issue within a limit in code points.
func (a CulpritAlert) Markdown(limit int) string {
	head := fmt.Sprintf("A search on %s has found commit %s:\n\n", escape(a.Branch), a.Commit) + a.found() +
		"**Next**\n\n- mend it, or take it back: `git revert " + brief(a.Commit) + "`\n- close this issue when it is mended or accepted; a search that finds the commit again opens it again\n\n"
	for _, search := range a.Searches {
		if text := search.markdown(); runes(head)+runes(text) <= limit/2 { // the verdict needs some room too
			head += text
		}
	}
	lead, foot := "<details><summary>The verdict that was searched for</summary>\n\n", "\n</details>\n"
	comment := a.Comment
	comment.Culprits = nil
	return head + lead + comment.Markdown(limit-runes(head+lead+foot)) + foot
}

// Note is the comment on the pull request that brought the culprit.
func (a CulpritAlert) Note(issue int) string {
	return fmt.Sprintf("### 🔴 perfgate: this changed %s\n\nOn %s a search found commit %s of this pull request:\n\n%sWhat becomes of it is in #%d.\n",
		escape(strings.Join(a.Changed, ", ")), escape(a.Branch), a.Commit, a.found(), issue)
}

func (a CulpritAlert) found() string {
	lines := slices.Clone(listed(a.Lines))
	if address := link("the search, with its whole report", a.Search); address != "" {
		lines = append(lines, "- "+address+"\n")
	}
	return strings.Join(lines, "") + "\n"
}
