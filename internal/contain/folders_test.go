package contain_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/contain"
)

func TestSweepWhateverTheFolderIsCalled(t *testing.T) {
	for _, name := range []string{"run-01", "of [me]", "[", "ä ö"} {
		t.Run(name, func(t *testing.T) {
			run := filepath.Join(t.TempDir(), name)
			for _, folder := range []string{"node-0/storage", "node-1", "other/storage"} {
				if err := os.MkdirAll(filepath.Join(run, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range []string{"node-0/" + contain.LogFile, "node-1/" + contain.ConfigFile, "node-1/core", "node-2"} {
				if err := os.WriteFile(filepath.Join(run, file), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{filepath.Join(run, "node-0", "storage"), filepath.Join(run, "node-1", "core")}
			if got, err := contain.Leftovers(run); err != nil || !cmp.Equal(want, got) {
				t.Errorf("%v, %v", got, err)
			}
			if n, err := contain.Sweep(run); n != 2 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if got, err := contain.Leftovers(run); got != nil || err != nil {
				t.Errorf("left: %v, %v", got, err)
			}
		})
	}
	if got, err := contain.Leftovers(filepath.Join(t.TempDir(), "none")); got != nil || err != nil {
		t.Errorf("of no folder: %v, %v", got, err)
	}
}
