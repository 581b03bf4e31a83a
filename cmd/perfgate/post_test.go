package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A job that is cancelled while GitHub does not answer was interrupted, and not refused.
func TestPostIsInterrupted(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"results.json": "none", "perfgate.toml": "schema = \"perfgate.config/1\"\n[subject]\nname = \"node\"\n[[benchmark]]\nname = \"codec\"\ncommand = [\"true\"]\nformat = \"go\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, variable := range []string{"GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_RUN_ID"} {
		t.Setenv(variable, "")
	}
	for _, what := range []string{"--in-progress", filepath.Join(dir, "results.json")} {
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}))
		t.Setenv("GITHUB_API_URL", server.URL)
		t.Setenv("GITHUB_TOKEN", "ghs_app")
		args := []string{"post", what, "-c", filepath.Join(dir, "perfgate.toml"), "--repository", "octo/perf", "--sha", strings.Repeat("ab", 20)}
		var errs strings.Builder
		if code := run(ctx, args, nil, io.Discard, &errs); code != exitInterrupted {
			t.Errorf("%s: it ended with %d\n%s", what, code, errs.String())
		}
		cancel()
		server.Close()
	}
}
