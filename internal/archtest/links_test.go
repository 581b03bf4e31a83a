package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// linksLead wants every relative link of the documents to lead to a file.
func linksLead(files fs.FS) ([]string, error) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	var wrong []string
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "bin"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		for number, line := range strings.Split(string(text), "\n") {
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				if strings.Contains(found[1], ":") {
					continue // elsewhere
				}
				if _, err := fs.Stat(files, path.Join(path.Dir(name), found[1])); err != nil {
					wrong = append(wrong, fmt.Sprintf("%s:%d: %s leads nowhere", name, number+1, found[1]))
				}
			}
		}
		return nil
	})
	return wrong, err
}

func TestLinks(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := linksLead(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range wrong {
		t.Error(text)
	}
}

func TestLinksCanFail(t *testing.T) {
	wrong, err := linksLead(fstest.MapFS{
		"README.md":        {Data: []byte("see [the design](docs/DESIGN.md#words), [there](https://example.org/x.md)\nand [nothing](docs/NONE.md)\n")},
		"docs/DESIGN.md":   {Data: []byte("[up](../README.md) [down](adr/) [wrong](README.md)")},
		"docs/adr/0001.md": {Data: []byte("a page")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, wrong, "README.md:2: docs/NONE.md leads nowhere", "docs/DESIGN.md:1: README.md leads nowhere")
}
