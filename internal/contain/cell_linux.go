package contain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Cell holds the processes of one network, or of one build.
type Cell struct {
	mark mark
	// group is the cgroup of the cell, "" where processes are held by group; folder is open while it is there.
	group  cgroup
	folder *os.File
}

// Cell makes an empty cell. Close it when its processes have ended.
func (c *Container) Cell() (*Cell, error) {
	c.cells++
	cell := &Cell{mark: markOf(c.owner).cell(c.cells)}
	if c.top == "" {
		return cell, nil
	}
	group := cgroup(filepath.Join(string(c.top), "cell-"+strconv.Itoa(c.cells)))
	if err := group.make(); err != nil {
		return nil, fmt.Errorf("make a cell: %w", err)
	}
	folder, err := os.Open(string(group))
	if err != nil {
		return nil, fmt.Errorf("make a cell: %w", errors.Join(err, os.Remove(string(group))))
	}
	cell.group, cell.folder = group, folder
	return cell, nil
}

// Hold makes a command one that is started in the cell. Its SysProcAttr may be set before, its Env must be.
func (c *Cell) Hold(cmd *exec.Cmd) {
	cmd.Env = append(cmd.Environ(), string(c.mark))
	if c.group == "" {
		return
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, int(c.folder.Fd())
}

// Processes lists all that are in the cell or carry its mark.
func (c *Cell) Processes() ([]int, error) {
	found := c.mark.processes()
	if c.group == "" {
		return found, nil
	}
	held, err := c.group.processes()
	for _, pid := range found {
		if !slices.Contains(held, pid) {
			held = append(held, pid)
		}
	}
	return held, err
}

// Kill kills all processes of the cell, whatever they have done to get away, and returns how many there were.
func (c *Cell) Kill(ctx context.Context) (int, error) {
	killed, err := 0, error(nil)
	if c.group != "" {
		killed, err = c.group.kill(ctx)
	}
	return killed + c.mark.kill(), err
}

// CPU is the CPU time of all processes that ever were in the cell, children that were never waited for included; false where
// only a cgroup could tell.
func (c *Cell) CPU() (time.Duration, bool) {
	if c.group == "" {
		return 0, false
	}
	used, err := c.group.cpu()
	return used, err == nil
}

// Cgroups counts the cgroups that there are of the cell.
func (c *Cell) Cgroups() int {
	if c.group == "" || !c.group.exists() {
		return 0
	}
	return 1
}

// Close kills what is left in the cell and removes it.
func (c *Cell) Close(ctx context.Context) error {
	if c.group == "" {
		c.mark.kill()
		return nil
	}
	_, err := c.group.remove(ctx)
	c.mark.kill()
	return errors.Join(err, c.folder.Close())
}
