package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// The exit codes. They are an interface: scripts and workflows branch on them.
const (
	exitPass         = 0
	exitRegressed    = 1
	exitUsage        = 2
	exitFailed       = 3
	exitInconclusive = 4
	exitPost         = 5
	exitInterrupted  = 130
)

// exitError carries an exit code. A silent one was reported already.
type exitError struct {
	code   int
	err    error
	silent bool
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage makes an error of the caller's: exit code 2.
func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// quietly ends with a code after everything was said.
func quietly(code int) error {
	if code == exitPass {
		return nil
	}
	return &exitError{code: code, silent: true}
}

// exitCode is the one place where an error becomes a code.
func exitCode(err error) int {
	var coded *exitError
	var config *tomlfile.Error
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &config), errors.Is(err, store.ErrExists):
		return exitUsage
	}
	return exitFailed // a build that fails, results that cannot be read, a disk that is full: nothing could be measured
}

// verdictCode is the exit code of a verdict. Inconclusive is never a pass unless the caller said so.
func verdictCode(outcome compare.Outcome, inconclusive string) int {
	switch outcome {
	case compare.Pass, compare.Improved:
		return exitPass
	case compare.Regressed, compare.OverTarget:
		return exitRegressed
	case compare.Inconclusive:
		switch inconclusive {
		case "pass", "warn":
			return exitPass
		case "fail":
			return exitRegressed
		}
		return exitInconclusive
	default:
		return exitFailed
	}
}

const exitHelp = `Exit codes:
  0    pass or improved
  1    regressed or over target
  2    usage or configuration
  3    failed: could not measure
  4    inconclusive: the measurement does not decide
  130  interrupted`

const exitHelpPost = `Exit codes:
  0    pass or improved; with --exit posted: posted, whatever the verdict
  1    regressed or over target
  2    usage or configuration
  3    failed: could not measure, or the results were refused
  4    inconclusive: the measurement does not decide
  5    could not post, or not all of it; the verdict was printed
  130  interrupted`

const exitHelpTable = `Exit codes:
  0    shown
  2    usage or configuration
  3    failed: the results could not be read
  130  interrupted`

const exitHelpRun = `Exit codes:
  0    measured
  1    a network did not form
  2    usage or configuration
  3    failed: a metric has no valid sample, a node crashed, or a gauge is unreadable or impossible
  130  interrupted`
