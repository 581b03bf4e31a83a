package tomlfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/tomlfile"
)

func TestCutKeepsTheLines(t *testing.T) {
	for _, tc := range []struct{ name, text, rest, taken string }{
		{"in the middle", "a = 1\n[n]\nm = '/m'\n[n.m] # c\nx = 1\n[o]\nz = 1", "a = 1\n[n]\nm = '/m'\n\n\n[o]\nz = 1", "\n\n\n[n.m] # c\nx = 1\n\n"},
		{"at the end, with tables inside", "[n]\n[ n . 'm' ]\r\n[n.m.x]\ny = 1", "[n]\n\n\n", "\n[ n . 'm' ]\r\n[n.m.x]\ny = 1"},
		{"twice", "[n.m]\n[o]\n[n.m]\n", "\n[o]\n\n", "[n.m]\n\n[n.m]\n"},
		{"another table", "[n.mm]\nm = 1\n", "[n.mm]\nm = 1\n", "\n\n"},
		{"in a string", "a = \"\"\"\n[n.m]\n\"\"\"", "a = \"\"\"\n[n.m]\n\"\"\"", "\n\n"},
		{"byte order mark", "\ufeff[n.m]\nx = 1", "\ufeff\n", "[n.m]\nx = 1"},
		{"no table at all", "a = 1", "a = 1", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rest, taken := tomlfile.Cut([]byte(tc.text), tomlfile.At("n", "m"))
			if diff := cmp.Diff([]string{tc.rest, tc.taken}, []string{string(rest), string(taken)}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
