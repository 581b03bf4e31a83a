package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// OutputVariable is the environment variable that names a file: what the command writes there is read instead of what it
// prints.
const OutputVariable = "PERFGATE_OUTPUT"

// Limits on one execution.
const (
	// MaxOutput is how much a command may print on its standard output, or write for perfgate, in bytes. It is ended beyond.
	MaxOutput = 64 << 20
	// MaxDuration is how long a command may take unless the plan says otherwise.
	MaxDuration = 2 * time.Hour
)

// Plan says how to execute a benchmark once.
type Plan struct {
	Benchmark suite.Benchmark
	// Dir is the folder in which the command runs.
	Dir string
	// Scratch is an empty folder of this execution's, for what the command writes; whoever made it removes it.
	Scratch string
	// Cache is a folder of perfgate's own that stays, given to the command as PERFGATE_CACHE; "" gives none.
	Cache string
	// Log takes what the command prints; nil for nobody.
	Log io.Writer
	// Hold has the last word on the command before it is started: whoever holds its processes together sees to it here. Nil
	// for nobody.
	Hold func(*exec.Cmd)
	// Limit is how long it may take; 0 is MaxDuration.
	Limit time.Duration
}

// Error is an execution that gives no sample.
type Error struct {
	// Err says why, without the name of the benchmark.
	Err error
	// Tail are the last lines that the command printed, on either stream.
	Tail []string
}

// maxReason is how much of a reason is told, in bytes: names and units in it are the command's, and results have a limit.
const maxReason = 1000

func (e *Error) Error() string {
	text := shortened(e.Err.Error(), maxReason)
	if len(e.Tail) > 0 {
		text += "; its last words: " + strings.Join(e.Tail, " | ")
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Run executes the command and reads what it gave, at least one value. An *Error says why there is none: it failed, printed
// nothing or what its format does not allow, took too long. Any other error is perfgate's own, or the context's.
func Run(ctx context.Context, plan Plan) ([]Value, error) {
	source, err := newSource(ctx, plan)
	if err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", plan.Benchmark.Name, err)
	}
	printed := &capture{log: plan.Log}
	failed := func(err error) error {
		return &Error{Err: err, Tail: printed.tail.lines()}
	}
	if err := execute(ctx, plan, source, printed); err != nil {
		if cause := ctx.Err(); cause != nil {
			return nil, fmt.Errorf("benchmark %s: %w", plan.Benchmark.Name, cause)
		}
		return nil, failed(err)
	}
	values, err := source.read(printed.stdout)
	if err != nil {
		return nil, failed(explain(plan.Benchmark.Format, err))
	}
	return values, nil
}

// errTooLong and errTooMuch are why a command was ended.
var (
	errTooLong = errors.New("it took too long")
	errTooMuch = errors.New("it printed too much")
)

// execute runs the command to its end.
func execute(ctx context.Context, plan Plan, source *source, printed *capture) error {
	limit := plan.Limit
	if limit == 0 {
		limit = MaxDuration
	}
	within, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: it was ended after %v", errTooLong, limit))
	defer stop()
	bounded, end := context.WithCancelCause(within)
	defer end(nil)
	printed.full = func() {
		end(fmt.Errorf("%w: more than %d MiB on the standard output", errTooMuch, MaxOutput>>20))
	}
	argv := source.command
	cmd := exec.CommandContext(bounded, argv[0], argv[1:]...)
	cmd.Dir = plan.Dir
	cmd.Env = append(os.Environ(), source.environment...)
	if plan.Cache != "" {
		if err := os.MkdirAll(plan.Cache, 0o755); err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, "PERFGATE_CACHE="+plan.Cache)
	}
	cmd.Stdout, cmd.Stderr = writer(printed.takeStdout), writer(printed.takeStderr)
	cmd.WaitDelay = 5 * time.Second
	own(cmd)
	if plan.Hold != nil {
		plan.Hold(cmd)
	}
	err := cmd.Run()
	switch cause := context.Cause(bounded); {
	case cause != nil:
		return cause
	case errors.Is(err, exec.ErrWaitDelay):
		return errors.New("it ended and left a process behind that holds its output open (let it wait for its children)")
	default:
		return err
	}
}

// absolute makes a path of the command's one of perfgate's.
func (p Plan) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.Dir, path)
}
