package archtest

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// flaw is something that was wrong with the script, the workflow and the way of measuring that perfgate replaces.
type flaw struct {
	number int
	was    string
	// tested are the folders of the packages with a test that shows perfgate without the flaw: a function TestFlawNN…, or in
	// cmd/perfgate a story flaws/NN-….txtar. Empty where a tool cannot have it; then left says why.
	tested []string
	// left is what of it no tool can have, and who has to see to it; "" for nothing.
	left string
}

// flaws has them all.
func flaws() []flaw {
	const runner, cli = "internal/runner", "cmd/perfgate"
	return []flaw{
		{number: 1, was: "the clock starts when all nodes are up", tested: []string{runner}},
		{number: 2, was: "whole seconds of the wall clock", tested: []string{runner}},
		{number: 3, was: "a window that ends early or late, the later the more nodes", tested: []string{runner}},
		{number: 4, was: "one time for values that were read one after the other", tested: []string{runner}},
		{number: 5, was: "a network that does not form passes", tested: []string{cli}},
		{number: 6, was: "averages with the formation in them", tested: []string{runner, cli}},
		{number: 7, was: "what could not be read is 0, and may hang for ever", tested: []string{runner}},
		{number: 8, was: "series by prefix, cut at spaces, of whole numbers alone", tested: []string{runner, "internal/scrape"}},
		{number: 9, was: "peers counted in the text of the health page", tested: []string{runner}},
		{number: 10, was: "a health page that breaks the lines of metrics", tested: []string{runner}},
		{number: 11, was: "every page fetched twice", tested: []string{runner}},
		{number: 12, was: "a sum of peers instead of every node's, without a limit", tested: []string{runner}},
		{number: 13, was: "one average over nodes and looks, rounded", tested: []string{"internal/measure"}},
		{number: 14, was: "no line of a log is \"0\\n0\", and lines of logs are health", tested: []string{cli}},
		{number: 15, was: "metrics of the guide that nobody collects", tested: []string{cli}},
		{number: 16, was: "stopping without end, with the wrong signal, leaving children", tested: []string{runner}},
		{number: 17, was: "a crash that nobody notices", tested: []string{runner}},
		{number: 18, was: "fixed ports, and other people's directories emptied", tested: []string{cli}},
		{number: 19, was: "paths with spaces, an unknown binary, no summary of an early end", tested: []string{runner, cli}},
		{
			number: 20, was: "the load of the first node hidden in that of all", tested: []string{runner, "internal/measure"},
			left: "how many bootstrap nodes a network has is for scenarios to say, once they can",
		},
		{
			number: 21, was: "nodes without a configuration, whose death passes, compared by lines of logs", tested: []string{cli},
			left: "conditions of the network are for whatever can make them, and a workflow has to ask for them",
		},
		{
			number: 22, was: "a check that compares nothing, single samples, builds with downloads", tested: []string{cli},
			left: "caches, and which jobs wait for which, are the workflow's",
		},
		{
			number: 23, was: "results without commit, machine, repeats, version and units, kept for seven days", tested: []string{cli},
			left: "how long the files of a job are kept is the workflow's",
		},
		{
			number: 24, was: "fixed thresholds that are loosened in silence", tested: []string{cli},
			left: "who may change baselines.toml is for the review of a change",
		},
	}
}

// storyFolder is where the stories of flaws lie.
const storyFolder = "cmd/perfgate/testdata/script/flaws"

