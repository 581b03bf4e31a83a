package archtest

import (
	"fmt"
	"slices"
	"testing"
)

// everyPackageHasARoom wants the table and the tree to name the same packages.
func everyPackageHasARoom(t tree) []string {
	var wrong []string
	folders := t.folders()
	for _, folder := range folders {
		if _, ok := place(folder); !ok {
			wrong = append(wrong, fmt.Sprintf("%s: the package has no floor: give it a row in house() of internal/archtest/house_test.go, on the lowest floor that allows its imports, and a line in docs/DESIGN.md", folder))
		}
	}
	return wrong
}

// everyRoomHasAPackage notices rows that were left behind.
func everyRoomHasAPackage(t tree) []string {
	var wrong []string
	folders := t.folders()
	for _, r := range house() {
		if !slices.Contains(folders, r.folder) {
			wrong = append(wrong, fmt.Sprintf("%s: there is no such package: remove its row from house() of internal/archtest/house_test.go", r.folder))
		}
	}
	return wrong
}

// sidewaysImportsAreNeeded notices what a row allows and no import uses.
func sidewaysImportsAreNeeded(t tree) []string {
	used := map[[2]string]bool{}
	for _, f := range t.files {
		for _, i := range f.imports() {
			if folder, own := folderOf(i.path); own && !f.test {
				used[[2]string{f.folder, folder}] = true
			}
		}
	}
	var wrong []string
	for _, r := range house() {
		for _, folder := range r.beside {
			if !used[[2]string{r.folder, folder}] {
				wrong = append(wrong, fmt.Sprintf("%s does not import %s: take it out of its row in house() of internal/archtest/house_test.go", r.folder, folder))
			}
		}
	}
	return wrong
}

// importsGoDown wants each package to import lower floors only, and of its own what its row names. Tests may look up.
func importsGoDown(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		from, ok := place(f.folder)
		if !ok || f.test {
			continue
		}
		for _, i := range f.imports() {
			folder, own := folderOf(i.path)
			to, known := place(folder)
			switch {
			case !own || !known || slices.Contains(from.beside, folder):
			case to.floor == apart && from.floor != apart:
				wrong = append(wrong, t.at(i.pos, "imports %s, which is there for tests: what ships may not know of it", folder))
			case to.floor > from.floor:
				wrong = append(wrong, t.at(i.pos, "%s (%s) imports %s (%s): imports go down only; pass a value or an interface of your own in from above", f.folder, from.floor, folder, to.floor))
			case to.floor == from.floor:
				wrong = append(wrong, t.at(i.pos, "%s imports %s on its own floor (%s): if it has to, name it in the row of %s in house()", f.folder, folder, from.floor, f.folder))
			case from.floor == apart:
				wrong = append(wrong, t.at(i.pos, "%s imports %s: what tests measure with must not share code with what they measure", f.folder, folder))
			}
		}
	}
	return wrong
}

func TestFloorsCanFail(t *testing.T) {
	t.Run("a package that is not in the table", func(t *testing.T) {
		made := imagine(t, map[string]string{"internal/metric/m.go": "package metric", "internal/novel/n.go": "package novel"})
		want(t, everyPackageHasARoom(made), "internal/novel: the package has no floor")
	})
	t.Run("a row without a package", func(t *testing.T) {
		texts := map[string]string{}
		for _, r := range house() {
			if r.folder != "internal/store" {
				texts[r.folder+"/x.go"] = "package x"
			}
		}
		want(t, everyRoomHasAPackage(imagine(t, texts)), "internal/store: there is no such package")
	})
	t.Run("a row that allows too much", func(t *testing.T) {
		texts := map[string]string{}
		for _, r := range house() {
			var libraries []string
			for _, folder := range r.beside {
				libraries = append(libraries, module+"/"+folder)
			}
			texts[r.folder+"/x.go"] = imports("x", libraries...)
		}
		texts["internal/probe/x.go"] = "package probe"
		texts["internal/probe/x_test.go"] = imports("probe", module+"/internal/scrape")
		want(t, sidewaysImportsAreNeeded(imagine(t, texts)), "internal/probe does not import internal/scrape")
	})
	t.Run("imports", func(t *testing.T) {
		made := imagine(t, map[string]string{
			"internal/metric/m.go":        imports("metric", module+"/internal/result"),
			"internal/compare/c.go":       imports("compare", module+"/internal/baseline", module+"/internal/measure"),
			"internal/suite/s.go":         imports("suite", "fmt", module+"/internal/metric", module+"/internal/gate"),
			"internal/suite/s_test.go":    imports("suite_test", module+"/internal/gate", module+"/internal/testnode"),
			"internal/gate/g.go":          imports("gate", module+"/internal/runner", module+"/internal/testnode"),
			"internal/testnode/t.go":      imports("testnode", module+"/internal/metric"),
			"internal/testnode/t_test.go": imports("testnode", module+"/internal/metric"),
			"cmd/perfgate/main.go":        imports("main", module+"/internal/gate", module+"/internal/metric"),
		})
		want(t, importsGoDown(made),
			"internal/compare/c.go:4: internal/compare imports internal/measure on its own floor (decisions)",
			"internal/gate/g.go:4: imports internal/testnode, which is there for tests",
			"internal/metric/m.go:3: internal/metric imports internal/result on its own floor (vocabulary)",
			"internal/suite/s.go:5: internal/suite (decisions) imports internal/gate (drivers): imports go down only",
			"internal/testnode/t.go:3: internal/testnode imports internal/metric: what tests measure with",
		)
	})
}
