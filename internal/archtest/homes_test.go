package archtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// librariesStayAtHome wants a row in homes for every import of somebody else's code. Tests have the libraries of the
// package that they test, and those for tests.
func librariesStayAtHome(t tree) []string {
	var wrong []string
	for _, f := range t.files {
		for _, i := range f.imports() {
			if _, own := folderOf(i.path); own || standard(i.path) || f.test && forTests(i.path) || atHome(i.path, f.folder) {
				continue
			}
			if known := homeOf(i.path); known != "" {
				wrong = append(wrong, t.at(i.pos, "imports %s, whose home is %s: use that package, or add an exception with its reason to homes() of internal/archtest/house_test.go", i.path, known))
				continue
			}
			wrong = append(wrong, t.at(i.pos, "imports %s, which has no home: is the standard library really not enough? Then give it a row in homes() of internal/archtest/house_test.go", i.path))
		}
	}
	return wrong
}

// everyHomeIsLivedIn notices rows that were left behind.
func everyHomeIsLivedIn(t tree) []string {
	var wrong []string
	for _, h := range homes() {
		used := slices.ContainsFunc(t.files, func(f source) bool {
			return !f.test && f.folder == h.folder && slices.ContainsFunc(f.imports(), func(i imported) bool { return within(i.path, h.library) })
		})
		if !used {
			wrong = append(wrong, fmt.Sprintf("%s does not import %s: remove the row from homes() of internal/archtest/house_test.go", h.folder, h.library))
		}
	}
	return wrong
}

// standard tells whether a package is the standard library's: the others begin with a host.
func standard(library string) bool {
	first, _, _ := strings.Cut(library, "/")
	return !strings.Contains(first, ".")
}

func forTests(library string) bool {
	return slices.ContainsFunc(testLibraries(), func(prefix string) bool { return within(library, prefix) })
}

func atHome(library, folder string) bool {
	return slices.ContainsFunc(homes(), func(h home) bool { return h.folder == folder && within(library, h.library) })
}

func homeOf(library string) string {
	for _, h := range homes() {
		if within(library, h.library) {
			return h.folder
		}
	}
	return ""
}

func TestHomesCanFail(t *testing.T) {
	made := imagine(t, map[string]string{
		"internal/suite/s.go":        imports("suite", "github.com/BurntSushi/toml", "encoding/json"),
		"internal/suite/s_test.go":   imports("suite", "github.com/google/go-cmp/cmp", "github.com/spf13/cobra"),
		"internal/tomlfile/t.go":     imports("tomlfile", "github.com/BurntSushi/toml", "github.com/BurntSushi/tomlish"),
		"internal/refnode/r.go":      imports("refnode", "github.com/libp2p/go-libp2p/core/peer", "github.com/BurntSushi/toml"),
		"internal/refnode/r_test.go": imports("refnode", "github.com/libp2p/go-libp2p/core/test"),
		"cmd/perfgate/check.go":      imports("main", "github.com/google/go-cmp/cmp", "github.com/libp2p/go-libp2p"),
	})
	want(t, librariesStayAtHome(made),
		"cmd/perfgate/check.go:3: imports github.com/google/go-cmp/cmp, which has no home",
		"cmd/perfgate/check.go:4: imports github.com/libp2p/go-libp2p, whose home is internal/refnode",
		"internal/suite/s.go:3: imports github.com/BurntSushi/toml, whose home is internal/tomlfile",
		"internal/suite/s_test.go:4: imports github.com/spf13/cobra, whose home is cmd/perfgate",
		"internal/tomlfile/t.go:4: imports github.com/BurntSushi/tomlish, which has no home",
	)

	left := everyHomeIsLivedIn(made)
	if len(left) != len(homes())-3 {
		t.Errorf("of %d homes 3 are lived in, and %d are called empty: %q", len(homes()), len(left), left)
	}
	if text := "internal/stat does not import github.com/montanaflynn/stats"; !slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, text) }) {
		t.Errorf("nobody says that %s", text)
	}
}
