package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/store"
)

// newResults makes a results directory and gives it back at once.
func newResults(t *testing.T, dir string, replace bool) error {
	t.Helper()
	claim, err := store.NewResults(dir, replace)
	if err == nil {
		err = claim.Close()
	}
	return err
}

func TestNewResultsReplacesOnlyWhatPerfgateMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := newResults(t, dir, false); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newResults(t, dir, false); !errors.Is(err, store.ErrExists) {
		t.Errorf("a full directory: %v", err)
	}
	if err := newResults(t, dir, true); err != nil {
		t.Errorf("a marked directory: %v", err)
	}
	if _, err := os.Stat(precious); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old content is still there: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, store.Marker)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(precious, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newResults(t, dir, true); !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("an unmarked directory: %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Errorf("a stranger's file is gone: %v", err)
	}
}

func TestAFolderThatCannotBeMadeNamesTheMend(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		claim, err := store.NewResults(dir, false)
		if claim != nil || err == nil || !strings.HasSuffix(err.Error(), "(choose another with --out, or set XDG_STATE_HOME)") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// TestResultsThatAreBeingMeasuredAreNotReplaced: the marker alone does not say that nobody needs the directory.
func TestResultsThatAreBeingMeasuredAreNotReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing is measured there, and nothing claimed")
	}
	dir := filepath.Join(t.TempDir(), "results")
	claim, err := store.NewResults(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	measured := filepath.Join(dir, "results.json")
	if err := os.WriteFile(measured, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newResults(t, dir, true); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a directory in use: %v", err)
	}
	if _, err := os.Stat(measured); err != nil {
		t.Errorf("another's results are gone: %v", err)
	}
	if err := claim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := newResults(t, dir, true); err != nil {
		t.Errorf("once it is given back: %v", err)
	}
}

// TestAFolderThatIsGivenBackSoonIsWaitedFor: one who was killed may have left it to a process that is about to begin.
func TestAFolderThatIsGivenBackSoonIsWaitedFor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing is measured there, and nothing claimed")
	}
	dir := t.TempDir()
	first, err := store.ClaimFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.ClaimFolder(dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("at once: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = first.Close() })
	second, err := store.AwaitFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
