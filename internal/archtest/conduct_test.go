package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// testingStaysInTests keeps the package testing, which adds its flags to a program, out of what ships.
func testingStaysInTests(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		if f.test || f.folder == "internal/testnode" {
			continue
		}
		for _, i := range f.imports() {
			if within(i.path, "testing") {
				wrong = append(wrong, t.at(i.pos, "imports %s outside of a _test.go file", i.path))
			}
		}
	}
	return wrong
}

// onlyMainExits wants os.Exit in func main alone: everywhere else an error goes up, and what was deferred runs. The node
// programs of the tests may, for to end badly is what some of them are for.
func onlyMainExits(t tree) []string {
	var wrong []string
	for _, f := range t.shipped() {
		for _, s := range f.selections("os") {
			allowed := strings.HasPrefix(f.folder, "cmd/") && f.inMain(s)
			if s.Sel.Name == "Exit" && !allowed {
				wrong = append(wrong, t.at(s.Pos(), "os.Exit outside of func main of a command: return an error"))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// nothingInitialises refuses init functions: what a package does, somebody asks it to.
func nothingInitialises(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				wrong = append(wrong, t.at(fn.Pos(), "func init: let the caller make what it needs"))
			}
		}
	}
	return wrong
}

func (f source) inMain(n ast.Node) bool {
	for _, d := range f.syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "main" && fn.Pos() <= n.Pos() && n.End() <= fn.End() {
			return true
		}
	}
	return false
}

func TestConductCanFail(t *testing.T) {
	const exits = "package main\n\nimport \"os\"\n\nfunc main() {\n\tos.Exit(run())\n}\n\nfunc run() int {\n\tos.Exit(3)\n\treturn 0\n}\n"
	made := imagine(t, map[string]string{
		"cmd/perfgate/main.go":                exits,
		"internal/gate/gate.go":               exits,
		"internal/gate/gate_test.go":          exits,
		"internal/testnode/scripted/main.go":  exits,
		"internal/metric/testing.go":          imports("metric", "testing", "testing/fstest"),
		"internal/metric/metric_test.go":      imports("metric", "testing"),
		"internal/testnode/build.go":          imports("testnode", "testing"),
		"internal/testnode/headless/pages.go": imports("main", "testing"),
		"internal/suite/init.go":              "package suite\n\nvar x int\n\nfunc init() { x = 1 }\n",
		"internal/suite/method.go":            "package suite\n\ntype y int\n\nfunc (y) init() {}\n",
	})
	want(t, onlyMainExits(made),
		"cmd/perfgate/main.go:10: os.Exit outside of func main",
		"internal/gate/gate.go:10: os.Exit outside of func main",
		"internal/gate/gate.go:6: os.Exit outside of func main",
	)
	want(t, testingStaysInTests(made),
		"internal/metric/testing.go:3: imports testing outside",
		"internal/metric/testing.go:4: imports testing/fstest outside",
		"internal/testnode/headless/pages.go:3: imports testing outside",
	)
	want(t, nothingInitialises(made), "internal/suite/init.go:5: func init")
}
