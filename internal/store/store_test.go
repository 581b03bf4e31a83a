package store_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/store"
)

func TestWriteFileKeepsTheOldContentWhenWritingFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "results.json")
	write := func(text string, fail error) error {
		return store.WriteFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	if err := write("old", nil); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if err := write("new", full); !errors.Is(err, full) {
		t.Fatalf("got %v", err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || string(raw) != "old" {
		t.Errorf("%q, %v", raw, err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestPointLatestMoves(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := store.PointLatest(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.Readlink(filepath.Join(dir, "latest")); got != name || err != nil {
			t.Errorf("latest is %q, %v", got, err)
		}
	}
}

func TestHomeFollowsXDG(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	one, err := store.Home("/projects/one")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := store.Home("/elsewhere/one")
	if !strings.HasPrefix(one, filepath.Join(state, "perfgate", "one-")) || one == two {
		t.Errorf("%s, %s", one, two)
	}
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", home)
	if got, _ := store.Home("/projects/one"); !strings.HasPrefix(got, filepath.Join(home, ".local", "state", "perfgate")) {
		t.Errorf("%s", got)
	}
}

func TestStampedNameSorts(t *testing.T) {
	early, late := store.StampedName(time.Unix(1, 0)), store.StampedName(time.Unix(1000, 0))
	if early >= late {
		t.Errorf("%s, %s", early, late)
	}
}
