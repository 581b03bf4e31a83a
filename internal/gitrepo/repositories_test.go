package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// mayGit is git where the case needs a newer one than there may be.
func mayGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(string(out), "\n")
		t.Skipf("this git is too old for git %v: %s", args, line)
	}
}

// mergedGraph is the range of merged, as lines writes it.
const mergedGraph = "good [] A, one [0] A, two [1] B, a [1] A, b [3] C, first [2 4] D merge #12, three [5] C #13, early [] E, second [6 7] F merge, last [8] F"

func TestARangeIsReadInEveryKindOfRepository(t *testing.T) {
	for name, tc := range map[string]struct {
		options []string                                       // of git init
		arrange func(t *testing.T, dir string) (reader string) // where to read; dir is bare
		by      gitrepo.Reader
	}{
		"a bare one":                 {arrange: func(_ *testing.T, dir string) string { return dir }, by: gitrepo.LibraryReader},
		"packed":                     {arrange: packed, by: gitrepo.LibraryReader},
		"a clone":                    {arrange: clone(), by: gitrepo.LibraryReader},
		"a folder within":            {arrange: within, by: gitrepo.LibraryReader},
		"with a shared object store": {arrange: clone("--shared"), by: gitrepo.LibraryReader},
		"with a shared object store twice over": {
			arrange: twiceShared, by: gitrepo.ProgramReader,
		},
		"a linked work tree": {arrange: linked, by: gitrepo.LibraryReader},
		"a linked work tree with relative links": {
			arrange: relative, by: gitrepo.LibraryReader,
		},
		"a sparse checkout": {
			arrange: sparse, by: gitrepo.LibraryReader,
		},
		"without files of old commits":   {arrange: partial("blob:none"), by: gitrepo.LibraryReader},
		"without folders of old commits": {arrange: partial("tree:0"), by: gitrepo.ProgramReader},
		"with sha256":                    {options: []string{"--object-format=sha256"}, arrange: packed, by: gitrepo.ProgramReader},
		"with reftable":                  {options: []string{"--ref-format=reftable"}, arrange: packed, by: gitrepo.LibraryReader},
	} {
		t.Run(name, func(t *testing.T) {
			if len(tc.options) > 0 {
				mayGit(t, t.TempDir(), append([]string{"init", "--bare"}, tc.options...)...)
			}
			dir, sha := tell(t, merged(), tc.options...)
			git(t, dir, nil, "-c", "user.name=a", "-c", "user.email=a@example.org", "tag", "-a", "-m", "a tag of its own", "v1", "good")
			dir = tc.arrange(t, dir)
			plan := gitrepo.RangePlan{Good: "v1", Bad: "HEAD", AllParents: true, Paths: []string{"src"}}
			if name == "a folder within" {
				plan.Paths = []string{"../src"}
			}
			got, err := gitrepo.ReadRange(t.Context(), dir, plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(mergedGraph, ", "), lines(got, sha)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got.Reader != tc.by || (got.Fallback != nil) != (tc.by == gitrepo.ProgramReader) {
				t.Errorf("read by %s, and wanted: %s; %v", got.Reader, tc.by, got.Fallback)
			}
			plan.Reader = gitrepo.ProgramReader
			again, err := gitrepo.ReadRange(t.Context(), dir, plan)
			if diff := cmp.Diff(got, again, cmpopts.IgnoreFields(gitrepo.Range{}, "Reader", "Fallback")); err != nil || diff != "" {
				t.Errorf("%v, -%s +git\n%s", err, got.Reader, diff)
			}
		})
	}
}

func packed(t *testing.T, dir string) string {
	t.Helper()
	git(t, dir, nil, "repack", "-adq")
	git(t, dir, nil, "pack-refs", "--all")
	return dir
}

// clone makes a clone with a work tree.
func clone(options ...string) func(t *testing.T, dir string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		to, from := filepath.Join(t.TempDir(), "clone"), "file://"+dir
		if len(options) > 0 && options[0] == "--shared" {
			from = dir
		}
		git(t, ".", nil, append(append([]string{"clone", "-q"}, options...), from, to)...)
		return to
	}
}

func partial(filter string) func(t *testing.T, dir string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		git(t, dir, nil, "config", "uploadpack.allowFilter", "true")
		git(t, dir, nil, "config", "uploadpack.allowAnySHA1InWant", "true")
		return clone("--filter="+filter, "--no-checkout")(t, dir)
	}
}

