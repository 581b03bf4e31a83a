package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// cacheBytes is how much of what was read the library keeps, to build others from.
const cacheBytes = 32 * cache.MiByte

// librarySource reads the object store of a repository itself.
//
// Note: it opens the store and not the repository. Git was asked where the store is and which commits the ends are, so linked
// work trees, bare repositories, and extensions that concern work trees or references are nothing that the library has to know.
type librarySource struct {
	store *filesystem.Storage
}

// newLibrarySource opens the store, or says why it is none for the library.
func newLibrarySource(ctx context.Context, at location) (*librarySource, error) {
	if at.format != "sha1" {
		return nil, fmt.Errorf("go-git does not read objects of format %s", at.format)
	}
	if at.shallow {
		return nil, errors.New("go-git does not see where a shallow clone ends")
	}
	if _, err := os.Stat(filepath.Join(at.common, "info", "grafts")); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("go-git does not know grafts")
	}
	replaced, err := git(ctx, at.dir, "for-each-ref", "--count=1", "refs/replace")
	if err != nil || replaced.stdout != "" {
		return nil, errors.New("go-git does not know replaced objects")
	}
	return &librarySource{filesystem.NewStorageWithOptions(osfs.New(at.common), cache.NewObjectLRU(cacheBytes), filesystem.Options{
		ExclusiveAccess: true, // what is added while it reads does not belong to the range
		KeepDescriptors: true, AlternatesFS: osfs.New("/"),
	})}, nil
}

func (*librarySource) reader() Reader { return LibraryReader }

func (s *librarySource) close() { _ = s.store.Close() } // it was only read from

func (s *librarySource) walk(ctx context.Context, good, bad string, firstParent bool) ([]node, error) {
	return paint(ctx, &painter{read: s.commit, firstParent: firstParent}, plumbing.NewHash(good), plumbing.NewHash(bad))
}

// commit reads a commit: what is told of it, its parents, and when it was committed.
func (s *librarySource) commit(hash plumbing.Hash) (*node, []plumbing.Hash, int64, error) {
	c, err := object.GetCommit(s.store, hash)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("commit %.10s: %w", hash, err)
	}
	n := &node{
		sha: hash.String(), tree: c.TreeHash.String(), title: readable(subject(c.Message)),
		author: readable(c.Author.Name), email: readable(c.Author.Email), date: c.Author.When.UTC(),
	}
	for _, p := range c.ParentHashes {
		n.parents = append(n.parents, p.String())
	}
	return n, c.ParentHashes, c.Committer.When.Unix(), nil
}

// subject is the first paragraph of a message in one line.
func subject(message string) string {
	var all []string
	for line := range strings.Lines(message) {
		line = strings.TrimRight(line, " \t\r\n\v\f")
		if line == "" && len(all) > 0 {
			break
		}
		if line != "" {
			all = append(all, line)
		}
	}
	return strings.Join(all, " ")
}

func (s *librarySource) tree(_ context.Context, id string) ([]treeEntry, error) {
	encoded, err := s.store.EncodedObject(plumbing.TreeObject, plumbing.NewHash(id))
	if err != nil {
		return nil, fmt.Errorf("folder %.10s: %w", id, err)
	}
	from, err := encoded.Reader()
	if err != nil {
		return nil, fmt.Errorf("folder %.10s: %w", id, err)
	}
	defer from.Close()
	raw, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("folder %.10s: %w", id, err)
	}
	return parseTree(raw, len(id)/2)
}
