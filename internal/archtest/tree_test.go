package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path that the module's own imports begin with.
const module = "github.com/communitas/perfgate"

// tree is Go source: the module's as it lies on the disk, or a few files that a test makes up.
type tree struct {
	positions *token.FileSet
	files     []source // in the order of their paths
}

// source is one Go file, whatever system it is built for.
type source struct {
	path   string // from the module's root, with slashes
	folder string // of the package
	test   bool   // a _test.go file
	lines  int
	syntax *ast.File
}

// parse makes a tree of files by path.
func parse(texts map[string][]byte) (tree, error) {
	t := tree{positions: token.NewFileSet()}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		syntax, err := parser.ParseFile(t.positions, name, texts[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return tree{}, fmt.Errorf("parse: %w", err)
		}
		t.files = append(t.files, source{
			path: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			lines: bytes.Count(texts[name], []byte("\n")), syntax: syntax,
		})
	}
	return t, nil
}

// read finds the Go files below root, but none in testdata, in hidden folders or in modules of their own.
func read(root string) (tree, error) {
	texts := map[string][]byte{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if relative != "." && foreign(name) {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) == ".go" {
			texts[filepath.ToSlash(relative)], err = os.ReadFile(name)
		}
		return err
	})
	if err != nil {
		return tree{}, fmt.Errorf("read sources: %w", err)
	}
	return parse(texts)
}

// foreign tells whether a folder belongs to no package of this module.
func foreign(folder string) bool {
	base := filepath.Base(folder)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

var errNoModule = errors.New("no go.mod above the test's folder")

// findRoot walks up to the folder of go.mod.
func findRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errNoModule
		}
		folder = above
	}
}

// at writes where something stands, and what is wrong with it.
func (t tree) at(pos token.Pos, format string, args ...any) string {
	position := t.positions.Position(pos)
	return fmt.Sprintf("%s:%d: %s", position.Filename, position.Line, fmt.Sprintf(format, args...))
}

// folders are those of the packages, sorted.
func (t tree) folders() []string {
	var all []string
	for _, f := range t.files {
		all = append(all, f.folder)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// shipped are the files that no test build needs: what perfgate is made of.
func (t tree) shipped() []source {
	return slices.DeleteFunc(slices.Clone(t.files), func(f source) bool { return f.test || apartFrom(f.folder) })
}

// imported is one import of a file.
type imported struct {
	path string
	name string // under which the file knows it
	pos  token.Pos
}

func (f source) imports() []imported {
	var all []imported
	for _, spec := range f.syntax.Imports {
		library, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser refuses such an import
		}
		i := imported{path: library, name: guessName(library), pos: spec.Pos()}
		if spec.Name != nil {
			i.name = spec.Name.Name
		}
		all = append(all, i)
	}
	return all
}

// guessName is the usual name of a package: the last element of its path that is no version.
func guessName(library string) string {
	base := path.Base(library)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(library))
	}
	return base
}

// folderOf is the folder of one of the module's own packages.
func folderOf(library string) (folder string, own bool) {
	if library == module {
		return ".", true
	}
	return strings.CutPrefix(library, module+"/")
}

// selections are the uses of a package's names in a file, such as time.Now, by call or as a value.
func (f source) selections(library string) []*ast.SelectorExpr {
	var all []*ast.SelectorExpr
	for _, i := range f.imports() {
		if i.path != library {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == i.name {
					all = append(all, s)
				}
			}
			return true
		})
	}
	return all
}

// imagine is the tree of a test: file by file, its path and its text.
func imagine(t *testing.T, texts map[string]string) tree {
	t.Helper()
	raw := map[string][]byte{}
	for name, text := range texts {
		raw[name] = []byte(text)
	}
	made, err := parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
