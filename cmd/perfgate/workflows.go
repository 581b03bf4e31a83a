package main

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// The workflows are templates, and the ones that this repository runs are made of them: a test holds both together.
//
//go:embed workflows
var workflowTemplates embed.FS

// action is where a workflow finds this repository's action.
const action = "communitas/perfgate"

// workflow is what the templates have to know of a project.
type workflow struct {
	// Action is what a step uses: OWNER/NAME@VERSION, or "./" in the action's own repository.
	Action string
	// Branch is the main branch.
	Branch string
	// Config is perfgate.toml relative to the root of the repository, with slashes.
	Config string
	// Scenarios that are measured every week, and when a person asks for one. Empty when there are none.
	Weekly []string
	Manual string
	// Nodes and Seconds are what a person is offered: those of Manual.
	Nodes, Seconds int
	// Benchmarks are those that the gate does not measure, or all where it measures each.
	Benchmarks []string
	// Apart says that the gate measures none of Benchmarks, so that what they come to has to be said beside it.
	Apart bool
	// Minutes bound a job.
	Minutes int
	// Prepare are the steps that the subject's build needs, each line with its indentation.
	Prepare string
}

// newWorkflow is what the workflows of a suite are made of. Config and goMod are relative to the root of the repository.
func newWorkflow(s *suite.Suite, action, branch, config, goMod string) workflow {
	w := workflow{Action: action, Branch: branch, Config: config, Nodes: 5, Seconds: 120, Minutes: 90, Prepare: prepare(s.Subject.Build, goMod)}
	for _, sc := range s.Scenarios {
		if w.Manual == "" || sc.Name == "standard" {
			w.Manual, w.Nodes, w.Seconds = sc.Name, sc.Nodes, int(max(sc.Duration.Round(time.Second), time.Second)/time.Second)
		}
		if slices.Contains(sc.Tags, "full") && sc.Name != "large" {
			w.Weekly = append(w.Weekly, sc.Name)
		}
	}
	if len(w.Weekly) == 0 {
		for _, sc := range s.Scenarios {
			w.Weekly = append(w.Weekly, sc.Name)
		}
	}
	var all []string
	for _, b := range s.Benchmarks {
		all = append(all, b.Name)
		if !slices.Contains(b.Tags, "pr") {
			w.Benchmarks = append(w.Benchmarks, b.Name)
		}
	}
	w.Apart = len(w.Benchmarks) > 0
	if !w.Apart {
		w.Benchmarks = all
	}
	return w
}

// Flag is what a command line needs to find the configuration: "" where it lies at the root.
func (w workflow) Flag() string {
	if w.Config == defaultConfig {
		return ""
	}
	return "--config " + w.Config + " "
}

// Input is the same as a line for the inputs of the action.
func (w workflow) Input() string {
	if w.Config == defaultConfig {
		return ""
	}
	return "          config: " + w.Config + "\n"
}

// prepare guesses from the build command which toolchain has to be there.
func prepare(build []string, goMod string) string {
	words := strings.Fields(strings.Join(build, " "))
	switch {
	case slices.Contains(words, "cargo"):
		return `      - uses: actions/cache@v5.0.5 # what cargo has downloaded; the subject itself is always built
        with:
          path: |
            ~/.cargo/registry
            ~/.cargo/git
          key: cargo-${{ runner.os }}-${{ hashFiles('**/Cargo.lock') }}
`
	case slices.Contains(words, "go"):
		return `      - uses: actions/setup-go@v6.4.0
        with:
          go-version-file: ` + goMod + "\n"
	default:
		return "      # What the subject's build needs is set up here.\n"
	}
}

// workflowNames are the files below .github/workflows, in the order in which they are told.
func workflowNames() []string {
	entries, err := fs.ReadDir(workflowTemplates, "workflows")
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// render makes the text of one workflow.
func (w workflow) render(name string) ([]byte, error) {
	raw, err := workflowTemplates.ReadFile(path.Join("workflows", name))
	if err != nil {
		return nil, fmt.Errorf("read workflow: %w", err)
	}
	t, err := template.New(name).Delims("<%", "%>").Parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("read workflow: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, w); err != nil {
		return nil, fmt.Errorf("fill workflow: %w", err)
	}
	return out.Bytes(), nil
}

// releaseVersion is a version that has a tag: no pseudo-version and nothing behind a "+".
var releaseVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+(-(alpha|beta|rc)[0-9.]*)?$`)

// actionReference is the action in the version of this program, so that both are of one mind: its tag, or the commit that it was
// built from. Without either, exact is false and the main branch has to do.
func actionReference() (reference string, exact bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return action + "@main", false
	}
	if releaseVersion.MatchString(info.Main.Version) {
		return action + "@" + info.Main.Version, true
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			modified = s.Value
		}
	}
	if revision == "" || modified == "true" {
		return action + "@main", false
	}
	return action + "@" + revision, true
}

// plainPath tells paths and branches that mean themselves in YAML, in a shell and in an expression.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/-]*$`)

// otherInYAML tells words that YAML reads as a number, a truth value or nothing: 1.10 is 1.1 there.
var otherInYAML = regexp.MustCompile(`^([0-9][0-9_]*(\.[0-9_]*)?([eE][0-9+-]+)?|0[xo][0-9a-fA-F]+|(?i:true|false|yes|no|on|off|y|n|null))$`)
