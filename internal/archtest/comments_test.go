package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// onePackageComment wants each package to say what it is for in one place, in the form that go doc shows best.
func onePackageComment(t tree) []string {
	var wrong []string
	comments := map[string][]string{}
	for _, f := range t.files {
		if f.test || f.syntax.Doc == nil {
			continue
		}
		comments[f.folder] = append(comments[f.folder], f.path)
		opening := "Package " + f.syntax.Name.Name + " "
		if f.syntax.Name.Name == "main" {
			opening = "Command " + path.Base(f.folder) + " "
		}
		if !strings.HasPrefix(strings.ReplaceAll(f.syntax.Doc.Text(), "\n", " "), opening) {
			wrong = append(wrong, t.at(f.syntax.Doc.Pos(), "the package comment has to begin with %q", opening))
		}
	}
	for _, folder := range t.folders() {
		switch found := comments[folder]; {
		case len(found) == 0:
			wrong = append(wrong, fmt.Sprintf("%s: no package comment: say in the main file what the package is for", folder))
		case len(found) > 1:
			wrong = append(wrong, fmt.Sprintf("%s: %d package comments (%s): keep one", folder, len(found), strings.Join(found, ", ")))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// wellKnown are methods whose meaning an interface of the standard library fixes.
func wellKnown() []string {
	return []string{
		"Error", "Unwrap", "Is", "As", "String", "Len", "Less", "Swap", "Read", "Write", "Close",
		"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "ServeHTTP",
	}
}

// exportedNamesAreExplained wants a doc comment on every exported name outside of tests; one on a group of constants or
// variables serves the group.
func exportedNamesAreExplained(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		if f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			for _, name := range unexplained(d) {
				wrong = append(wrong, t.at(name.Pos(), "%s has no doc comment: say its unit, range, meaning of zero, when it errs", name.Name))
			}
		}
	}
	return wrong
}

func unexplained(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		excused := d.Recv != nil && (hidden(d.Recv) || slices.Contains(wellKnown(), d.Name.Name))
		if d.Doc == nil && d.Name.IsExported() && !excused {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		return unexplainedInGroup(d)
	}
	return nil
}

func unexplainedInGroup(d *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || len(d.Specs) > 1) {
				names = append(names, s.Name)
			}
		case *ast.ValueSpec:
			if d.Doc != nil && d.Tok != token.TYPE || s.Doc != nil || s.Comment != nil {
				continue
			}
			for _, name := range s.Names {
				if name.IsExported() {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// hidden tells whether a method belongs to a type that is not exported.
func hidden(receiver *ast.FieldList) bool {
	expression := receiver.List[0].Type
	for {
		switch x := expression.(type) {
		case *ast.StarExpr:
			expression = x.X
		case *ast.IndexExpr:
			expression = x.X
		case *ast.IndexListExpr:
			expression = x.X
		case *ast.Ident:
			return !x.IsExported()
		default:
			return false
		}
	}
}

// everyPackageIsInTheDesign wants docs/DESIGN.md to name each package of the house in code font.
func everyPackageIsInTheDesign(t tree, design string) []string {
	var wrong []string
	for _, folder := range t.folders() {
		name := strings.TrimPrefix(folder, "internal/")
		if !strings.Contains(design, "`"+name+"`") {
			wrong = append(wrong, fmt.Sprintf("%s: docs/DESIGN.md does not say what `%s` is: give it a line there", folder, name))
		}
	}
	return wrong
}

func TestCommentsCanFail(t *testing.T) {
	t.Run("package comments", func(t *testing.T) {
		made := imagine(t, map[string]string{
			"internal/metric/a.go":      "// Package metric is words.\npackage metric",
			"internal/metric/b.go":      "// Package metric is more words.\npackage metric",
			"internal/metric/b_test.go": "// Package metric is tested.\npackage metric",
			"internal/stat/s.go":        "// Statistics.\npackage stat",
			"internal/store/s.go":       "//go:build linux\n\npackage store",
			"cmd/perfgate/main.go":      "// Command perfgate\n// measures.\npackage main",
		})
		want(t, onePackageComment(made),
			"internal/metric: 2 package comments (internal/metric/a.go, internal/metric/b.go)",
			`internal/stat/s.go:1: the package comment has to begin with "Package stat "`,
			"internal/store: no package comment",
		)
	})
	t.Run("exported names", func(t *testing.T) {
		const text = `package metric

type Naked struct{}

type (
	// Dressed is explained.
	Dressed[T any] struct{ Field T }
	Bare int
)

func Do() {}
func do() {}

// Done is explained.
func Done() {}

func (d *Dressed[T]) Wear() {}
func (d *Dressed[T]) String() string { return "" }
func (h hidden) Wear() {}

const Loose = 1

// A group.
const (
	First = iota
	Second
)

var (
	Third, fourth = 1, 2
	Fifth = 5 // explained here
)
`
		made := imagine(t, map[string]string{"internal/metric/m.go": text, "internal/metric/m_test.go": text})
		want(t, exportedNamesAreExplained(made),
			"internal/metric/m.go:3: Naked has no doc comment",
			"internal/metric/m.go:8: Bare has no doc comment",
			"internal/metric/m.go:11: Do has no doc comment",
			"internal/metric/m.go:17: Wear has no doc comment",
			"internal/metric/m.go:21: Loose has no doc comment",
			"internal/metric/m.go:30: Third has no doc comment",
		)
	})
	t.Run("the design", func(t *testing.T) {
		made := imagine(t, map[string]string{"internal/metric/m.go": "package metric", "cmd/perfgate/main.go": "package main", "internal/stat/s.go": "package stat"})
		want(t, everyPackageIsInTheDesign(made, "`metric` has words, `cmd/perfgate` is the program, statistics are elsewhere"),
			"internal/stat: docs/DESIGN.md does not say what `stat` is")
	})
}
