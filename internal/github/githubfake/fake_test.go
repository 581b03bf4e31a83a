package githubfake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github/githubfake"
)

var sha = strings.Repeat("1", 40)

func world() *githubfake.World {
	w := &githubfake.World{
		Accounts: []githubfake.Account{
			{Token: "app", Login: "ci[bot]", App: true}, {Token: "user", Login: "octo"},
			{Token: "fork", Login: "ci[bot]", App: true, ReadOnly: true}, {Token: "some", Login: "ci[bot]", App: true, Denied: []string{"checks"}},
		},
		Repositories: []*githubfake.Repository{{
			Owner: "octo", Name: "perf", Commits: []*githubfake.Commit{{SHA: sha, Files: githubfake.Files{"a": "1"}}},
			Branches: map[string]string{"main": sha},
			Issues:   []*githubfake.Issue{{Number: 1, By: "octo", Title: "one", Pull: &githubfake.Pull{HeadOwner: "fork", HeadBranch: "x", HeadSHA: sha, Base: "main"}}},
		}},
	}
	r := w.Repositories[0]
	r.Push("twice", "twice", githubfake.Files{"c": "3"})
	r.Issues = append(r.Issues, &githubfake.Issue{Number: 2, By: "octo", Title: "two", Pull: &githubfake.Pull{HeadOwner: "octo", HeadBranch: "twice", Base: "main"}})
	r.Push("topic", "topic", githubfake.Files{"b": "2"})
	return w
}

func start(t *testing.T, o githubfake.Options) *githubfake.Server {
	t.Helper()
	if o.World == nil {
		o.World = world()
	}
	s, err := githubfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask sends one request below the repository, and returns status, header and body of the answer.
func ask(t *testing.T, s *githubfake.Server, token, method, path, body string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/repos/octo/perf"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "test")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, err.Error()
	}
	return answer.StatusCode, answer.Header, string(text)
}

// TestRules are those that GitHub's description does not have.
func TestRules(t *testing.T) {
	check := func(rest string) string { return fmt.Sprintf(`{"name": "c", "head_sha": %q%s}`, sha, rest) }
	long := strings.Repeat("x", 65537)
	for name, test := range map[string]struct {
		token, method, path, body string
		status                    int
		want                      string
	}{
		"a check":                     {"app", "POST", "/check-runs", check(""), 201, `"status":"queued"`},
		"completed, no conclusion":    {"app", "POST", "/check-runs", check(`, "status": "completed"`), 422, "conclusion"},
		"a conclusion completes":      {"app", "POST", "/check-runs", check(`, "conclusion": "neutral"`), 201, `"status":"completed"`},
		"a user's check":              {"user", "POST", "/check-runs", check(""), 403, "GitHub App"},
		"a check of no commit":        {"app", "POST", "/check-runs", strings.ReplaceAll(check(""), "1", "2"), 422, "No commit found"},
		"a check by a fork's token":   {"fork", "POST", "/check-runs", check(""), 403, "not accessible"},
		"a check that is denied":      {"some", "POST", "/check-runs", check(""), 403, "not accessible"},
		"a check by nobody":           {"", "POST", "/check-runs", check(""), 401, "Requires authentication"},
		"a check by a wrong token":    {"wrong", "POST", "/check-runs", check(""), 401, "Bad credentials"},
		"an unknown check":            {"app", "PATCH", "/check-runs/9", "{}", 404, "Not Found"},
		"a comment":                   {"app", "POST", "/issues/1/comments", `{"body": "b"}`, 201, `"type":"Bot"`},
		"a long comment":              {"app", "POST", "/issues/1/comments", `{"body": "` + long + `"}`, 422, "too long"},
		"an empty comment":            {"app", "POST", "/issues/1/comments", `{"body": " "}`, 422, "blank"},
		"a comment on nothing":        {"app", "POST", "/issues/9/comments", `{"body": "b"}`, 404, "Not Found"},
		"a comment that is gone":      {"app", "DELETE", "/issues/comments/9", "", 404, "Not Found"},
		"a long issue":                {"app", "POST", "/issues", `{"title": "t", "body": "` + long + `"}`, 422, "too long"},
		"an issue without title":      {"app", "POST", "/issues", `{"title": ""}`, 422, "blank"},
		"no JSON":                     {"app", "POST", "/issues", `{`, 400, "parsing JSON"},
		"a long status":               {"user", "POST", "/statuses/" + sha, `{"state": "success", "description": "` + long[:141] + `"}`, 422, "140"},
		"pull requests are issues":    {"", "GET", "/issues", "", 200, `"pull_request"`},
		"a pull request":              {"app", "POST", "/pulls", `{"title": "t", "head": "topic", "base": "main"}`, 201, `"number":3`},
		"a pull request of nothing":   {"app", "POST", "/pulls", `{"title": "t", "head": "main", "base": "main"}`, 422, "No commits between"},
		"a pull request from nowhere": {"app", "POST", "/pulls", `{"title": "t", "head": "none", "base": "main"}`, 422, "invalid"},
		"a second one":                {"app", "POST", "/pulls", `{"title": "t", "head": "twice", "base": "main"}`, 422, "already exists for octo:twice"},
		"a branch that is there":      {"app", "POST", "/git/refs", fmt.Sprintf(`{"ref": "refs/heads/main", "sha": %q}`, sha), 422, "already exists"},
		"a branch that is not":        {"app", "PATCH", "/git/refs/heads/none", fmt.Sprintf(`{"sha": %q}`, sha), 422, "does not exist"},
		"backwards":                   {"app", "PATCH", "/git/refs/heads/topic", fmt.Sprintf(`{"sha": %q}`, sha), 422, "not a fast forward"},
		"a malformed path":            {"app", "POST", "/git/trees", `{"tree": [{"path": "../a", "mode": "100644", "type": "blob", "content": ""}]}`, 422, "malformed"},
		"a commit of no tree":         {"app", "POST", "/git/commits", `{"message": "m", "tree": "1"}`, 422, "Tree SHA"},
		"an unknown operation":        {"app", "GET", "/milestones", "", 404, "Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, text := ask(t, start(t, githubfake.Options{}), test.token, test.method, test.path, test.body)
			if status != test.status || !strings.Contains(text, test.want) {
				t.Errorf("%d %.300s; %d with %q was wanted", status, text, test.status, test.want)
			}
		})
	}
}

