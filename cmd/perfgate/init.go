package main

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/suite"
)

//go:embed presets
var presets embed.FS

// defaultConfig is the name of the configuration where none is given.
const defaultConfig = "perfgate.toml"

// initFlags are those of perfgate init.
type initFlags struct {
	preset, dir, only, branch string
	force                     bool
}

// outfile is a file that init writes.
type outfile struct {
	path string
	text []byte
	// dear is a file that nothing can make again: it is never overwritten.
	dear bool
}

func (p *program) initCommand() *cobra.Command {
	f := &initFlags{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write perfgate.toml, baselines.toml and the workflows for a project",
		Long: `Writes perfgate.toml and baselines.toml into a project's folder, and workflows for GitHub into .github/workflows of its
repository: a gate for pull requests that is safe for forks, what it says there, a bisection when the main branch turns red, and a weekly
refresh of the baselines. When one of the files is there already, nothing is written, unless --force says that it is to be replaced;
baselines.toml is never replaced.

--only workflows makes the workflows for the perfgate.toml that is there: after scenarios or benchmarks were added, say.

Presets: ` + strings.Join(presetNames(), ", ") + `.

Exit codes:
  0    written
  2    usage, a file that is there already or could not be written, or a perfgate.toml that is wrong
  130  interrupted`,
		Example: `  perfgate init
  perfgate init --preset communitas
  perfgate init --dir path/to/project
  perfgate init --only config             # no workflows
  perfgate init --only workflows --force  # made anew for the perfgate.toml that is there`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.init(cmd.Context(), f) },

		Annotations: map[string]string{wordsOnly: ""},
	}
	cmd.Flags().StringVar(&f.preset, "preset", "generic", "what kind of node: "+strings.Join(presetNames(), " or "))
	cmd.Flags().StringVar(&f.dir, "dir", ".", "folder of the project")
	cmd.Flags().StringVar(&f.only, "only", "", "write only the config (perfgate.toml and baselines.toml) or only the workflows")
	cmd.Flags().StringVar(&f.branch, "branch", "", "the main branch, which the workflows are for (default: the one that origin was cloned at, or main)")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace files that are there, but for baselines.toml")
	return cmd
}

