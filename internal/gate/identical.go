package gate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mostCompared bounds what is read of the files that nodes are started with, in bytes. What is larger counts as different: to
// measure is never wrong.
const mostCompared = 64 << 20

// identical tells whether the nodes of both sides are the same program, started with the same: the configuration is the same by
// itself, and so have to be the files of the project that arguments and variables name.
func (t *trial) identical() bool {
	base, head := t.base, t.head
	if base.binary.SHA256 == "" || base.binary.SHA256 != head.binary.SHA256 {
		return false
	}
	based, headed := words(base.Plan), words(head.Plan)
	for i := range based {
		if !sameFile(base.Project, based[i], head.Project, headed[i]) {
			return false
		}
	}
	return true
}

// words are all texts that a node is started with, as paths if they are such; the same number on both sides.
func words(p Plan) []string {
	node := p.Suite.Node
	all := append(append([]string{}, node.Args...), node.BootstrapArgs...)
	for _, scenario := range p.Suite.Scenarios {
		all = append(all, scenario.Args...)
	}
	for _, name := range slices.Sorted(maps.Keys(node.Env)) {
		all = append(all, node.Env[name])
	}
	for i, word := range all {
		if name, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(name, "-") {
			all[i] = value
		}
	}
	return all
}

// sameFile tells whether two words name files or folders of the same content, or both name none.
func sameFile(baseProject, baseWord, headProject, headWord string) bool {
	if strings.Contains(baseWord, "{") || baseWord == "" { // a placeholder: a folder of the run
		return true
	}
	base, err := content(within(baseProject, baseWord))
	if err != nil {
		return false
	}
	head, err := content(within(headProject, headWord))
	return err == nil && bytes.Equal(base, head)
}

func within(project, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(project, path)
}

var errTooMuch = errors.New("too much to compare")

// content is a hash over a file or a folder with all in it; nil where there is none of that name.
func content(path string) ([]byte, error) {
	if _, err := os.Lstat(path); err != nil {
		return nil, nil //nolint:nilerr // most words name no file
	}
	hash := sha256.New()
	left := int64(mostCompared)
	err := filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, at)
		if err != nil || entry.IsDir() {
			return err
		}
		_, _ = io.WriteString(hash, name+"\x00") // a hash takes everything
		if !entry.Type().IsRegular() {
			return errTooMuch
		}
		file, err := os.Open(at)
		if err != nil {
			return err
		}
		defer file.Close()
		n, err := io.Copy(hash, io.LimitReader(file, left+1))
		if left -= n; left < 0 {
			return errTooMuch
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}
