package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/store"
)

func (p *program) cleanCommand() *cobra.Command {
	dry := false
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what a killed invocation left",
		Long: `Removes what invocations that were killed have left on this machine: processes, cgroups, the copy of the subject, and the
files of nodes. Results, logs and baselines stay, and an invocation that still runs is left alone.

It is seldom needed: an invocation that is killed is cleaned up after at once by its guard, and if that was killed too, the
next run or check does what this command does.

Exit codes:
  0    nothing is left
  2    usage
  3    something could not be removed`,
		Example: "  perfgate clean\n  perfgate clean --dry-run\n  perfgate clean --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.clean(cmd.Context(), dry) },
	}
	cmd.Flags().BoolVarP(&dry, "dry-run", "n", false, "say what is there and remove nothing")
	return cmd
}

func (p *program) clean(ctx context.Context, dry bool) error {
	state, err := store.State()
	if err != nil {
		return usage("%w", err)
	}
	found, err := contain.Clean(ctx, state, dry)
	if found == nil && err != nil {
		return err
	}
	if p.asJSON {
		if found == nil {
			found = []contain.Left{} // an empty list, never null
		}
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	} else {
		p.tellOfCleaning(found, dry)
	}
	if err != nil {
		return quietly(exitFailed)
	}
	return nil
}

func (p *program) tellOfCleaning(found []contain.Left, dry bool) {
	done := "removed"
	if dry {
		done = "there are"
	}
	nothing := true
	for _, left := range found {
		name := fmt.Sprintf("process %d, results in %s", left.PID, left.Results)
		switch {
		case left.Failure != "":
			fmt.Fprintln(p.stdout, left.Failure)
		case left.Alive:
			fmt.Fprintf(p.stdout, "%s: still runs and is left alone\n", name)
			continue
		default:
			fmt.Fprintf(p.stdout, "%s: %s %s\n", name, done, left.Report)
		}
		nothing = false
	}
	if nothing {
		fmt.Fprintln(p.stdout, "nothing was left behind")
	}
}