// TestPages are cut as GitHub cuts them: at most 100 each, with links.
func TestPages(t *testing.T) {
	w := world()
	for i := range 250 {
		w.Repositories[0].Comments = append(w.Repositories[0].Comments, &githubfake.Comment{ID: int64(i + 1), Number: 1, By: "octo", Body: "b"})
	}
	s := start(t, githubfake.Options{World: w})
	for query, want := range map[string]int{"": 30, "?per_page=1000": 100, "?per_page=100&page=3": 50, "?per_page=100&page=4": 0} {
		_, header, text := ask(t, s, "", "GET", "/issues/1/comments"+query, "")
		var got []any
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != want {
			t.Errorf("%s: %d comments, and not %d (%v)", query, len(got), want, err)
		}
		if next := strings.Contains(header.Get("Link"), `rel="next"`); next != (want == 30 || want == 100) {
			t.Errorf("%s: Link %q", query, header.Get("Link"))
		}
	}
}

// TestFlood meets the limit of 80 creations a minute.
func TestFlood(t *testing.T) {
	s := start(t, githubfake.Options{})
	for i := range 81 {
		status, header, _ := ask(t, s, "app", "POST", "/issues", `{"title": "t"}`)
		if flooded := status == http.StatusForbidden && header.Get("Retry-After") == "60"; flooded != (i == 80) {
			t.Fatalf("%d: %d", i, status)
		}
	}
}

