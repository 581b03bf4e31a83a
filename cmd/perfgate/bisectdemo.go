package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/demo"
	"github.com/communitas/perfgate/internal/gitrepo"
)

func (p *program) bisectDemoCommand() *cobra.Command {
	var reveal bool
	cmd := &cobra.Command{
		Use:   "bisect-demo DIR",
		Short: "Make a small repository to try bisect on",
		Long: `Makes a git repository in a new folder: the history of a small node, with merges, commits to its documentation alone, one that does
not build, and one that makes every network dearer to form, which perfgate bisect then finds. git and Go are all it needs. The
history is the same whenever and wherever it is made. With --reveal the culprit is told.

Exit codes:
  0    the repository is made
  2    usage, or DIR is not empty
  3    git could not make it
  130  interrupted`,
		Example: `  perfgate bisect-demo demo
  cd demo && perfgate bisect v0.1.0..HEAD --metric formation_cpu   # about two minutes
  perfgate bisect-demo --reveal              # who was it?`,
		Args: atMostOne("folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !reveal {
				return usage("name a folder that does not exist yet (see %s --help)", cmd.CommandPath())
			}
			return p.bisectDemo(cmd.Context(), args, reveal)
		},
		Annotations: map[string]string{wordsOnly: ""},
	}
	cmd.Flags().BoolVar(&reveal, "reveal", false, "tell the culprit; without DIR nothing else is done")
	return cmd
}

func (p *program) bisectDemo(ctx context.Context, args []string, reveal bool) error {
	if len(args) == 1 {
		stream, err := demo.Stream()
		if err != nil {
			return err
		}
		if err := gitrepo.Create(ctx, args[0], stream); err != nil {
			if errors.Is(err, gitrepo.ErrNotEmpty) {
				return usage("%w: name a folder that does not exist yet", err)
			}
			return fmt.Errorf("make %s: %w", args[0], err)
		}
		if _, err := fmt.Fprintf(p.stdout, `made %s: %d commits of a small node, of which one since %s makes every network dearer to form

next
  cd %s
  perfgate bisect %s..HEAD --metric %s
`, filepath.Clean(args[0]), demo.Commits(), demo.Good, quoted(args[0]), demo.Good, demo.Metric); err != nil {
			return err
		}
	}
	if reveal {
		_, err := fmt.Fprintf(p.stdout, "the culprit is %s %q\n", demo.Culprit, demo.CulpritTitle)
		return err
	}
	return nil
}
