package anatomy

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ianlancetaylor/demangle"

	"github.com/communitas/perfgate/internal/result"
)

// namer says what a symbol belongs to.
type namer struct {
	// packages are those of which Go's table of functions has one: in a program of Go, a symbol of C may have a dot too.
	packages map[string]bool
	// file is the source file whose local symbols come next in the table, "" when it is no file of C.
	file string
}

func newNamer(functions []function) *namer {
	n := &namer{packages: map[string]bool{}}
	for _, f := range functions {
		if name, ok := goPackage(f.name); ok {
			n.packages[name] = true
		}
	}
	return n
}

// byCompiler is what the Go compiler makes of itself: types, tables, the names of functions.
const byCompiler = "(made by the compiler)"

// elsewhere is what belongs to nobody who can be told.
const elsewhere = "(other symbols)"

func (n *namer) ofFunction(f function) owner {
	if name, ok := goPackage(f.name); ok {
		return owner{result.PartGo, short(name)}
	}
	return owner{result.PartGo, byCompiler}
}

// enter begins the symbols of a source file.
func (n *namer) enter(file string) {
	n.file = ""
	if slices.Contains([]string{".c", ".cc", ".cpp", ".cxx", ".s", ".S", ".asm"}, path.Ext(file)) {
		n.file = short(file)
	}
}

func (n *namer) ofSymbol(s symbol) owner {
	var o owner
	var known bool
	switch {
	case rust(s.name):
		o, known = mangled(result.PartRust, s.name)
	case strings.HasPrefix(s.name, "_Z"):
		o, known = mangled(result.PartCPP, s.name)
	case len(n.packages) > 0:
		o, known = n.ofGo(s.name)
	}
	switch {
	case known:
		return o
	case s.local && n.file != "":
		return owner{result.PartC, n.file}
	}
	return owner{result.PartC, elsewhere}
}

// ofGo names the package of a symbol in a program of Go, if it has one.
func (n *namer) ofGo(symbol string) (owner, bool) {
	own := strings.HasPrefix(symbol, "go:") || strings.HasPrefix(symbol, "type:") && !strings.HasPrefix(symbol, "type:.")
	if own {
		return owner{result.PartGo, byCompiler}, true
	}
	name, ok := goPackage(symbol)
	return owner{result.PartGo, short(name)}, ok && (n.packages[name] || strings.Contains(name, "/"))
}

// goPackage is the import path in a symbol of Go: what comes before the first dot behind the last slash. The brackets of
// type arguments hold paths of their own, and dots in the last element of a path are escaped.
func goPackage(symbol string) (string, bool) {
	symbol = strings.TrimPrefix(strings.TrimPrefix(symbol, "type:.eq."), "type:.hash.")
	symbol, _, _ = strings.Cut(symbol, "[")
	last := strings.LastIndexByte(symbol, '/') + 1
	dot := strings.IndexByte(symbol[last:], '.')
	if dot <= 0 || strings.ContainsAny(symbol[:last+dot], ":( ") {
		return "", false
	}
	name, err := url.PathUnescape(symbol[:last+dot])
	if err != nil {
		return "", false
	}
	return name, true
}

// oldRust matches the older mangling of Rust, which is that of C++ with a hash as its last element.
var oldRust = regexp.MustCompile(`^_ZN.*17h[0-9a-f]{16}E(\..*)?$`)

func rust(symbol string) bool { return strings.HasPrefix(symbol, "_R") || oldRust.MatchString(symbol) }

// scope matches the first element of a path.
var scope = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)::`)

// mangled names the crate or namespace in which a symbol lies. An implementation of a trait lies in the crate of the type
// that it is for, and in that of the trait for a type that has none, like a slice.
func mangled(kind, symbol string) (owner, bool) {
	plain, err := demangle.ToString(symbol, demangle.NoParams, demangle.MaxLength(14))
	if err != nil {
		return owner{}, false
	}
	found := scope.FindStringSubmatch(plain)
	if found == nil {
		return owner{}, false
	}
	return owner{kind, short(found[1])}, true
}

// short bounds a name.
func short(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName-len("…")], "") + "…"
}
