package anatomy_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/anatomy"
	"github.com/communitas/perfgate/internal/result"
)

// mainGo prints what depends on an embedded file, so that no linker leaves it out.
const mainGo = `package main
import (
	_ "embed"
	"fmt"
	"os"
)
//go:embed padding
var padding string
func main() { fmt.Println(len(os.Args), padding[len(os.Args)]) }
`

const padding = 1 << 20

// goProgram builds a program of Go with so much embedded, and with one package more when extra is not "".
func goProgram(t *testing.T, embedded int, extra string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/grown\n\ngo 1.24\n")
	write(t, dir, "main.go", mainGo)
	write(t, dir, "padding", strings.Repeat("0123456789abcdef", embedded/16))
	if extra != "" {
		write(t, dir, "more.go", "package main\nimport more \"example.com/grown/"+extra+"\"\nfunc init() { more.Sum(len(padding)) }\n")
		write(t, dir, extra+"/more.go", manyFunctions())
	}
	binary := filepath.Join(dir, "grown")
	command := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", binary}, flags...)...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command.Args, err, out)
	}
	return binary
}

// manyFunctions is a package of a hundred functions that all stay in the program.
func manyFunctions() string {
	var b strings.Builder
	b.WriteString("package more\nimport \"fmt\"\nvar All = []func(int){")
	for i := range 100 {
		fmt.Fprintf(&b, "f%d,", i)
	}
	b.WriteString("}\nfunc Sum(n int) { for i, f := range All { if i > n { f(n) } } }\n")
	for i := range 100 {
		fmt.Fprintf(&b, "func f%d(n int) { fmt.Println(n, \"function\", %d, n*%d, n/7) }\n", i, i, i)
	}
	return b.String()
}

func TestSectionsAndPackagesOfAGoProgramThatGrew(t *testing.T) {
	for _, tc := range []struct {
		name  string
		flags []string
		names string
	}{
		{"with symbols", nil, "symtab, pclntab"},
		{"stripped, as releases are", []string{"-trimpath", "-ldflags=-s -w"}, "pclntab"},
		{"to be loaded anywhere", []string{"-buildmode=pie", "-ldflags=-s -w"}, "pclntab"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := of(t, goProgram(t, 16, "", tc.flags...))
			embedded := of(t, goProgram(t, padding, "", tc.flags...))
			more := of(t, goProgram(t, 16, "more", tc.flags...))
			for _, a := range []*result.Anatomy{before, embedded, more} {
				if a.Names != tc.names || a.Reason != "" {
					t.Errorf("names from %q, reason %q, want names from %q", a.Names, a.Reason, tc.names)
				}
			}
			if grown := size(embedded.Sections, "section", ".rodata") - size(before.Sections, "section", ".rodata"); grown < padding-64 || grown > padding+4096 {
				t.Errorf(".rodata grew by %d with %d bytes embedded", grown, padding)
			}
			if was := size(before.Groups, "go", "example.com/grown/more"); was != 0 {
				t.Errorf("the package is there before it was: %d bytes", was)
			}
			text := size(more.Sections, "section", ".text") - size(before.Sections, "section", ".text")
			if grown := size(more.Groups, "go", "example.com/grown/more"); grown < text*8/10 || grown < 5000 {
				t.Errorf("the new package has %d bytes, where .text grew by %d", grown, text)
			}
			if text := size(before.Groups, "section", ".text"); text > size(before.Sections, "section", ".text")/100 {
				t.Errorf("%d bytes of .text belong to no package", text)
			}
		})
	}
}

func TestStrippingChangesNoPackagesCode(t *testing.T) {
	whole, stripped := of(t, goProgram(t, 16, "more")), of(t, goProgram(t, 16, "more", "-ldflags=-s -w"))
	for _, name := range []string{"example.com/grown/more", "fmt", "os"} {
		a, b := size(whole.Groups, "go", name), size(stripped.Groups, "go", name)
		if b == 0 || a < b || a > b+b/5 { // a symbol table names some data besides
			t.Errorf("%s: %d bytes with symbols, %d without", name, a, b)
		}
	}
}

const mainRust = `mod inner { pub fn f(n: usize) -> String { format!("{:?}", std::env::args().nth(n)) } }
fn main() { println!("{}", inner::f(1)); }
`

