package hunt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/store"
)

// shelf keeps what was built in a hunt, so that all its searches share it, and none that is cut short builds it again. What is
// there is whole: the binary comes first, then the note that tells of it.
type shelf struct{ dir string }

// made is what came of building a commit.
type made struct {
	// Reason says why it does not build; "" when it does, and then all that follows is there.
	Reason string `json:"reason,omitempty"`
	// Code is the hash of what the program does, SHA256 that of the file, Size its bytes; empty when the suite names no binary.
	Code   string `json:"code,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
	// Patched says that the hunt's patch applied.
	Patched bool `json:"patched,omitempty"`
}

// entry names the build of a commit with a layout, 0 for the usual one.
func (s shelf) entry(commit string, layout int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s-%d", commit, layout))
}

// binary is the file of a build.
func (s shelf) binary(commit string, layout int) string { return s.entry(commit, layout) + ".bin" }

// get tells of a build that is there.
func (s shelf) get(commit string, layout int) (made, bool) {
	var m made
	if err := readJSON(s.entry(commit, layout)+".json", &m); err != nil {
		return made{}, false
	}
	if m.SHA256 == "" {
		return m, true
	}
	_, err := os.Stat(s.binary(commit, layout))
	return m, err == nil // a hunt that was cleaned builds again
}

// put keeps a build; from is its binary, "" when there is none.
func (s shelf) put(commit string, layout int, m made, from string) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("keep what was built: %w", err)
	}
	if from != "" {
		target := s.binary(commit, layout)
		if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep what was built: %w", err)
		}
		if err := s.copy(from, target, m.SHA256); err != nil {
			return fmt.Errorf("keep what was built: %w", err)
		}
	}
	return writeJSON(s.entry(commit, layout)+".json", m)
}

// copy copies a binary, or makes it another name of an equal one that is there.
func (s shelf) copy(from, to, sha256 string) error {
	notes, err := fs.Glob(os.DirFS(s.dir), "*.json")
	if err != nil {
		return err
	}
	for _, name := range notes {
		var other made
		note := filepath.Join(s.dir, name)
		same := strings.TrimSuffix(note, ".json") + ".bin"
		if readJSON(note, &other) == nil && other.SHA256 == sha256 && os.Link(same, to) == nil {
			return nil
		}
	}
	return copyFile(from, to, 0o755)
}

// copyFile copies a file and syncs it, under its name only when it is whole.
func copyFile(from, to string, mode fs.FileMode) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	temporary := to + ".part"
	target, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if err := errors.Join(err, target.Sync(), target.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return os.Rename(temporary, to)
}

func writeWhole(path string, content []byte) error {
	return store.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// hashOf is a hash over texts, in hexadecimal.
func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
