package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Two commits are one program when what the subject is made of is equal in both. That is found without reading a single
// file: git names the content of each file and folder by a hash, so the entries that the paths name tell it all. A folder
// that is the same as in another commit has the same hash, and is looked at once.

// pattern is one of a plan's paths.
type pattern struct {
	text     string
	segments []string // relative to the top of the repository; none stands for all of it
}

// rest is what is left of a pattern within some folder.
type rest struct {
	pattern int // its place in contents.patterns
	at      int // the segment to match next
}

// contents reads, for each commit, one text for all that the patterns name.
type contents struct {
	source   source
	patterns []pattern
	of       map[string]string // by the tree of a commit
	matched  []bool            // of each pattern
	folders  map[string]string // by the tree and what is left of the patterns within it
}

func newContents(s source, patterns []pattern) *contents {
	return &contents{
		source: s, patterns: patterns, of: map[string]string{}, matched: make([]bool, len(patterns)), folders: map[string]string{},
	}
}

func (c *contents) readAll(ctx context.Context, nodes []node) error {
	var top []rest
	for i := range c.patterns {
		top = c.add(top, rest{i, 0})
	}
	whole := c.meets(top)
	for _, n := range nodes {
		if _, known := c.of[n.tree]; known {
			continue
		}
		if whole {
			c.of[n.tree] = n.tree
			continue
		}
		text, err := c.folder(ctx, n.tree, top)
		if err != nil {
			return fmt.Errorf("commit %.10s: %w", n.sha, err)
		}
		if text == "" {
			text = "none"
		}
		c.of[n.tree] = text
	}
	return nil
}

// within tells what is left of patterns in the folder of a name, and whether some pattern is met, so that all of it counts.
func (c *contents) within(above []rest, name string) (left []rest, met bool) {
	for _, r := range above {
		segment := c.patterns[r.pattern].segments[r.at]
		if segment == "**" {
			left = c.add(left, r)
		} else if matches, _ := path.Match(segment, name); matches { // patterns were tried before
			left = c.add(left, rest{r.pattern, r.at + 1})
		}
	}
	return left, c.meets(left)
}

// add appends what is left of a pattern. "**" may stand for no folder at all: what follows it is tried in the same one.
func (c *contents) add(left []rest, r rest) []rest {
	segments := c.patterns[r.pattern].segments
	for ; r.at < len(segments) && segments[r.at] == "**"; r.at++ {
		left = append(left, r)
	}
	return append(left, r)
}

// meets tells whether some pattern has nothing left. Then the others of what counts anyway are nothing to complain about.
func (c *contents) meets(left []rest) bool {
	if !slices.ContainsFunc(left, func(r rest) bool { return r.at == len(c.patterns[r.pattern].segments) }) {
		return false
	}
	for _, r := range left {
		c.matched[r.pattern] = true
	}
	return true
}

// folder is the text of a folder, "" when the patterns name nothing in it.
func (c *contents) folder(ctx context.Context, id string, left []rest) (string, error) {
	key := id + fmt.Sprint(left)
	if text, known := c.folders[key]; known {
		return text, nil
	}
	entries, err := c.source.tree(ctx, id)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, e := range entries {
		inner, met := c.within(left, e.name)
		text := e.id
		switch {
		case met:
		case e.mode == folderMode && len(inner) > 0:
			if text, err = c.folder(ctx, e.id, inner); err != nil {
				return "", err
			}
		default:
			text = ""
		}
		if text != "" {
			fmt.Fprintf(&all, "%s\x00%o %s\n", e.name, e.mode, text)
		}
	}
	text := ""
	if all.Len() > 0 {
		sum := sha256.Sum256([]byte(all.String()))
		text = hex.EncodeToString(sum[:20])
	}
	c.folders[key] = text
	return text, nil
}

// unmatched are the paths that name nothing.
func (c *contents) unmatched() []string {
	var none []string
	for i, p := range c.patterns {
		if !c.matched[i] {
			none = append(none, p.text)
		}
	}
	return none
}

// check refuses paths that name nothing at all: every commit would be the same program.
func (c *contents) check(a asked) error {
	if slices.Contains(c.matched, true) {
		return nil
	}
	return a.wrong(
		fmt.Sprintf("none of its commits has any of the paths %q", a.plan.Paths),
		"name the folders and files that the subject is made of: subject.paths")
}
