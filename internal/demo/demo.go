// Package demo tells the history of a small program that a search can be tried on: a node with some twenty commits, of which one
// makes every network dearer to form.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed program
var program embed.FS

const (
	// Good is the tag of the good end.
	Good = "v0.1.0"
	// Metric is what got worse since.
	Metric = "formation_cpu"
	// Culprit is the SHA of the commit that did it. It changes with the history: the story of bisect-demo compares the two.
	Culprit = "a9d35043a5c2b8f3cf8bef838237f2e811dbdf3f"
	// CulpritTitle is its title.
	CulpritTitle = "identity: let a proof hold for one address"
)

// Commits is how many commits the history has.
func Commits() int { return len(story()) }

// Stream is the history as git fast-import reads it, with the branch main. It is always the same, so its SHAs are.
func Stream() ([]byte, error) {
	const who, begun, apart = "perfgate demo <demo@perfgate.invalid>", 1_704_704_400, 7200
	var stream bytes.Buffer
	mark, has := map[string]int{}, map[int]map[string]bool{}
	for i, c := range story() {
		number, when := i+1, fmt.Sprintf("%d +0000", begun+apart*i)
		if c.name != "" {
			mark[c.name] = number
		}
		var parents []int
		for _, name := range c.parents {
			parents = append(parents, mark[name])
		}
		if len(parents) == 0 && i > 0 {
			parents = []int{i}
		}
		has[number] = map[string]bool{c.adds: true}
		for _, p := range parents {
			maps.Copy(has[number], has[p])
		}
		fmt.Fprintf(&stream, "commit refs/heads/main\nmark :%d\nauthor %s %s\ncommitter %s %s\ndata %d\n%s\n", number, who, when, who, when, len(c.title)+1, c.title+"\n")
		for at, p := range parents {
			fmt.Fprintf(&stream, "%s :%d\n", [...]string{"from", "merge"}[at], p)
		}
		files, err := render(has[number])
		if err != nil {
			return nil, fmt.Errorf("commit %q: %w", c.title, err)
		}
		stream.WriteString("deleteall\n")
		for _, name := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprintf(&stream, "M 644 inline %s\ndata %d\n%s\n", name, len(files[name]), files[name])
		}
		if c.tag != "" {
			fmt.Fprintf(&stream, "tag %s\nfrom :%d\ntagger %s %s\ndata %d\n%s\n", c.tag, number, who, when, len(c.tag)+1, c.tag+"\n")
		}
	}
	return stream.Bytes(), nil
}

// render writes the files of a commit that has what its words say.
func render(has map[string]bool) (map[string]string, error) {
	templates, err := template.New("").Delims("<<", ">>").ParseFS(program, "program/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, t := range templates.Templates() {
		name, found := strings.CutSuffix(t.Name(), ".tmpl")
		if !found || name == "identity.go" && !has["file"] {
			continue
		}
		var text bytes.Buffer
		if err := t.Execute(&text, has); err != nil {
			return nil, err
		}
		switch {
		case strings.HasSuffix(name, ".go"):
			tidy, err := format.Source(text.Bytes())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			files["node/"+name] = string(tidy)
		case name == "gitignore":
			files[".gitignore"] = text.String()
		default:
			files[name] = strings.TrimRight(text.String(), "\n") + "\n"
		}
	}
	return files, nil
}