// TestEffects tells which faults let a request have its effect.
func TestEffects(t *testing.T) {
	for fault, want := range map[githubfake.Fault]int{
		githubfake.Fine: 1, githubfake.ServerError: 0, githubfake.BadGateway: 0, githubfake.Unavailable: 0, githubfake.TooMany: 0, githubfake.Secondary: 0,
		githubfake.SecondaryInWords: 0, githubfake.Exhausted: 0, githubfake.ResetBefore: 0, githubfake.ResetAfter: 1, githubfake.CutAfter: 1, githubfake.BadGatewayAfter: 1,
	} {
		s := start(t, githubfake.Options{Faults: func(*http.Request) githubfake.Fault { return fault }})
		status, _, _ := ask(t, s, "app", "POST", "/issues/1/comments", `{"body": "b"}`)
		w, err := s.State()
		if err != nil {
			t.Fatal(err)
		}
		if got := len(w.Repositories[0].Comments); got != want || (status == http.StatusCreated) != (fault == githubfake.Fine) {
			t.Errorf("fault %d: answer %d, and %d comments where %d were wanted", fault, status, got, want)
		}
	}
}

// TestSeededRepeats draws the same faults from the same seed, and no more than there may be.
func TestSeededRepeats(t *testing.T) {
	draw := func(seed uint64) (all []githubfake.Fault, count int) {
		faults := githubfake.Seeded(seed, 0.5, 20)
		for range 200 {
			all = append(all, faults(nil))
			if all[len(all)-1] != githubfake.Fine {
				count++
			}
		}
		return all, count
	}
	first, count := draw(1)
	second, _ := draw(1)
	other, _ := draw(2)
	if !cmp.Equal(first, second) || cmp.Equal(first, other) || count != 20 {
		t.Errorf("%d faults: %v and %v", count, first, second)
	}
}

// TestContract sees requests that break GitHub's description, and lets the others be.
func TestContract(t *testing.T) {
	folder := os.Getenv("PERFGATE_GITHUB_CONTRACT")
	if folder == "" {
		t.Skip("PERFGATE_GITHUB_CONTRACT is not set: GitHub's description is not at hand")
	}
	contract, err := githubfake.LoadContract(folder)
	if err != nil {
		t.Fatal(err)
	}
	output := func(annotations int, rest string) string {
		one := `{"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}`
		return fmt.Sprintf(`{"name": "c", "head_sha": %q, "output": {"title": "t", "summary": "s", "annotations": [%s]%s}}`,
			sha, strings.TrimSuffix(strings.Repeat(one+",", annotations), ","), rest)
	}
	for name, test := range map[string]struct{ method, path, body, want string }{
		"50 annotations":            {"POST", "/check-runs", output(50, ""), ""},
		"51 annotations":            {"POST", "/check-runs", output(51, ""), "maximum number of items is 50"},
		"a count of annotations":    {"POST", "/check-runs", output(1, `, "annotations_count": 1`), "annotations_count"},
		"a conclusion of its own":   {"POST", "/check-runs", `{"name": "c", "head_sha": "1", "conclusion": "great"}`, "conclusion"},
		"a long summary":            {"POST", "/check-runs", strings.Replace(output(0, ""), `"s"`, `"`+strings.Repeat("x", 65536)+`"`, 1), "65535"},
		"no summary":                {"PATCH", "/check-runs/1", `{"output": {"title": "t"}}`, "summary"},
		"a neutral status":          {"POST", "/statuses/" + sha, `{"state": "neutral"}`, "state"},
		"an order of the comments":  {"GET", "/issues/1/comments?sort=created", "", "does not know"},
		"a comment with its author": {"PATCH", "/issues/comments/1", `{"body": "b", "user": {}}`, "user"},
		"a state that is none":      {"GET", "/pulls?state=merged", "", "state"},
		"a number that is none":     {"GET", "/pulls/x", "", "pull_number"},
		"an issue without title":    {"POST", "/issues", `{}`, "title"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, githubfake.Options{Contract: contract})
			ask(t, s, "app", test.method, test.path, test.body)
			got := strings.Join(s.Violations(), "\n")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("violations %q, and %q was wanted", got, test.want)
			}
		})
	}
	if _, err := githubfake.LoadContract(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder without the description: %v", err)
	}
}

// TestStateFile is what a story reads.
func TestStateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	s := start(t, githubfake.Options{StateFile: file})
	if status, _, text := ask(t, s, "app", "POST", "/issues/1/comments", `{"body": "hello"}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	w, err := githubfake.ReadWorld(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Repository("octo/perf").Comments; len(got) != 1 || got[0].Body != "hello" || got[0].By != "ci[bot]" {
		t.Errorf("comments: %v", got)
	}
}