// everyFlawHasATest wants for each flaw a test in every folder that its row names, and no test of a flaw that its row does not
// know. Stories are the names of the files in storyFolder.
func everyFlawHasATest(t tree, stories []string, all []flaw) []string {
	found := testsOfFlaws(t)
	var wrong []string
	story := regexp.MustCompile(`^(\d\d)-.+\.txtar$`)
	for _, name := range stories {
		match := story.FindStringSubmatch(name)
		if match == nil {
			wrong = append(wrong, fmt.Sprintf("%s/%s: name it NN-what-it-shows.txtar, after the number of its flaw", storyFolder, name))
			continue
		}
		found[whereTested{match[1], "cmd/perfgate"}] = storyFolder + "/" + name
	}
	for _, f := range all {
		if len(f.tested) == 0 && f.left == "" {
			wrong = append(wrong, fmt.Sprintf("flaw %02d (%s): neither a test nor the reason why a tool cannot have it: fill in its row in flaws() of internal/archtest/flaws_test.go", f.number, f.was))
		}
		for _, folder := range f.tested {
			at := whereTested{fmt.Sprintf("%02d", f.number), folder}
			if found[at] == "" {
				wrong = append(wrong, fmt.Sprintf("flaw %02d (%s): %s has no test of it: write a TestFlaw%02d… there, or a story %s/%02d-….txtar", f.number, f.was, folder, f.number, storyFolder, f.number))
			}
			delete(found, at)
		}
	}
	for at, name := range found {
		wrong = append(wrong, fmt.Sprintf("%s: no row of flaws() in internal/archtest/flaws_test.go has flaw %s tested in %s", name, at.number, at.folder))
	}
	slices.Sort(wrong)
	return wrong
}

// whereTested is where a flaw is tested.
type whereTested struct{ number, folder string }

// testsOfFlaws are the functions that are named after a flaw, one for each folder.
func testsOfFlaws(t tree) map[whereTested]string {
	name := regexp.MustCompile(`^TestFlaw(\d\d)[A-Z]`)
	found := map[whereTested]string{}
	for _, f := range t.files {
		if !f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil {
				continue
			}
			if match := name.FindStringSubmatch(fn.Name.Name); match != nil {
				found[whereTested{match[1], f.folder}] = t.at(fn.Pos(), "%s", fn.Name.Name)
			}
		}
	}
	return found
}

// readStories lists the files in storyFolder.
func readStories(root string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(storyFolder), "*"))
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names, err
}

func TestFlawsCanFail(t *testing.T) {
	texts := map[string]string{}
	var stories []string
	for _, f := range flaws() {
		for _, folder := range f.tested {
			if folder == "cmd/perfgate" {
				stories = append(stories, fmt.Sprintf("%02d-a-story.txtar", f.number))
				continue
			}
			texts[folder+"/flaw"+strconv.Itoa(f.number)+"_test.go"] = fmt.Sprintf("package x\n\nfunc TestFlaw%02dIsGone() {}\n", f.number)
		}
	}
	want(t, everyFlawHasATest(imagine(t, texts), stories, flaws()))

	delete(texts, "internal/scrape/flaw8_test.go")
	delete(texts, "internal/runner/flaw7_test.go")
	texts["internal/runner/flaw7.go"] = "package x\n\nfunc TestFlaw07IsGone() {}\n" // no test
	texts["internal/stat/more_test.go"] = "package x\n\nfunc TestFlaw25IsNew() {}\n\ntype y int\n\nfunc (y) TestFlaw26IsNone() {}\n"
	stories = slices.DeleteFunc(stories, func(name string) bool { return strings.HasPrefix(name, "24-") })
	want(t, everyFlawHasATest(imagine(t, texts), append(stories, "about.txtar", "03-window.txtar"),
		append(flaws(), flaw{number: 98, was: "left to others", left: "a reason"}, flaw{number: 99, was: "forgotten"})),
		"cmd/perfgate/testdata/script/flaws/03-window.txtar: no row of flaws()",
		"cmd/perfgate/testdata/script/flaws/about.txtar: name it NN-what-it-shows.txtar",
		"flaw 07 (what could not be read is 0, and may hang for ever): internal/runner has no test",
		"flaw 08 (series by prefix, cut at spaces, of whole numbers alone): internal/scrape has no test",
		"flaw 24 (fixed thresholds that are loosened in silence): cmd/perfgate has no test",
		"flaw 99 (forgotten): neither a test nor the reason why a tool cannot have it",
		"internal/stat/more_test.go:3: TestFlaw25IsNew: no row of flaws()",
	)
}

// TestFlawsAreNumbered: a row that was taken out is missed.
func TestFlawsAreNumbered(t *testing.T) {
	all := flaws()
	for i, f := range all {
		if f.number != i+1 || f.was == "" {
			t.Errorf("row %d has the number %d (%s)", i+1, f.number, f.was)
		}
	}
	if len(all) != 24 {
		t.Errorf("%d flaws, want the 24 that were found", len(all))
	}
}
