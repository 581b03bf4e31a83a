package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

func TestPullOf(t *testing.T) {
	w := world()
	r := w.Repositories[0]
	r.Issues = append(r.Issues, &githubfake.Issue{
		Number: 3, By: "fork", Title: "to another base", Pull: &githubfake.Pull{HeadOwner: "fork", HeadBranch: "main", HeadSHA: forkSHA, Base: "topic"},
	}, &githubfake.Issue{
		Number: 4, By: "fork", Title: "closed", State: "closed", Pull: &githubfake.Pull{HeadOwner: "fork", HeadBranch: "done", HeadSHA: forkSHA, Base: "main"},
	})
	s, clock := start(t, githubfake.Options{World: w})
	c := client(t, s, clock, appToken)
	got, err := c.PullOf(t.Context(), repository, "fork", "main", forkSHA)
	if err != nil {
		t.Fatal(err)
	}
	want := github.Pull{
		Number: 2, HeadSHA: forkSHA, HeadOwner: "fork", HeadBranch: "main", BaseBranch: "main", BaseSHA: mainSHA, Fork: true, Open: true,
		Author: "fork", URL: "https://github.example/octo/perf/pull/2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pull request (-want +got):\n%s", diff)
	}
	if got, err := c.PullOf(t.Context(), repository, "octo", "topic", topicSHA); err != nil || got.Number != 1 || got.Fork {
		t.Errorf("of its own: %+v, %v", got, err)
	}
	for name, test := range map[string]struct {
		owner, branch, sha string
		want               error
	}{
		"it has gone on":    {"fork", "main", mainSHA, github.ErrMoved},
		"another branch":    {"fork", "other", forkSHA, github.ErrNotFound},
		"another owner":     {"mallory", "main", forkSHA, github.ErrNotFound},
		"closed":            {"fork", "done", forkSHA, github.ErrNotFound},
		"no owner":          {"", "main", forkSHA, github.ErrNotFound},
		"an owner and more": {"fork:x&state=all", "main", forkSHA, nil},
		"a short SHA":       {"fork", "main", forkSHA[:7], nil},
	} {
		if got, err := c.PullOf(t.Context(), repository, test.owner, test.branch, test.sha); err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestPullsOfCommit(t *testing.T) {
	w := world()
	r := w.Repositories[0]
	r.Issues[0].State, r.Issues[0].Pull.Merged = "closed", mainSHA
	s, clock := start(t, githubfake.Options{World: w})
	c := client(t, s, clock, appToken)
	for sha, want := range map[string][]int{mainSHA: {1}, forkSHA: {2}, topicSHA: nil} {
		found, err := c.PullsOfCommit(t.Context(), repository, sha)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, p := range found {
			got = append(got, p.Number)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sha, diff)
		}
	}
}

func TestFiles(t *testing.T) {
	w := world()
	r := w.Repositories[0]
	many := githubfake.Files{"large": strings.Repeat("x", 1<<20+1), "docs/ü und &.md": "é", "empty": ""}
	for i := range 250 {
		many[fmt.Sprintf("many/%03d", i)] = "x"
	}
	sha := r.Push("topic", "many", many)
	s, clock := start(t, githubfake.Options{World: w})
	c, ctx := client(t, s, clock, appToken), t.Context()
	for _, test := range []struct{ path, ref, want, err string }{
		{path: "baselines.toml", ref: "main", want: "old\n"},
		{path: "docs/ü und &.md", ref: "topic", want: "é"},
		{path: "docs/a.md", ref: mainSHA, want: "a\n"},
		{path: "empty", ref: "topic", want: ""},
		{path: "none", ref: "main", err: "404"},
		{path: "baselines.toml", ref: "none", err: "No commit found"},
		{path: "docs", ref: "main", err: "it is no file"},
		{path: "large", ref: "topic", err: "up to 1 MB"},
		{path: "../x", ref: "main", err: "no path of a file"},
		{path: "x", ref: "a..b", err: "no name of a branch"},
	} {
		got, err := c.File(ctx, repository, test.path, test.ref)
		if test.err == "" && (err != nil || string(got) != test.want) {
			t.Errorf("%s at %s: %q, %v", test.path, test.ref, got, err)
		}
		if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s at %s: error %v, and %q was wanted", test.path, test.ref, err, test.err)
		}
	}
	if _, err := c.File(ctx, repository, "none", "main"); !errors.Is(err, github.ErrNotFound) {
		t.Errorf("no such file: %v", err)
	}
	// 253 files of the commit; the pull request adds docs/b.md and removes docs/a.md besides.
	if got, err := c.FilesOfCommit(ctx, repository, sha); err != nil || len(got) != 253 || got[252].Path != "many/249" || got[252].Status != "added" {
		t.Errorf("%d files of the commit, %v", len(got), err)
	}
	if got, err := c.FilesOfPull(ctx, repository, 1); err != nil || len(got) != 255 || got[0].Path != "docs/a.md" || got[0].Status != "removed" {
		t.Errorf("%d files of the pull request, %v", len(got), err)
	}
}

func TestArtifacts(t *testing.T) {
	s, clock := start(t, githubfake.Options{Faults: githubfake.Seeded(3, 0.4, 8)})
	c, ctx := client(t, s, clock, appToken), t.Context()
	got, err := c.Artifacts(ctx, repository, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := []github.Artifact{{ID: 70, Name: "results", Size: 12, HeadSHA: forkSHA}, {ID: 71, Name: "old", Expired: true, HeadSHA: forkSHA}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("artifacts (-want +got):\n%s", diff)
	}
	content, err := c.Download(ctx, repository, 70, 12)
	if err != nil || string(content) != "PK and so on" {
		t.Errorf("%q, %v", content, err)
	}
	if content, err := c.Download(ctx, repository, 70, 11); err == nil || content != nil || !strings.Contains(err.Error(), "larger than 11 bytes") {
		t.Errorf("one that is too large: %q, %v", content, err)
	}
	for id, want := range map[int64]string{71: "410", 72: "404"} {
		if _, err := c.Download(ctx, repository, id, 100); !errors.Is(err, github.ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("artifact %d: %v", id, err)
		}
	}
}

// TestArchiveOnTheSameHost has an Enterprise server that keeps archives itself, beside its API: they must not see the token either.
func TestArchiveOnTheSameHost(t *testing.T) {
	var shown string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v3/") {
			http.Redirect(w, r, "/archives/70?signature=s3cret", http.StatusFound)
			return
		}
		shown = r.Header.Get("Authorization")
		_, _ = w.Write([]byte("PK and so on")) // the client notices
	}))
	t.Cleanup(server.Close)
	c, err := github.New(github.Options{BaseURL: server.URL + "/api/v3", Token: appToken})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	content, err := c.Download(t.Context(), repository, 70, 100)
	if err != nil || string(content) != "PK and so on" || shown != "" {
		t.Errorf("%q, %v; the archive was asked for with %q", content, err, shown)
	}
}

// TestSignedAddressStaysSecret lets the download of an artifact fail: its address is a secret of its own.
func TestSignedAddressStaysSecret(t *testing.T) {
	s, clock := start(t, githubfake.Options{Faults: func(r *http.Request) githubfake.Fault {
		if strings.HasPrefix(r.URL.Path, "/repos/") {
			return githubfake.Fine
		}
		return githubfake.ResetBefore
	}})
	_, err := client(t, s, clock, appToken).Download(t.Context(), repository, 70, 100)
	if !errors.Is(err, github.ErrUnavailable) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}
