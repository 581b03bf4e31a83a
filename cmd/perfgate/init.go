package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
)

//go:embed presets
var presets embed.FS

func (p *program) initCommand() *cobra.Command {
	var preset, dir string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write perfgate.toml and baselines.toml for a project",
		Long: `Writes perfgate.toml and baselines.toml into a project's folder. Files that are there already are left as they are, and
nothing is written then.

Presets: ` + strings.Join(presetNames(), ", ") + ".",
		Example: `  perfgate init
  perfgate init --preset communitas
  perfgate init --dir path/to/project`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.init(preset, dir) },
	}
	cmd.Flags().StringVar(&preset, "preset", "generic", "what kind of node: "+strings.Join(presetNames(), " or "))
	cmd.Flags().StringVar(&dir, "dir", ".", "folder of the project")
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

func (p *program) init(preset, dir string) error {
	if !slices.Contains(presetNames(), preset) {
		return usage("--preset=%s is unknown: there are %s", preset, strings.Join(presetNames(), ", "))
	}
	files := map[string][]byte{}
	for target, source := range map[string]string{
		"perfgate.toml": "presets/" + preset + "/perfgate.toml", "baselines.toml": "presets/baselines.toml",
	} {
		text, err := render(source, dir)
		if err != nil {
			return err
		}
		files[target] = text
	}
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			return usage("%s is there already: nothing was written (move it away, or name another folder with --dir)", filepath.Join(dir, name))
		}
	}
	for _, name := range []string{"perfgate.toml", "baselines.toml"} {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			return usage("write %s: %w", name, err)
		}
		fmt.Fprintf(p.stdout, "wrote %s\n", filepath.Join(dir, name))
	}
	p.log.Info("next: perfgate doctor, then perfgate check")
	return nil
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
	if err := t.Execute(&out, map[string]string{"Name": filepath.Base(absolute)}); err != nil {
		return nil, fmt.Errorf("fill preset: %w", err)
	}
	return out.Bytes(), nil
}
