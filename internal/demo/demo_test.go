package demo

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// compiles checks the Go files of a commit as the compiler does.
func compiles(t *testing.T, fset *token.FileSet, imports types.Importer, files map[string]string) error {
	t.Helper()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, ".go") {
			file, err := parser.ParseFile(fset, name, files[name], 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, file)
		}
	}
	_, err := (&types.Config{Importer: imports}).Check("demonode", fset, parsed, nil)
	return err
}

func TestEveryCommitButOneBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("the standard library's networking is checked from its sources")
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "source", nil)
	has := map[string]bool{}
	var broken []string
	for _, c := range story() { // in this order all is added one by one, branches or not
		has[c.adds] = true
		files, err := render(has)
		if err != nil {
			t.Fatalf("%s: %v", c.title, err)
		}
		if err := compiles(t, fset, imports, files); err != nil {
			t.Logf("%s: %v", c.title, err)
			broken = append(broken, c.title)
		}
	}
	if !slices.Equal(broken, []string{"pages: show the uptime"}) {
		t.Errorf("these do not build: %q", broken)
	}
}

func TestTheStreamIsAlwaysTheSame(t *testing.T) {
	one, err := Stream()
	two, again := Stream()
	if err != nil || again != nil || string(one) != string(two) {
		t.Errorf("%v, %v, %d and %d bytes", err, again, len(one), len(two))
	}
	if got := strings.Count(string(one), "\ncommit refs/heads/main\n") + 1; got != Commits() {
		t.Errorf("%d commits, want %d", got, Commits())
	}
}