func presetNames() []string {
	var names []string
	entries, err := fs.ReadDir(presets, "presets")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

func (p *program) init(ctx context.Context, f *initFlags) error {
	if f.branch == "" {
		f.branch = cmp.Or(gitrepo.DefaultBranch(ctx, f.dir), "main")
	}
	if err := f.check(); err != nil {
		return err
	}
	var files []outfile
	config := filepath.Join(f.dir, defaultConfig)
	raw, err := os.ReadFile(config)
	if f.only != "workflows" {
		if raw, err = render("presets/"+f.preset+"/perfgate.toml", f.dir); err != nil {
			return err
		}
		baselines, err := render("presets/baselines.toml", f.dir)
		if err != nil {
			return err
		}
		files = append(files, outfile{path: config, text: raw}, outfile{path: filepath.Join(f.dir, "baselines.toml"), text: baselines, dear: true})
	} else if err != nil {
		return usage("%w (--only workflows makes workflows for a perfgate.toml that is there)", err)
	}
	var w workflow
	if f.only != "config" {
		made, err := p.workflowFiles(f, config, raw, &w)
		if err != nil {
			return err
		}
		files = append(files, made...)
	}
	if err := p.write(files, f.force); err != nil {
		return err
	}
	p.next(f, w)
	return nil
}

func (f *initFlags) check() error {
	switch {
	case !slices.Contains(presetNames(), f.preset):
		return usage("--preset=%s is unknown: there are %s", f.preset, strings.Join(presetNames(), ", "))
	case f.only != "" && f.only != "config" && f.only != "workflows":
		return usage("--only=%s: it takes config or workflows", f.only)
	case !plainPath.MatchString(f.branch) || otherInYAML.MatchString(f.branch):
		return usage("--branch=%s is no name of a branch that a workflow can have", f.branch)
	}
	return nil
}

// workflowFiles are the workflows of a project, made for its configuration.
func (p *program) workflowFiles(f *initFlags, config string, raw []byte, w *workflow) ([]outfile, error) {
	s, err := suite.Parse(config, raw)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	root, err := repositoryRoot(f.dir)
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(config)
	if err != nil {
		return nil, usage("%w", err)
	}
	relative, err := filepath.Rel(root, absolute)
	if err != nil {
		return nil, usage("%w", err)
	}
	relative = filepath.ToSlash(relative)
	if !plainPath.MatchString(relative) {
		return nil, usage("%s: a workflow cannot have this path; rename the folder, or write no workflows (--only config)", relative)
	}
	reference, exact := actionReference()
	if !exact {
		p.log.Warn("this perfgate is of no release: the workflows follow its main branch; replace @main with a version")
	}
	*w = newWorkflow(s, reference, f.branch, relative, nearestAbove(root, relative, "go.mod"))
	var files []outfile
	for _, name := range workflowNames() {
		text, err := w.render(name)
		if err != nil {
			return nil, err
		}
		files = append(files, outfile{path: filepath.Join(root, ".github", "workflows", name), text: text})
	}
	return files, nil
}

// write writes all files, or none where one is there that may not be replaced.
func (p *program) write(files []outfile, force bool) error {
	there := map[string]bool{}
	var taken []string
	for _, file := range files {
		if _, err := os.Lstat(file.path); !errors.Is(err, os.ErrNotExist) {
			there[file.path] = true
			taken = append(taken, p.shown(file.path))
		}
	}
	if len(taken) > 0 && !force {
		return usage("%s is there already: nothing was written (--force replaces it, --only config or --only workflows leaves the other out, --dir names another folder)",
			strings.Join(taken, ", "))
	}
	for _, file := range files {
		if there[file.path] && file.dear {
			if _, err := fmt.Fprintf(p.stdout, "kept %s\n", p.shown(file.path)); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil {
			return usage("write %s: %w", file.path, err)
		}
		if err := os.WriteFile(file.path, file.text, 0o644); err != nil {
			return usage("write %s: %w", file.path, err)
		}
		if _, err := fmt.Fprintf(p.stdout, "wrote %s\n", p.shown(file.path)); err != nil {
			return err
		}
	}
	return nil
}

// shown is a path as a person would type it here.
func (p *program) shown(path string) string {
	if !filepath.IsAbs(path) {
		return path
	}
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(relative, "..") {
		return relative
	}
	return path
}

// next says what there is to do now.
func (p *program) next(f *initFlags, w workflow) {
	if f.only != "workflows" {
		p.log.Info("next: perfgate doctor, then perfgate check")
	}
	if f.only == "config" {
		return
	}
	p.log.Info("next: commit the workflows to " + f.branch + ", since what runs after a measurement is taken from there")
	p.log.Info("next: in the repository's settings, let GitHub Actions create pull requests (for the baseline's), and require the check perfgate")
	if len(w.Benchmarks) == 0 {
		p.log.Info("no [[benchmark]] in perfgate.toml: the job benchmark-critical-paths was left out; add one, then perfgate init --only workflows --force")
	}
}

// render fills a preset's file with what is known of the project.
func render(source, dir string) ([]byte, error) {
	raw, err := presets.ReadFile(source)
	if err != nil {
		return nil, fmt.Errorf("read preset: %w", err)
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the project's folder: %w", err)
	}
	t, err := template.New(source).Delims("<<", ">>").Parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("read preset: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, map[string]string{"Name": plainName(filepath.Base(absolute))}); err != nil {
		return nil, fmt.Errorf("fill preset: %w", err)
	}
	return out.Bytes(), nil
}

// plainName is a folder's name as it can stand in a comment and between the quotes of a TOML string.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r == utf8.RuneError || unicode.IsControl(r) {
			return '-'
		}
		return r
	}, name)
}