// grownRust has functions enough to be seen.
func grownRust() string {
	var b strings.Builder
	b.WriteString("pub fn more(n: usize) { let all: &[fn(usize)] = &[")
	for i := range 60 {
		fmt.Fprintf(&b, "f%d,", i)
	}
	b.WriteString("]; for f in all { f(n) } }\n")
	for i := range 60 {
		fmt.Fprintf(&b, "#[inline(never)] pub fn f%d(n: usize) { println!(\"{} %d {}\", n, n * %d); }\n", i, i, i+3)
	}
	return b.String()
}

func TestCratesOfARustProgramThatGrew(t *testing.T) {
	rustc, err := exec.LookPath("rustc")
	if err != nil {
		t.Skip("no rustc is installed: ", err)
	}
	if out, err := exec.CommandContext(t.Context(), rustc, "--version", "--verbose").Output(); err != nil || !strings.Contains(string(out), "linux") {
		t.Skipf("no rustc for Linux: %s, %v", out, err)
	}
	dir := t.TempDir()
	write(t, dir, "small.rs", mainRust)
	write(t, dir, "extra.rs", grownRust())
	write(t, dir, "grown.rs", strings.Replace(mainRust, "println!", "extra::more(1); println!", 1))
	compile := func(args ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), rustc, append([]string{"-O", "--edition", "2021"}, args...)...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command.Args, err, out)
		}
	}
	compile("--crate-type", "rlib", "extra.rs")
	compile("small.rs")
	compile("--extern", "extra=libextra.rlib", "-L", ".", "grown.rs")
	compile("--extern", "extra=libextra.rlib", "-L", ".", "-C", "symbol-mangling-version=v0", "-o", "v0", "grown.rs")
	compile("-C", "strip=symbols", "-o", "stripped", "small.rs")
	small := of(t, filepath.Join(dir, "small"))
	if small.Names != "symtab" || size(small.Groups, "rust", "std") == 0 || size(small.Groups, "rust", "core") == 0 || size(small.Groups, "rust", "extra") != 0 {
		t.Errorf("names from %q, groups %v", small.Names, small.Groups[:20])
	}
	for _, name := range []string{"grown", "v0"} {
		grown := of(t, filepath.Join(dir, name))
		if got := size(grown.Groups, "rust", "extra"); got < 60*50 {
			t.Errorf("%s: the new crate has %d bytes in %d functions", name, got, 60)
		}
	}
	if bare := of(t, filepath.Join(dir, "stripped")); bare.Names != "" || size(bare.Groups, "section", ".text") == 0 {
		t.Errorf("stripped: names from %q, groups %v", bare.Names, bare.Groups)
	}
}

func TestFilesOfAProgramInC(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler is installed: ", err)
	}
	dir := t.TempDir()
	write(t, dir, "table.c", "static const int table[5000] = {1};\nstatic int pick(int i) { return table[i]; }\nint (*picker)(int) = pick;\n")
	write(t, dir, "main.c", "extern int (*picker)(int);\nint main(int n, char **v) { return picker(n); }\n")
	command := exec.CommandContext(t.Context(), cc, "-o", "program", "table.c", "main.c")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Skipf("the C compiler makes no program: %v\n%s", err, out)
	}
	whole, err := anatomy.Of(filepath.Join(dir, "program"))
	if errors.Is(err, anatomy.ErrForm) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := size(whole.Groups, "c", "table.c"); got < 20000 {
		t.Errorf("table.c has %d bytes: %v", got, whole.Groups)
	}
}

// of takes a program apart; the parts have to make the file.
func of(t *testing.T, path string) *result.Anatomy {
	t.Helper()
	whole, err := anatomy.Of(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	results := result.Results{Schema: result.Schema, Subject: result.Subject{Anatomy: whole}}
	if err := results.Validate(); err != nil || whole.Bytes != info.Size() || len(whole.Sections) == 0 || len(whole.Groups) == 0 {
		t.Fatalf("%d bytes of %d, error %v", whole.Bytes, info.Size(), err)
	}
	return whole
}

// size is that of the part, 0 when there is none.
func size(parts []result.Part, kind, name string) int64 {
	for _, p := range parts {
		if p.Kind == kind && p.Name == name {
			return p.Bytes
		}
	}
	return 0
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
