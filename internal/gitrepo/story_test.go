package gitrepo_test

import (
	"bytes"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// told is one commit of a history that a test tells. Its name is its title and the beginning of what it changes.
type told struct {
	name    string
	parents []string          // names; none makes a root
	files   map[string]string // that it writes beside what its first parent has; "" removes
	when    int64             // of author and committer, in seconds; 0 is a minute after the commit told before
	title   string            // "" is the name
}

// tell makes a repository of a history by git fast-import, without a work tree, and returns it with the SHAs by name. Each
// commit has a branch of its name; HEAD is the last one.
func tell(t testing.TB, history []told, options ...string) (dir string, sha map[string]string) {
	t.Helper()
	dir = t.TempDir()
	git(t, dir, nil, append([]string{"init", "-q", "--bare", "--initial-branch=" + history[len(history)-1].name}, options...)...)
	var stream bytes.Buffer
	mark, when := map[string]int{}, int64(1_600_000_000)
	for i, c := range history {
		if when += 60; c.when != 0 {
			when = c.when
		}
		title := c.title
		if title == "" {
			title = c.name
		}
		fmt.Fprintf(&stream, "reset refs/heads/%s\ncommit refs/heads/%s\nmark :%d\n", c.name, c.name, i+1)
		fmt.Fprintf(&stream, "author a <a@example.org> %d +0200\ncommitter a <a@example.org> %d +0000\ndata %d\n%s\n", when-7, when, len(title), title)
		for at, p := range c.parents {
			fmt.Fprintf(&stream, "%s :%d\n", [...]string{"from", "merge"}[min(at, 1)], mark[p])
		}
		for _, name := range slices.Sorted(maps.Keys(c.files)) {
			if text := c.files[name]; text != "" {
				fmt.Fprintf(&stream, "M 644 inline %s\ndata %d\n%s\n", name, len(text), text)
			} else {
				fmt.Fprintf(&stream, "D %s\n", name)
			}
		}
		mark[c.name] = i + 1
	}
	git(t, dir, &stream, "fast-import", "--quiet", "--force")
	sha = map[string]string{}
	for line := range strings.Lines(git(t, dir, nil, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")) {
		name, commit, _ := strings.Cut(strings.TrimSpace(line), " ")
		sha[name] = commit
	}
	return dir, sha
}

func git(t testing.TB, dir string, stdin *bytes.Buffer, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if stdin != nil {
		cmd.Stdin = stdin
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write1(text string) map[string]string { return map[string]string{"src/main": text} }
func docs(text string) map[string]string   { return map[string]string{"README": text} }

// merged is a line with two merges: the first brought in a branch from within the range, the second one from before it.
//
//	old ─ good ─ one ─ two ─── first ─ three ─ second ─ last
//	   \          \─ a ─ b ──/               /
//	    \─ early ───────────────────────────/
func merged() []told {
	return []told{
		{name: "old", files: map[string]string{"src/main": "0", "README": "0"}},
		{name: "early", parents: []string{"old"}, files: map[string]string{"src/early": "1"}},
		{name: "good", parents: []string{"old"}, files: write1("1")},
		{name: "one", parents: []string{"good"}, files: docs("1")},
		{name: "a", parents: []string{"one"}, files: docs("2")},
		{name: "two", parents: []string{"one"}, files: write1("2")},
		{name: "b", parents: []string{"a"}, files: map[string]string{"src/other": "1"}},
		{name: "first", parents: []string{"two", "b"}, files: map[string]string{"src/other": "1", "README": "2"}, title: "Merge pull request #12 from a/b"},
		{name: "three", parents: []string{"first"}, files: write1("1"), title: "Take two back (#13)"},
		{name: "second", parents: []string{"three", "early"}, files: map[string]string{"src/early": "1"}},
		{name: "last", parents: []string{"second"}, files: docs("3")},
	}
}
