package actions_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/github/githubfake"
)

// githubToken is that of the workflows' own app.
const githubToken = "token-of-the-app"

// github starts a GitHub that has the project's repository, its branches, and the artifacts of the run that was carried out.
func (p *project) github(issues ...*githubfake.Issue) *githubfake.Server {
	p.t.Helper()
	repository := &githubfake.Repository{Owner: "someone", Name: "node", Issues: issues}
	p.fill(repository)
	options := githubfake.Options{World: &githubfake.World{
		Accounts:     []githubfake.Account{{Token: githubToken, Login: "github-actions[bot]", App: true}},
		Repositories: []*githubfake.Repository{repository},
	}}
	if folder := os.Getenv("PERFGATE_GITHUB_CONTRACT"); folder != "" {
		var err error
		if options.Contract, err = githubfake.LoadContract(folder); err != nil {
			p.t.Fatal(err)
		}
	}
	server, err := githubfake.Start(options)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		for _, violation := range server.Violations() {
			p.t.Errorf("GitHub would not have taken it: %s", violation)
		}
		if err := server.Close(); err != nil {
			p.t.Error(err)
		}
	})
	p.env = append(p.env, "GITHUB_API_URL="+server.URL)
	return server
}

// fill gives a repository all that the project has: commits, branches, and what the runs have left.
func (p *project) fill(repository *githubfake.Repository) {
	p.t.Helper()
	repository.Commits, repository.Runs, repository.Branches = nil, nil, map[string]string{}
	for line := range strings.Lines(p.git("rev-list", "--reverse", "--all", "--parents")) {
		shas := strings.Fields(line)
		commit := &githubfake.Commit{SHA: shas[0], Parents: shas[1:], Message: p.git("log", "-1", "--format=%B", shas[0]), Files: githubfake.Files{}}
		for name := range strings.Lines(p.git("ls-tree", "-r", "--name-only", shas[0])) {
			name = strings.TrimSpace(name)
			commit.Files[name] = p.git("show", shas[0]+":"+name) + "\n"
		}
		repository.Commits = append(repository.Commits, commit)
	}
	for line := range strings.Lines(p.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")) {
		name, sha, _ := strings.Cut(strings.TrimSpace(line), " ")
		repository.Branches[name] = sha
	}
	if found, err := filepath.Glob(filepath.Join(p.artifacts, "1", "*")); err == nil && len(found) > 0 {
		run := &githubfake.Run{ID: 1, HeadSHA: p.git("rev-parse", "HEAD")}
		for i, folder := range found {
			run.Artifacts = append(run.Artifacts, githubfake.Artifact{ID: int64(100 + i), Name: filepath.Base(folder), Content: p.zip(folder)})
		}
		repository.Runs = append(repository.Runs, run)
	}
}

// goesOn brings what was committed and measured since to a GitHub that is there already.
func (p *project) goesOn(server *githubfake.Server) {
	p.t.Helper()
	server.Quiet()
	if err := server.Change(func(w *githubfake.World) { p.fill(w.Repository("someone/node")) }); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) zip(folder string) []byte {
	p.t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := w.AddFS(os.DirFS(folder)); err != nil {
		p.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	return b.Bytes()
}

// there is what GitHub has of the project now.
func (p *project) there(server *githubfake.Server) *githubfake.Repository {
	p.t.Helper()
	server.Quiet()
	world, err := server.State()
	if err != nil {
		p.t.Fatal(err)
	}
	return world.Repository("someone/node")
}

// The baseline is refreshed by one pull request, whose branch starts from main as it is; a second refresh finds nothing to do there.
func TestTheBaselineIsRefreshedByAPullRequest(t *testing.T) {
	p := newProject(t)
	p.has("baseline", "refresh")
	server := p.github()
	for range 2 {
		p.artifacts = t.TempDir()
		p.carryOut("baseline-refresh.yml", "schedule", map[string]any{"schedule": "0 9 * * 6"}, "-s", "GITHUB_TOKEN="+githubToken).
			wants(t, false, "refreshed: metrics:")
	}
	r := p.there(server)
	if len(r.Issues) != 1 || r.Issues[0].Pull == nil || r.Issues[0].Pull.HeadBranch != "perfgate/baseline-refresh" || r.Issues[0].Pull.Base != "main" {
		t.Fatalf("%+v", r.Issues)
	}
	if body := r.Issues[0].Body; !strings.Contains(body, "`binary_size`") || !strings.Contains(body, "nothing is recorded of it") {
		t.Errorf("its text is\n%s", body)
	}
	for _, commit := range r.Commits {
		if commit.SHA != r.Branches["perfgate/baseline-refresh"] {
			continue
		}
		text := commit.Files["baselines.toml"]
		if !strings.HasPrefix(text, p.git("show", "main:baselines.toml")) || !strings.Contains(text, "series.binary_size") {
			t.Errorf("baselines.toml is\n%s", text)
		}
		if len(commit.Parents) != 1 || commit.Parents[0] != p.git("rev-parse", "main") {
			t.Errorf("it is on top of %v", commit.Parents)
		}
		return
	}
	t.Error("there is no commit on the branch")
}
