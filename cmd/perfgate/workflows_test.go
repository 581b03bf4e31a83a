package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

var update = flag.Bool("update", false, "write this repository's workflows anew from the templates")

// The workflows of this repository are what perfgate init writes, but for where the action is: whoever changes one changes both.
func TestTheRepositorysWorkflowsAreTheTemplates(t *testing.T) {
	raw, err := os.ReadFile("../../perfgate.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := suite.Parse("perfgate.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkflow(s, "./", "main", defaultConfig, "go.mod")
	if len(workflowNames()) == 0 {
		t.Fatal("there are no templates")
	}
	for _, name := range workflowNames() {
		want, err := w.render(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("../../.github/workflows", name)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what its template gives (go test ./cmd/perfgate -run Workflows -update; -template +file):\n%s", name, diff)
		}
	}
}
