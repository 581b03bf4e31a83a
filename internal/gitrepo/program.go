package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// said is what git printed, without white space around it.
type said struct{ stdout, stderr string }

// heldKey is where a context has the file that Holding gives to git.
type heldKey struct{}

// Holding has git, and whatever it starts, hold a file open for as long as it runs, be it longer than this process, which may be killed:
// a lock of that file tells others that git is still at work.
func Holding(ctx context.Context, file *os.File) context.Context {
	return context.WithValue(ctx, heldKey{}, file)
}

// command is a call of the program: without locks that can be done without, hooks, questions, anything that
// goes on in the background, or a foreign repository in the environment.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{
		"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
		"-c", "advice.detachedHead=false", "-c", "core.warnAmbiguousRefs=true",
		"-c", "log.showSignature=false", "-c", "worktree.useRelativePaths=false",
	}, args...)...)
	cmd.Dir = dir
	foreign := []string{
		"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE",
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); !slices.Contains(foreign, name) {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	own(cmd)
	cmd.WaitDelay = 5 * time.Second
	if file, ok := ctx.Value(heldKey{}).(*os.File); ok && runtime.GOOS != "windows" { // where files can not be handed over
		cmd.ExtraFiles = []*os.File{file}
	}
	return cmd
}

// git runs the program. Where it fails the error ends in what it said, and wraps *exec.ExitError; where there is none it
// names the mend.
func git(ctx context.Context, dir string, args ...string) (said, error) {
	return gitWith(ctx, nil, dir, args...)
}

// gitWith is git with variables for it alone.
func gitWith(ctx context.Context, variables []string, dir string, args ...string) (said, error) {
	cmd := command(ctx, dir, args...)
	cmd.Env = append(cmd.Env, variables...)
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	all := said{strings.TrimSpace(out.String()), strings.TrimSpace(complaint.String())}
	switch failed, ok := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return all, nil
	case ctx.Err() != nil:
		return all, fmt.Errorf("git %s: %w", args[0], ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return all, fmt.Errorf("git %s: %w (install git)", args[0], err)
	case ok:
		failed.Stderr = []byte(all.stderr)
		return all, fmt.Errorf("git %s: %w: %s", args[0], err, printable(all.stderr))
	}
	return all, fmt.Errorf("git %s: %w", args[0], err)
}