func linked(t *testing.T, dir string) string {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "tree")
	git(t, clone()(t, dir), nil, "worktree", "add", "-q", "--detach", tree)
	return tree
}

func twiceShared(t *testing.T, dir string) string {
	t.Helper()
	return clone("--shared")(t, clone("--shared")(t, dir))
}

func relative(t *testing.T, dir string) string {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "tree")
	mayGit(t, clone()(t, dir), "worktree", "add", "--relative-paths", "--detach", tree)
	return tree
}

func sparse(t *testing.T, dir string) string {
	t.Helper()
	dir = clone()(t, dir)
	mayGit(t, dir, "sparse-checkout", "set", "src")
	if set := git(t, dir, nil, "config", "extensions.worktreeConfig"); set != "true" {
		t.Errorf("this is a case for nothing: %q", set)
	}
	return dir
}

func within(t *testing.T, dir string) string {
	t.Helper()
	dir = filepath.Join(clone()(t, dir), "tools")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWhatIsNoRangeSaysWhatToDo(t *testing.T) {
	history := append(merged(), told{name: "stranger", files: write1("9")}, told{name: "end", parents: []string{"last"}, files: docs("4")})
	bare, sha := tell(t, history)
	work := clone("--no-single-branch")(t, bare)
	shallow := clone("--depth=3", "--branch=first")(t, bare)
	git(t, shallow, nil, "fetch", "-q", "--depth=1", "origin", "good:refs/heads/good")
	offline := partial("tree:0")(t, bare)
	git(t, offline, nil, "config", "remote.origin.url", "file:///nonexistent")
	torn := clone()(t, bare)
	remove(t, torn, sha["two"])
	bald := clone()(t, bare)
	remove(t, bald, git(t, bald, nil, "rev-parse", sha["three"]+":src"))
	for _, tc := range []struct {
		name, dir     string
		plan          gitrepo.RangePlan
		problem, mend string
	}{
		{"reversed", work, gitrepo.RangePlan{Good: "HEAD", Bad: "origin/good"}, "reversed", "swap them: origin/good..HEAD"},
		{"empty", work, gitrepo.RangePlan{Good: "HEAD", Bad: "origin/end"}, "empty: both ends are commit", "older good end"},
		{
			"each has its own", work, gitrepo.RangePlan{Good: "origin/early", Bad: "origin/three"}, "not contained in the bad one",
			sha["old"][:12] + "..origin/three, if that is good too",
		},
		{"unrelated", work, gitrepo.RangePlan{Good: "origin/stranger", Bad: "HEAD"}, "unrelated", "of one history"},
		{"cut off", shallow, gitrepo.RangePlan{Good: "good", Bad: "HEAD"}, "shallow clone", "fetch-depth: 0"},
		{"paths that are not there", work, gitrepo.RangePlan{Good: "HEAD~2", Bad: "HEAD", Paths: []string{"crates/", "Cargo.toml"}}, `["crates/" "Cargo.toml"]`, "subject.paths"},
		{"a path outside", work, gitrepo.RangePlan{Good: "HEAD~2", Bad: "HEAD", Paths: []string{"../x"}}, "outside", "subject.paths"},
		{"no pattern", work, gitrepo.RangePlan{Good: "HEAD~2", Bad: "HEAD", Paths: []string{"a[b"}}, "no pattern", `\[`},
		{"a remote out of reach", offline, gitrepo.RangePlan{Good: "HEAD~2", Bad: "HEAD", Paths: []string{"src"}}, "cannot be read", "partial clone"},
		{"a commit is missing", torn, gitrepo.RangePlan{Good: sha["good"], Bad: "HEAD"}, "cannot be read", "git fsck"},
		{"a folder is missing", bald, gitrepo.RangePlan{Good: sha["good"], Bad: "HEAD", Paths: []string{"src/main"}}, "cannot be read", "git fsck"},
	} {
		for _, reader := range []gitrepo.Reader{gitrepo.AnyReader, gitrepo.LibraryReader, gitrepo.ProgramReader} {
			t.Run(tc.name+" by "+reader.String(), func(t *testing.T) {
				tc.plan.Reader = reader
				got, err := gitrepo.ReadRange(t.Context(), tc.dir, tc.plan)
				wrong, ok := errors.AsType[*gitrepo.RangeError](err)
				if !ok || len(got.Commits) > 0 {
					t.Fatalf("%+v, %v", got, err)
				}
				if reader == gitrepo.LibraryReader && wrong.Cause != nil {
					return // it has its own words for what it cannot read
				}
				if !strings.Contains(wrong.Problem, tc.problem) || !strings.Contains(wrong.Mend, tc.mend) {
					t.Errorf("%v\nwanted: %q and %q", err, tc.problem, tc.mend)
				}
			})
		}
	}
}

// remove takes an object away, wherever it is.
func remove(t *testing.T, dir, id string) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "pack", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		aside := filepath.Join(t.TempDir(), "pack")
		if err := os.Rename(pack, aside); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(strings.TrimSuffix(pack, ".pack") + ".idx"); err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(aside)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("git", "unpack-objects", "-q")
		cmd.Dir, cmd.Stdin = dir, in
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		in.Close()
	}
	if err := os.Remove(filepath.Join(dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
}

func TestAShallowCloneThatIsDeepEnoughIsRead(t *testing.T) {
	bare, sha := tell(t, merged())
	dir := clone("--depth=4", "--branch=first")(t, bare)
	got, err := gitrepo.ReadRange(t.Context(), dir, gitrepo.RangePlan{Good: sha["good"], Bad: "HEAD", AllParents: true})
	if err != nil || got.Reader != gitrepo.ProgramReader {
		t.Fatalf("%v, by %s", err, got.Reader)
	}
	if diff := cmp.Diff("good [] A, one [0] B, two [1] C, a [1] D, b [3] E, first [2 4] F merge #12", strings.Join(lines(got, sha), ", ")); diff != "" {
		t.Error(diff)
	}
}

func TestReplacedCommitsAreReadAsGitShowsThem(t *testing.T) {
	bare, sha := tell(t, merged())
	git(t, bare, nil, "replace", "--graft", sha["three"], sha["two"])
	got, err := gitrepo.ReadRange(t.Context(), bare, gitrepo.RangePlan{Good: "good", Bad: "last"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("good [] A, one [0] B, two [1] C, three [2] D #13, second [3] E merge, last [4] F", strings.Join(lines(got, sha), ", ")); diff != "" {
		t.Error(diff)
	}
	if got.Reader != gitrepo.ProgramReader || got.Fallback == nil {
		t.Errorf("read by %s, %v", got.Reader, got.Fallback)
	}
}

func TestAGoodEndOfAReleaseBranchIsOffTheLine(t *testing.T) {
	dir, sha := tell(t, merged())
	for good, want := range map[string]string{
		"early": "early [] A, good [0] B, one [1] C, two [2] D, first [3] E merge #12, three [4] F #13, second [5] G merge, last [6] H",
		"b":     "b [] A, two [0] B, first [1] C merge #12, three [2] A #13, second [3] D merge, last [4] E",
	} {
		for _, reader := range []gitrepo.Reader{gitrepo.LibraryReader, gitrepo.ProgramReader} {
			got, err := gitrepo.ReadRange(t.Context(), dir, gitrepo.RangePlan{Good: good, Bad: "last", Reader: reader})
			if err != nil || !got.OffLine {
				t.Fatalf("off the line: %v, %v", got.OffLine, err)
			}
			if diff := cmp.Diff(want, strings.Join(lines(got, sha), ", ")); diff != "" {
				t.Errorf("by %s: %s", reader, diff)
			}
		}
	}
}

func TestPathsThatNameNothingAreTold(t *testing.T) {
	dir, _ := tell(t, merged())
	got, err := gitrepo.ReadRange(t.Context(), dir, gitrepo.RangePlan{Good: "good", Bad: "last", Paths: []string{"src/", "Cargo.lock", "nowhere/**/*.go", "src/ma?n"}})
	if diff := cmp.Diff([]string{"Cargo.lock", "nowhere/**/*.go"}, got.Unmatched); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestAnInterruptedReadSaysSo(t *testing.T) {
	dir, _ := tell(t, merged())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gitrepo.ReadRange(ctx, dir, gitrepo.RangePlan{Good: "good", Bad: "last"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
