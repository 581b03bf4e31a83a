package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// impure are packages of the standard library that touch the world. Those below them do too, but for harmless ones.
func impure() []string {
	return []string{
		"os", "net", "log", "syscall", "testing", "plugin", "expvar", "runtime/pprof", "runtime/trace", "crypto/rand",
		"golang.org/x/sys",
	}
}

func harmless() []string { return []string{"net/netip", "net/url"} }

// effects are names that touch the world in packages that do not otherwise.
func effects() map[string][]string {
	return map[string][]string{
		"time":          {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation", "Local"},
		"fmt":           {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		"path/filepath": {"Abs", "EvalSymlinks", "Glob", "Walk", "WalkDir"},
	}
}

// seeded are the names of math/rand that need no source shared by the whole program.
func seeded() []string {
	return []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}
}

// lowerFloorsArePure keeps files, network, log, clock, chance and goroutines out of the vocabulary and the decisions.
func lowerFloorsArePure(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		if r, ok := place(f.folder); !ok || !r.floor.pure() || f.test {
			continue
		}
		wrong = append(wrong, t.impureImports(f)...)
		for library, names := range effects() {
			for _, s := range f.selections(library) {
				if slices.Contains(names, s.Sel.Name) {
					wrong = append(wrong, t.at(s.Pos(), "%s.%s in a pure package: take the value as an argument", library, s.Sel.Name))
				}
			}
		}
		for _, library := range []string{"math/rand", "math/rand/v2"} {
			for _, s := range f.selections(library) {
				if !slices.Contains(seeded(), s.Sel.Name) {
					wrong = append(wrong, t.at(s.Pos(), "%s.%s in a pure package: take a *rand.Rand as an argument", library, s.Sel.Name))
				}
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				wrong = append(wrong, t.at(g.Pos(), "a goroutine in a pure package: leave it to an edge or a driver"))
			}
			return true
		})
	}
	slices.Sort(wrong)
	return wrong
}

func (t tree) impureImports(f source) []string {
	var wrong []string
	for _, i := range f.imports() {
		dirty := slices.ContainsFunc(impure(), func(prefix string) bool { return within(i.path, prefix) })
		if dirty && !slices.Contains(harmless(), i.path) {
			wrong = append(wrong, t.at(i.pos, "a pure package imports %s: take values, an io.Reader or an io.Writer from above", i.path))
		}
		if _, watched := effects()[i.path]; i.name == "." && (watched || strings.HasPrefix(i.path, "math/rand")) {
			wrong = append(wrong, t.at(i.pos, "a pure package imports %s under no name, so that nobody sees what it uses", i.path))
		}
	}
	return wrong
}

func TestPurityCanFail(t *testing.T) {
	const dirty = `package stat

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	. "path/filepath"
	clock "time"
)

func drawn(r *rand.Rand) int { return r.IntN(6) + rand.IntN(6) + rand.New(rand.NewPCG(1, 2)).IntN(6) }

func late(since clock.Time, w io.Writer) bool {
	go func() {}()
	now := clock.Now
	return now().Sub(since) > clock.Second
}
`
	made := imagine(t, map[string]string{
		"internal/stat/dirty.go":      dirty,
		"internal/stat/dirty_test.go": dirty, // tests may
		"internal/store/dirty.go":     dirty, // so may edges
	})
	want(t, lowerFloorsArePure(made),
		"internal/stat/dirty.go:13: math/rand/v2.IntN in a pure package",
		"internal/stat/dirty.go:16: a goroutine in a pure package",
		"internal/stat/dirty.go:17: time.Now in a pure package",
		"internal/stat/dirty.go:5: a pure package imports log/slog",
		"internal/stat/dirty.go:7: a pure package imports net/http",
		"internal/stat/dirty.go:9: a pure package imports path/filepath under no name",
	)
}
