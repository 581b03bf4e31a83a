package gitrepo

import (
	"context"
	"errors"
	"time"
)

// RangePlan says which commits a bisection looks at.
type RangePlan struct {
	// Good and Bad are revisions as their user wrote them; see ParseRange.
	Good, Bad string
	// AllParents asks for every commit that the bad end contains and the good one does not. Otherwise it is the first-parent
	// line of the bad end alone: what was merged counts as one commit, the merge.
	AllParents bool
	// Paths are what the subject is made of, relative to the folder that ReadRange is called for, with slashes: a path stands
	// for all that begins with it, in * and ? and [] for any name of a folder or file, in ** for any number of folders. None
	// means everything.
	Paths []string
	// Reader is who reads the history; the zero value chooses.
	Reader Reader
}

// Inside is the plan of a search within a merge, named by its SHA: what the merge brought in, with its first parent as the
// good end.
func (p RangePlan) Inside(merge string) RangePlan {
	p.Good, p.Bad, p.AllParents = merge+"^1", merge, true
	return p
}

// Reader is a way to read a history. All give the same ranges.
type Reader int

// The readers.
const (
	AnyReader     Reader = iota // the library where it can, or else the program
	LibraryReader               // go-git, by a walk of perfgate's own
	ProgramReader               // git itself
)

// String names the reader.
func (r Reader) String() string { return [...]string{"any", "go-git", "git"}[r] }

// Range is what a bisection searches.
type Range struct {
	Good, Bad Commit
	// Commits begin with the good end and end with the bad one; parents come before their children, and what a merge brought
	// in stands right before it.
	Commits []RangeCommit
	// OffLine says that the good end is contained in the bad one but not on its first-parent line, as a tag of a release branch
	// that was merged: then the second of Commits may not contain the first. It is never set with AllParents.
	OffLine bool
	// Unmatched are those of the plan's paths that name nothing in any commit of the range.
	Unmatched []string
	// Reader is who has read it, Fallback why that was not the library although it might have been, or nil.
	Reader   Reader
	Fallback error
}

// RangeCommit is one commit of a range.
type RangeCommit struct {
	// SHA is its whole name.
	SHA string
	// Parents are its parents within the range, as indices of Range.Commits, rising. On a first-parent line it is the
	// commit before. The good end has none, nor has a commit whose parents are all older than the good end.
	Parents []int
	// Title is the first paragraph of its message in one line. Title, Author and Email are without what a terminal would act on.
	Title, Author, Email string
	// Date is when its author wrote it, in UTC; the zero time if it says none.
	Date time.Time
	// PullRequest is the number that its title tells, 0 when it tells none.
	PullRequest int
	// Class is equal in commits that are one program: what the plan's paths name is equal in them. They need not stand side by
	// side: what was taken back is the old program again. It is never "".
	Class string
	// Merge says that it has more than one parent, in the range or not.
	Merge bool
}

// ReadRange reads the commits of a range in the repository around dir, which may be bare. A *RevisionError says that an end
// is no commit, a *RangeError that the two are no range to search, or that it cannot be read; both with the mend.
func ReadRange(ctx context.Context, dir string, plan RangePlan) (Range, error) {
	good, err := Resolve(ctx, dir, plan.Good)
	if err != nil {
		return Range{}, err
	}
	bad, err := Resolve(ctx, dir, plan.Bad)
	if err != nil {
		return Range{}, err
	}
	at, err := locate(ctx, dir)
	if err != nil {
		return Range{}, err
	}
	asked := asked{plan: plan, good: good, bad: bad, at: at}
	patterns, err := asked.patterns()
	if err != nil {
		return Range{}, err
	}
	return asked.read(ctx, patterns)
}

// read lets the library read, and the program where the library cannot.
func (a asked) read(ctx context.Context, patterns []pattern) (Range, error) {
	var fallback error
	if a.plan.Reader != ProgramReader {
		found, err := a.readByLibrary(ctx, patterns)
		if _, told := errors.AsType[*RangeError](err); err == nil || told || a.plan.Reader == LibraryReader || ctx.Err() != nil {
			return found, a.unreadable(ctx, err)
		}
		fallback = err
	}
	source := newProgramSource(a.at)
	defer source.close()
	found, err := a.readBy(ctx, source, patterns)
	if err != nil {
		return Range{}, a.unreadable(ctx, err)
	}
	found.Fallback = fallback
	return found, nil
}

func (a asked) readByLibrary(ctx context.Context, patterns []pattern) (Range, error) {
	source, err := newLibrarySource(ctx, a.at)
	if err != nil {
		return Range{}, err
	}
	defer source.close()
	return a.readBy(ctx, source, patterns)
}

func (a asked) readBy(ctx context.Context, source source, patterns []pattern) (Range, error) {
	nodes, err := source.walk(ctx, a.good.SHA, a.bad.SHA, !a.plan.AllParents)
	if err != nil {
		return Range{}, err
	}
	line, err := a.arrange(ctx, nodes)
	if err != nil {
		return Range{}, err
	}
	contents := newContents(source, patterns)
	if err := contents.readAll(ctx, line.nodes); err != nil {
		return Range{}, err
	}
	if err := contents.check(a); err != nil {
		return Range{}, err
	}
	return Range{
		Good: a.good, Bad: a.bad, Commits: line.commits(contents.of), OffLine: line.off, Unmatched: contents.unmatched(), Reader: source.reader(),
	}, nil
}

// source reads commits and trees of one repository.
type source interface {
	// walk returns the commits that bad contains and good does not, in any order, or those of bad's first-parent line alone.
	// The good end comes first, beside them; the bad one is missing when good contains it.
	walk(ctx context.Context, good, bad string, firstParent bool) ([]node, error)
	// tree returns the entries of a tree.
	tree(ctx context.Context, id string) ([]treeEntry, error)
	reader() Reader
	close()
}

// node is a commit as it is stored.
type node struct {
	sha, tree            string
	parents              []string
	title, author, email string
	date                 time.Time
}

// treeEntry is a file, a folder, a link or a submodule.
type treeEntry struct {
	name, id string
	mode     uint32
}

const folderMode = 0o40000
