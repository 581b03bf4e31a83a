package contain

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// markVariable is in the environment of every process of a measurement, with the name of its owner and cell, and so in that
// of whatever the process starts: one that has left its group and session is found by it.
const markVariable = "PERFGATE_CELL"

// mark begins an environment entry; a process has it when one of its entries begins with it.
type mark string

// markOf is the mark of all cells of an owner.
func markOf(o owner) mark { return mark(markVariable + "=" + o.String() + "/") }

// cell is the mark of one cell, whole.
func (m mark) cell(number int) mark { return m + mark(strconv.Itoa(number)) + ";" }

// processes lists those that carry the mark. Processes that may not be looked into belong to somebody else, and one that has
// ended and is not yet waited for carries none.
func (m mark) processes() []int {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var found []int
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err == nil && pid != os.Getpid() && m.on(pid) {
			found = append(found, pid)
		}
	}
	return found
}

func (m mark) on(pid int) bool {
	environ, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(bytes.Split(environ, []byte{0}), func(entry []byte) bool { return bytes.HasPrefix(entry, []byte(m)) })
}

const (
	// straysFor bounds the hunt for processes that start others faster than they are killed, but not before so many looks: the
	// machine may have stood still meanwhile.
	straysFor   = 3 * time.Second
	straysLooks = 10
	// execFor is longer than a process takes to execute another program, in the middle of which it shows no environment.
	execFor = 3 * time.Millisecond
)

// kill kills every process that carries the mark, until twice none is seen or time is up. It returns how many were found.
func (m mark) kill() int {
	killed := map[int]bool{}
	unseen := 0
	begin := time.Now()
	for look := 1; unseen < 2 && (look <= straysLooks || time.Since(begin) < straysFor); look++ {
		found := m.processes()
		if unseen++; len(found) > 0 {
			unseen = 0
		}
		if unseen == 1 {
			time.Sleep(execFor)
		}
		for _, pid := range found {
			killed[pid] = true
			if process, err := os.FindProcess(pid); err == nil { // a handle: from here on the number cannot become another's
				if m.on(pid) {
					_ = process.Kill() // it may have ended meanwhile
				}
				_ = process.Release()
			}
		}
	}
	return len(killed)
}
