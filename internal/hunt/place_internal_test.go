package hunt

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/suite"
)

// TestNoBuildMeetsTheBinaryOfAnotherCommit: trees serve one commit after the other, and what is ignored stays there.
func TestNoBuildMeetsTheBinaryOfAnotherCommit(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	project := t.TempDir()
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(project, "build.sh"), "test -e text || { echo this >text && chmod +x text; }\n")
	write(filepath.Join(project, ".gitignore"), "text\n")
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "first"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = project
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("git %v: %v: %s", args, err, said)
		}
	}
	checkout, err := gitrepo.OpenCheckout(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	head, err := gitrepo.Resolve(t.Context(), project, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	h := &hunt{
		Plan: Plan{
			Suite:   &suite.Suite{Subject: suite.Subject{Build: []string{"sh", "build.sh"}, Binary: "text"}},
			Project: checkout.Top, Home: filepath.Join(state, "project"), State: state, Log: slog.New(slog.DiscardHandler),
		},
		folder: &folder{path: t.TempDir()}, checkout: checkout,
	}
	p, err := h.builder(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.closePlaces()
	if err := p.at(t.Context(), head.SHA); err != nil {
		t.Fatal(err)
	}
	write(p.binary(), "another\n")
	if _, err := h.build(t.Context(), p, job{head.SHA, 0}, false); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(p.binary()); string(raw) != "this\n" || err != nil {
		t.Errorf("%q, %v", raw, err)
	}
}
