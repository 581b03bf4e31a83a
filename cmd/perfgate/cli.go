package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/charmbracelet/log"
	"github.com/muesli/termenv"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/communitas/perfgate/internal/tomlfile"
)

// program is what all commands share: where they write, and the flags that every one has.
type program struct {
	stdout, stderr io.Writer
	config         string
	asJSON         bool
	verbose, quiet bool
	log            *slog.Logger
}

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr, log: slog.New(slog.DiscardHandler)}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitPass
	}
	var coded *exitError
	if errors.As(err, &coded) && coded.silent {
		return coded.code
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
		fmt.Fprintf(stderr, "perfgate: %v\n", err)
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "perfgate: %v\n", err)
	return exitCode(err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "perfgate",
		Short: "Measure networks of real nodes and decide whether they got worse",
		Long: `perfgate launches networks of real peer-to-peer nodes, measures how they form, what they cost and how they
stay connected, compares that with baselines.toml, and says pass, regressed, or that it cannot tell.`,
		Example: `  perfgate check                    # build, measure, compare: the gate
  perfgate run -s standard          # measure one scenario
  perfgate compare BASE HEAD        # decide between two results directories
  perfgate post results             # say the verdict on GitHub
  perfgate baseline record          # make the last results the baseline of this machine
  perfgate init --preset communitas # set up a project`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			p.log = slog.New(p.handler())
			if _, wordy := cmd.Annotations[wordsOnly]; wordy && p.asJSON {
				return usage("%s has no machine output (leave --json out)", cmd.CommandPath())
			}
			return nil
		},
	}
	root.SetVersionTemplate("perfgate {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVarP(&p.config, "config", "c", "perfgate.toml", "configuration of the project")
	flags.BoolVar(&p.asJSON, "json", false, "machine output on stdout, all else on stderr")
	flags.BoolVarP(&p.verbose, "verbose", "v", false, "say more of what is done")
	flags.BoolVarP(&p.quiet, "quiet", "q", false, "say errors and the outcome only")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w (see %s --help)", err, cmd.CommandPath())
	})
	root.AddCommand(p.checkCommand(), p.runCommand(), p.compareCommand(), p.baselineCommand(), p.reportCommand(), p.postCommand(),
		p.bisectCommand(), p.bisectDemoCommand(), p.calibrateCommand(), p.doctorCommand(), p.cleanCommand(), p.initCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	usageErrors(root)
	return root
}

// wordsOnly annotates a command that prints for people alone: with --json it is refused.
const wordsOnly = "words only"

// usageErrors makes wrong arguments of any command an error of usage, with exit code 2. A command that has commands of its own
// shows what they are, and takes no other word.
func usageErrors(cmd *cobra.Command) {
	if cmd.HasSubCommands() {
		cmd.Args = oneOfItsCommands
		cmd.Annotations = map[string]string{wordsOnly: ""}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if cmd.Name() == "help" {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			topic, rest, _ := cmd.Root().Find(args) // what is not found is the rest
			return oneOfItsCommands(topic, rest)
		}
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usage("%w (see %s --help)", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		usageErrors(child)
	}
}

// oneOfItsCommands refuses a word that is none of a command's commands.
func oneOfItsCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return noArguments(cmd, args)
	}
	text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
	var known []string
	for _, child := range cmd.Commands() {
		known = append(known, child.Name())
	}
	if near := tomlfile.Nearest(args[0], known); near != "" {
		text += ": did you mean " + near + "?"
	}
	return errors.New(text)
}

// noArguments refuses a word where a command takes flags alone.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s takes no arguments, and was given %q", cmd.CommandPath(), args[0])
	if cmd.Flags().Lookup("scenario") != nil {
		text += ": -s names a scenario, --benchmark a benchmark"
	}
	return errors.New(text)
}

// atMostOne refuses a second word where a command takes one.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf("%s takes one %s, and was given %q as well", cmd.CommandPath(), what, args[1])
		}
		return nil
	}
}

func (p *program) handler() slog.Handler {
	level := log.InfoLevel
	switch {
	case p.quiet:
		level = log.ErrorLevel
	case p.verbose:
		level = log.DebugLevel
	}
	// The writer is hidden from the handler: to a terminal it would send questions about its colours, and wait.
	handler := log.NewWithOptions(struct{ io.Writer }{p.stderr}, log.Options{Level: level})
	handler.SetColorProfile(termenv.Ascii)
	if colourful(p.stderr) {
		handler.SetColorProfile(termenv.ANSI)
	}
	return handler
}

// terminal is the file behind a writer when that is a terminal.
func terminal(w io.Writer) (*os.File, bool) {
	file, ok := w.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// colourful tells whether a writer is a terminal whose user did not refuse colour (no-color.org).
func colourful(w io.Writer) bool {
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// width is the number of columns of a writer, 0 when it is no terminal.
func width(w io.Writer) int {
	file, ok := terminal(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// version is what the build says of itself: the module's version, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	if text == "" || text == "(devel)" {
		text = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				text += " " + s.Value
			}
		}
	}
	return text + " " + info.GoVersion
}
