package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A repository may be checked out into a folder of the workspace, and a job of post needs no checkout at all.
func TestWhereAFileIsInItsRepository(t *testing.T) {
	workspace := t.TempDir()
	if err := os.MkdirAll(filepath.Join(workspace, "checkout", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ workspace, file, want string }{
		{workspace, "checkout/perf/perfgate.toml", "perf/perfgate.toml"},
		{workspace, "perf/perfgate.toml", "perf/perfgate.toml"},
		{workspace, "..perf/perfgate.toml", "..perf/perfgate.toml"},
		{"", "checkout/perfgate.toml", "perfgate.toml"},
		{"", "perf/perfgate.toml", "perfgate.toml"},
		{filepath.Join(workspace, "checkout"), "perf/perfgate.toml", "perfgate.toml"},
	} {
		t.Setenv("GITHUB_WORKSPACE", tc.workspace)
		if got, err := pathInRepository(filepath.Join(workspace, filepath.FromSlash(tc.file))); err != nil || got != tc.want {
			t.Errorf("%s in %q is %q, and not %q: %v", tc.file, tc.workspace, got, tc.want, err)
		}
	}
}
