package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A git that is killed while it makes a work tree leaves notes of it that are begun and not filled: the folder of the notes, then the reason
// of its lock, then where it is, then what is checked out, then where the repository is. Git can not remove such notes, prunes none that are
// locked, and dies of some of them at each look at the repository's work trees.

// removeHalfMade removes the notes of a work tree at path that was to be locked with a reason, where they are begun and not filled. Those that
// do not yet say where the work tree is are known by its name and the reason, and are looked at twice: another git may be making one of that name.
func removeHalfMade(common, path, reason string) error {
	begun, err := halfMadeNotes(common, path, reason)
	if len(begun) == 0 || err != nil {
		return err
	}
	time.Sleep(halfMadeLooks * halfMadePeriod)
	still, err := halfMadeNotes(common, path, reason)
	for _, notes := range still {
		if slices.Contains(begun, notes) {
			err = errors.Join(err, os.RemoveAll(notes))
		}
	}
	return err
}

// halfMadeNotes are the folders of such notes.
func halfMadeNotes(common, path, reason string) ([]string, error) {
	folder := filepath.Join(common, "worktrees")
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for half made work trees: %w", err)
	}
	var all []string
	for _, entry := range entries {
		notes := filepath.Join(folder, entry.Name())
		where := noteText(notes, "gitdir")
		switch {
		case noteText(notes, "HEAD") != "" && noteText(notes, "commondir") != "": // git can tell of it
		case where != "" && where != filepath.ToSlash(filepath.Join(path, ".git")): // another one's
		case where == "" && !nameless(notes, entry.Name(), path, reason):
		default:
			all = append(all, notes)
		}
	}
	return all, nil
}

// nameless tells notes that do not say where the work tree is, and are of the one at path: git names them as its folder, with a number where
// the name is taken, and writes the reason first.
func nameless(notes, name, path, reason string) bool {
	number, named := strings.CutPrefix(name, filepath.Base(path))
	locked := noteText(notes, "locked")
	return named && strings.Trim(number, "0123456789") == "" && (locked == "" || locked == reason)
}

// noteText is what one of git's notes says, "" when it is empty or not there.
func noteText(notes, name string) string {
	raw, _ := os.ReadFile(filepath.Join(notes, name)) // what can not be read says nothing
	return strings.TrimSpace(string(raw))
}
