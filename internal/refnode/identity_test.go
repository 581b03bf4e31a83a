package refnode

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIdentityIsKept(t *testing.T) {
	options := testOptions()
	options.Storage = filepath.Join(t.TempDir(), "not", "there", "yet")
	first := start(t, options)
	stop(t, first)
	if again := start(t, options); again.ID() != first.ID() {
		t.Errorf("identity %s after a restart, want %s", again.ID(), first.ID())
	}

	file, err := os.Stat(filepath.Join(options.Storage, identityFile))
	if err != nil {
		t.Fatal(err)
	}
	if mode := file.Mode(); mode != 0o600 {
		t.Errorf("mode of the key file %v, want %v", mode, fs.FileMode(0o600))
	}
	left, err := filepath.Glob(filepath.Join(options.Storage, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(options.Storage, identityFile)}, left); diff != "" {
		t.Errorf("files in the storage (-want +got):\n%s", diff)
	}
}

func TestIdentityWithoutStorageIsNew(t *testing.T) {
	if one, other := start(t, testOptions()), start(t, testOptions()); one.ID() == other.ID() {
		t.Errorf("two nodes are both %s", one.ID())
	}
}

func TestIdentityThatIsNone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, identityFile)
	if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := loadIdentity(dir)
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("error %v, want one that names %s and the mend", err, path)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "no key" {
		t.Errorf("the file became %q, %v; want it untouched", data, err)
	}
}
