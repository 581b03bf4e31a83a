package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestHelpOfEveryCommandHasExamplesAndExitCodes(t *testing.T) {
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		switch {
		case cmd.Name() == "help" || cmd.Name() == "completion": // the library's own
			return
		case cmd.HasSubCommands():
			for _, child := range cmd.Commands() {
				look(child)
			}
			return
		}
		if !strings.Contains(cmd.Long, "\nExit codes:\n  0    ") {
			t.Errorf("the help of %s does not tell the exit codes", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			tryExample(t, line)
		}
		if cmd.Example == "" {
			t.Errorf("the help of %s has no example", cmd.CommandPath())
		}
	}
	look((&program{}).root())
}

// tryExample reads a line of examples as far as that goes without acting: its commands are there, and have its flags.
func tryExample(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, "#")
	line, _, _ = strings.Cut(line, "|")
	line, _, _ = strings.Cut(line, ">")
	for part := range strings.SplitSeq(line, "&&") {
		words := strings.Fields(part)
		if len(words) == 0 || words[0] != "perfgate" {
			continue
		}
		cmd, rest, err := (&program{}).root().Find(words[1:])
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err == nil {
			err = cmd.ValidateArgs(cmd.Flags().Args())
		}
		if err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(part), err)
		}
	}
}
