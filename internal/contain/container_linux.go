package contain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Container holds what one invocation makes. It serves one goroutine at a time.
type Container struct {
	owner   owner
	results string
	journal *writer
	guard   *guard
	method  Method
	why     string
	// top is the cgroup of this invocation, "" where it has none.
	top cgroup
	// cells counts those that were made.
	cells int
	// clean is what former invocations had left.
	clean Report
}

// Open takes away what invocations that were killed have left, begins a journal, starts the guard, and finds the best method.
// The error names the mend; then nothing was made. Close the container, whatever happens.
func Open(ctx context.Context, o Options) (*Container, error) {
	me, err := self()
	if err != nil {
		return nil, fmt.Errorf("contain the measurement: %w", err)
	}
	c := &Container{owner: me, results: filepath.Clean(o.Results)}
	// What cannot be cleaned is named by `perfgate clean`; it stands in nobody's way.
	found, _ := Clean(ctx, o.State, false)
	for _, left := range found {
		c.clean = c.clean.plus(left.Report)
	}
	if c.journal, err = newWriter(o.State, head{Schema: journalSchema, Owner: me, Results: c.results}); err != nil {
		return nil, fmt.Errorf("contain the measurement: %w", err)
	}
	if c.guard, err = startGuard(c.journal.path()); err != nil {
		return nil, fmt.Errorf("contain the measurement: %w", errors.Join(err, c.journal.remove()))
	}
	if err := c.choose(ctx, o.Method); err != nil {
		return nil, fmt.Errorf("contain the measurement: %w", errors.Join(err, c.Close()))
	}
	return c, nil
}

// Method is how processes are held, and why it is not a better one, "" when it is the best.
func (c *Container) Method() (method Method, why string) { return c.method, c.why }

// Cleaned is what invocations that were killed had left and Open has taken away.
func (c *Container) Cleaned() Report { return c.clean }

func (c *Container) choose(ctx context.Context, forced Method) error {
	c.method, c.why = ByGroup, ""
	if forced == ByGroup {
		return nil
	}
	if err := c.tryCgroup(ctx); err != nil {
		if forced == ByCgroup {
			return fmt.Errorf("%s=%s: %w", MethodVariable, forced, err)
		}
		c.why = err.Error()
		return nil
	}
	c.method = ByCgroup
	return nil
}

// tryCgroup makes the cgroup of this invocation and lets a process be born in one below it. On an error nothing is left, or what is
// left stays in the journal.
func (c *Container) tryCgroup(ctx context.Context) error {
	own, err := ownCgroup()
	if err != nil {
		return err
	}
	top := cgroup(filepath.Join(string(own), c.owner.cgroup()))
	if err := c.journal.write(entry{Kind: aCgroup, Path: string(top)}); err != nil {
		return err
	}
	err = top.make()
	if err == nil {
		c.top = top
		if err = c.trial(ctx); err == nil {
			return nil
		}
		c.top = ""
	}
	return errors.Join(err, c.drop(ctx, top))
}

// drop removes a cgroup, and strikes it out of the journal once it is gone.
func (c *Container) drop(ctx context.Context, group cgroup) error {
	if _, err := group.remove(ctx); err != nil {
		return err
	}
	return c.journal.write(entry{Kind: aCgroup, Path: string(group), Gone: true})
}

// trial starts this program once in a cell.
func (c *Container) trial(ctx context.Context) error {
	cell, err := c.Cell()
	if err != nil {
		return err
	}
	cmd := guardCommand(trialArgument)
	cell.Hold(cmd)
	return errors.Join(cmd.Run(), cell.Close(ctx))
}

// Folder makes a folder of perfgate's own in the results directory, which goes with the container at the latest. One that is there
// is os.ErrExist and is left alone.
func (c *Container) Folder(name string) (string, error) {
	path := filepath.Join(c.results, FolderPrefix+name)
	if _, err := os.Lstat(path); err == nil { // it is not to be in the journal
		return "", fmt.Errorf("make folder %s: %w", path, os.ErrExist)
	}
	if err := c.journal.write(entry{Kind: aFolder, Path: path}); err != nil {
		return "", err
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return "", errors.Join(err, c.journal.write(entry{Kind: aFolder, Path: path, Gone: true}))
	}
	return path, nil
}

// RemoveFolder removes such a folder, and strikes it out of the journal once it is gone.
func (c *Container) RemoveFolder(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return c.journal.write(entry{Kind: aFolder, Path: path, Gone: true})
}

// Run announces the folder of a run, in which nodes will leave files that are not to stay.
func (c *Container) Run(dir string) error {
	return c.journal.write(entry{Kind: aRun, Path: filepath.Clean(dir)})
}

// RunEnded says that nothing is left of a run but what stays.
func (c *Container) RunEnded(dir string) error {
	return c.journal.write(entry{Kind: aRun, Path: filepath.Clean(dir), Gone: true})
}

// Close takes away what is still there, and ends the guard and the journal.
func (c *Container) Close() error {
	ctx := context.Background() // the end comes also when the measurement's context is over; each step is bounded
	j, err := readJournal(c.journal.path())
	if err == nil {
		_, err = j.takeAway(ctx)
	}
	if err == nil {
		err = c.journal.remove()
	} else {
		err = errors.Join(err, c.journal.file.Close()) // the guard tries once more
	}
	return errors.Join(err, c.guard.end())
}
