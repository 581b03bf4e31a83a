package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHouse holds the rules against the module's sources.
func TestHouse(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(sources.folders(), "internal/archtest") {
		t.Fatalf("read %d files below %s, and not even these tests", len(sources.files), root)
	}
	design, err := os.ReadFile(filepath.Join(root, "docs", "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	stories, err := readStories(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []struct {
		name  string
		check func(tree) []string
	}{
		{"every package has a floor", everyPackageHasARoom},
		{"every floor's row has a package", everyRoomHasAPackage},
		{"imports go down only", importsGoDown},
		{"sideways imports are needed", sidewaysImportsAreNeeded},
		{"the lower floors are pure", lowerFloorsArePure},
		{"libraries stay at home", librariesStayAtHome},
		{"every home is lived in", everyHomeIsLivedIn},
		{"testing stays in tests", testingStaysInTests},
		{"only main exits", onlyMainExits},
		{"nothing initialises", nothingInitialises},
		{"one package comment", onePackageComment},
		{"exported names are explained", exportedNamesAreExplained},
		{"every package is in the design", func(t tree) []string { return everyPackageIsInTheDesign(t, string(design)) }},
		{"files are short", filesAreShort},
		{"every flaw has a test", func(t tree) []string { return everyFlawHasATest(t, stories, flaws()) }},
	} {
		t.Run(rule.name, func(t *testing.T) {
			for _, text := range rule.check(sources) {
				t.Error(text)
			}
		})
	}
}

// imports is the text of a file that imports packages, one a line from line 3 on.
func imports(name string, libraries ...string) string {
	text := fmt.Sprintf("package %s\n\n", name)
	for _, library := range libraries {
		text += fmt.Sprintf("import _ %q\n", library)
	}
	return text
}

// want compares what a rule said with the openings of what it has to say.
func want(t *testing.T, got []string, openings ...string) {
	t.Helper()
	for i, text := range got {
		if i < len(openings) && strings.HasPrefix(text, openings[i]) {
			got[i] = openings[i]
		}
	}
	if diff := cmp.Diff(openings, got); diff != "" {
		t.Errorf("what the rule says (-want +got):\n%s", diff)
	}
}
