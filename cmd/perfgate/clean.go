package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/worktree"
)

func (p *program) cleanCommand() *cobra.Command {
	dry := false
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what a killed invocation left",
		Long: `Removes what invocations that were killed have left on this machine: processes, cgroups, the copy of the subject, the
files of nodes, git work trees, and the binaries of bisections. Results, journals, logs and baselines stay, and an invocation that
still runs is left alone; a bisection that is resumed builds again what it needs.

It is seldom needed: an invocation that is killed is cleaned up after at once by its guard, and if that was killed too, the
next run or check does what this command does.

Exit codes:
  0    nothing is left
  2    usage
  3    something could not be removed`,
		Example: "  perfgate clean\n  perfgate clean --dry-run\n  perfgate clean --json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.clean(cmd.Context(), dry) },
	}
	cmd.Flags().BoolVarP(&dry, "dry-run", "n", false, "say what is there and remove nothing")
	return cmd
}

// leftover is what an invocation has left, or still has.
type leftover struct {
	contain.Left
	// WorkTree is a git work tree of the repository whose folder of git's is Repository; both are "" for everything else.
	WorkTree   string `json:"work_tree,omitempty"`
	Repository string `json:"repository,omitempty"`
	// Binaries are those of a bisection, so many Bytes; "" for everything else.
	Binaries string `json:"binaries,omitempty"`
	Bytes    int64  `json:"bytes,omitempty"`
}

func (l leftover) name() string {
	if l.Binaries != "" {
		return fmt.Sprintf("process %d, binaries of a bisection in %s", l.PID, l.Binaries)
	}
	if l.WorkTree != "" {
		return fmt.Sprintf("process %d, work tree %s of %s", l.PID, l.WorkTree, l.Repository)
	}
	return fmt.Sprintf("process %d, results in %s", l.PID, l.Results)
}

// told says what has become of it.
func (l leftover) told(dry bool) string {
	switch {
	case l.Binaries != "" && dry:
		return "there are " + metric.Format(float64(l.Bytes), metric.Bytes)
	case l.Binaries != "":
		return "removed " + metric.Format(float64(l.Bytes), metric.Bytes)
	case l.WorkTree != "" && dry:
		return "is there"
	case l.WorkTree != "":
		return "removed"
	case dry:
		return "there are " + l.String()
	}
	return "removed " + l.String()
}

func (p *program) clean(ctx context.Context, dry bool) error {
	state, err := store.State()
	if err != nil {
		return usage("%w", err)
	}
	journals, err := contain.Clean(ctx, state, dry)
	if journals == nil && err != nil {
		return err
	}
	trees, failed := worktree.Clean(ctx, state, dry)
	binaries, unclean := hunt.Clean(state, dry)
	err = errors.Join(err, failed, unclean)
	found := []leftover{} // an empty list, never null
	for _, left := range journals {
		found = append(found, leftover{Left: left})
	}
	for _, left := range trees {
		l := leftover{Left: contain.Left{PID: left.PID, Alive: left.Alive, Failure: left.Failure}, WorkTree: left.Path, Repository: left.Repository}
		if !l.Alive {
			l.Folders = 1
		}
		found = append(found, l)
	}
	for _, left := range binaries {
		found = append(found, leftover{Left: contain.Left{PID: left.PID, Alive: left.Alive}, Binaries: left.Path, Bytes: left.Bytes})
	}
	if p.asJSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	} else if err := p.tellOfCleaning(found, dry); err != nil {
		return err
	}
	if err != nil {
		return quietly(exitFailed)
	}
	return nil
}

func (p *program) tellOfCleaning(found []leftover, dry bool) error {
	var text strings.Builder
	nothing := true
	for _, left := range found {
		switch {
		case left.Failure != "":
			fmt.Fprintln(&text, left.Failure)
		case left.Alive:
			fmt.Fprintf(&text, "%s: still runs and is left alone\n", left.name())
			continue
		default:
			fmt.Fprintf(&text, "%s: %s\n", left.name(), left.told(dry))
		}
		nothing = false
	}
	if nothing {
		fmt.Fprintln(&text, "nothing was left behind")
	}
	_, err := io.WriteString(p.stdout, text.String())
	return err
}
