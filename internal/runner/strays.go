package runner

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// markVariable is in the environment of every node, with the node's folder, and so in that of whatever a node starts: a
// process that has left its node's group and session is found by it.
const markVariable = "PERFGATE_NODE"

func mark(dir string) string { return markVariable + "=" + dir }

// straysFor bounds the hunt for strays that start others faster than they are killed.
const straysFor = 2 * time.Second

// killStrays kills every process that carries one of the marks, until none is left or time is up. It returns how many were
// found. Processes that may not be looked into belong to somebody else.
func killStrays(marks [][]byte) int {
	killed := map[int]bool{}
	for begin := time.Now(); time.Since(begin) < straysFor; {
		strays := findStrays(marks)
		if len(strays) == 0 {
			break
		}
		for _, pid := range strays {
			killed[pid] = true
			if process, err := os.FindProcess(pid); err == nil { // a handle: from here on the number cannot become another's
				if isMarked(pid, marks) {
					_ = process.Kill() // it may have ended meanwhile
				}
				_ = process.Release()
			}
		}
	}
	return len(killed)
}

func findStrays(marks [][]byte) []int {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var strays []int
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err == nil && pid != os.Getpid() && isMarked(pid, marks) {
			strays = append(strays, pid)
		}
	}
	return strays
}

// isMarked tells whether a process was started with one of the marks in its environment. One that has ended has none.
func isMarked(pid int, marks [][]byte) bool {
	environ, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(bytes.Split(environ, []byte{0}), func(entry []byte) bool {
		return slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Equal(entry, mark) })
	})
}
