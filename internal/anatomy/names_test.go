package anatomy

import (
	"debug/elf"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

func TestGoPackageIsTheImportPathOfASymbol(t *testing.T) {
	for _, tc := range []struct{ symbol, want string }{
		{"main.main", "main"},
		{"main.main.func1", "main"},
		{"runtime.gcStart", "runtime"},
		{"net/http.(*Server).Serve", "net/http"},
		{"github.com/x/y.New", "github.com/x/y"},
		{"github.com/x/y.(*T[github.com/a/b.C]).M", "github.com/x/y"},
		{"slices.SortFunc[go.shape.[]github.com/a/b.C,go.shape.int]", "slices"},
		{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3"},
		{"type:.eq.github.com/x/y.T", "github.com/x/y"},
		{"type:.hash.[2]string", ""},
		{"vendor/golang.org/x/net/idna.init", "vendor/golang.org/x/net/idna"},
		{"go:itab.*os.File,io.Reader", ""},
		{"_cgo_panic", ""},
		{".Lanon.1", ""},
		{"bad%zz.F", ""},
		{"", ""},
	} {
		if got, ok := goPackage(tc.symbol); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q is in %q, want %q", tc.symbol, got, tc.want)
		}
	}
}

// The names with an R are of the examples in RFC 2603 of Rust, or made after it.
func TestSymbolsBelongToCratesNamespacesPackagesAndFiles(t *testing.T) {
	goProgram := newNamer([]function{{name: "main.main"}, {name: "github.com/x/y.F"}})
	cProgram := newNamer(nil)
	for _, tc := range []struct {
		name   string
		namer  *namer
		file   string
		symbol symbol
		want   owner
	}{
		{"v0 of Rust", cProgram, "", symbol{name: "_RNvNtCs1234_7mycrate3foo3bar"}, owner{result.PartRust, "mycrate"}},
		{"v0, method of a trait", cProgram, "", symbol{name: "_RNvXs_Cs1234_7mycrateNtB4_3FooNtNtCs5678_4core5clone5Clone5clone"}, owner{result.PartRust, "mycrate"}},
		{"legacy of Rust", cProgram, "", symbol{name: "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE"}, owner{result.PartRust, "core"}},
		{"legacy, split by LLVM", cProgram, "", symbol{name: "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE.llvm.123"}, owner{result.PartRust, "core"}},
		{"legacy, a type's trait", cProgram, "", symbol{name: "_ZN71_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE"}, owner{result.PartRust, "alloc"}},
		{"legacy, a trait of any type", cProgram, "", symbol{name: "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE"}, owner{result.PartRust, "core"}},
		{"C++", cProgram, "", symbol{name: "_ZN7rocksdb2DB4OpenEv"}, owner{result.PartCPP, "rocksdb"}},
		{"C++ without a namespace", cProgram, "", symbol{name: "_Z3addii"}, owner{result.PartC, elsewhere}},
		{"mangled, and cut", cProgram, "", symbol{name: "_RNvNtC7mycr"}, owner{result.PartC, elsewhere}},
		{"Go", goProgram, "", symbol{name: "github.com/x/y.table"}, owner{result.PartGo, "github.com/x/y"}},
		{"Go, data alone", goProgram, "", symbol{name: "github.com/x/data.table"}, owner{result.PartGo, "github.com/x/data"}},
		{"Go, by the compiler", goProgram, "", symbol{name: "go:func.*"}, owner{result.PartGo, byCompiler}},
		{"C in a program of Go", goProgram, "", symbol{name: "buffer.1234", local: true}, owner{result.PartC, elsewhere}},
		{"C, local", cProgram, "quic.c", symbol{name: "parse.constprop.0", local: true}, owner{result.PartC, "quic.c"}},
		{"C, global", cProgram, "quic.c", symbol{name: "parse"}, owner{result.PartC, elsewhere}},
		{"of a temporary object", cProgram, "ccXa81.ltrans0.o", symbol{name: "parse", local: true}, owner{result.PartC, elsewhere}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.namer.enter(tc.file)
			tc.symbol.kind = elf.STT_FUNC
			if got := tc.namer.ofSymbol(tc.symbol); got != tc.want {
				t.Errorf("%s: got %v, want %v", tc.symbol.name, got, tc.want)
			}
		})
	}
}

func TestLedgerGivesEachByteOnce(t *testing.T) {
	a, b, c := owner{"section", "a"}, owner{"go", "b"}, owner{"go", "c"}
	for _, tc := range []struct {
		name   string
		claims func(*ledger)
		want   []result.Part
	}{
		{"nothing claimed", func(*ledger) {}, []result.Part{{Kind: "file", Name: inNoSection, Bytes: 100}}},
		{"nested: the inner one", func(l *ledger) { l.claim(a, 0, 100); l.claim(b, 10, 30); l.claim(c, 15, 20) },
			[]result.Part{{Kind: "section", Name: "a", Bytes: 80}, {Kind: "go", Name: "b", Bytes: 15}, {Kind: "go", Name: "c", Bytes: 5}}},
		{"nested, entered inside out", func(l *ledger) { l.claim(c, 15, 20); l.claim(b, 10, 30); l.claim(a, 0, 100) },
			[]result.Part{{Kind: "section", Name: "a", Bytes: 80}, {Kind: "go", Name: "b", Bytes: 15}, {Kind: "go", Name: "c", Bytes: 5}}},
		{"nested, beginning together: the inner one", func(l *ledger) { l.claim(b, 0, 30); l.claim(a, 0, 100) },
			[]result.Part{{Kind: "section", Name: "a", Bytes: 70}, {Kind: "go", Name: "b", Bytes: 30}}},
		{"overlapping: the later one", func(l *ledger) { l.claim(b, 0, 60); l.claim(c, 40, 100) },
			[]result.Part{{Kind: "go", Name: "c", Bytes: 60}, {Kind: "go", Name: "b", Bytes: 40}}},
		{"gaps", func(l *ledger) { l.claim(b, 10, 20); l.claim(b, 90, 100) },
			[]result.Part{{Kind: "file", Name: inNoSection, Bytes: 80}, {Kind: "go", Name: "b", Bytes: 20}}},
		{"beyond the end", func(l *ledger) { l.claim(a, 50, 5000); l.claim(b, 200, 300) },
			[]result.Part{{Kind: "file", Name: inNoSection, Bytes: 50}, {Kind: "section", Name: "a", Bytes: 50}}},
		{"inverted and negative", func(l *ledger) { l.claim(a, 50, 40); l.claim(b, -5, 40) },
			[]result.Part{{Kind: "file", Name: inNoSection, Bytes: 100}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			tc.claims(l)
			if diff := cmp.Diff(tc.want, l.parts(100)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
