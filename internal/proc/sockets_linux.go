package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	// mostTable bounds a table of sockets in bytes: some 200000 sockets.
	mostTable = 32 << 20
	// mostFiles bounds how many open files of one process are looked through.
	mostFiles = 1 << 16
	// mostProcesses bounds how many descendants of one process are looked for.
	mostProcesses = 1 << 10
)

// ReadSockets reads the sockets of living processes, each with those that it has started, in the order of pids. What they
// hold is listed first and the kernel's tables are read after, once for each network namespace: a socket that was closed
// in between is of unknown kind, and one that was opened is left out.
func ReadSockets(pids []int) []Held {
	all := make([]Held, len(pids))
	held := make([][]holding, len(pids))
	for i, pid := range pids {
		held[i], all[i].Err = holdingsOf(pid)
	}
	tables := map[string]map[uint64]Socket{}
	for i, pid := range pids {
		if all[i].Err == nil {
			all[i].Sockets, all[i].Err = resolve(held[i], tables)
		}
		if all[i].Err != nil {
			all[i] = Held{Err: fmt.Errorf("read sockets of process %d: %w", pid, all[i].Err)}
		}
	}
	return all
}

// holding is a process and the sockets that it holds.
type holding struct {
	pid       int
	namespace string
	inodes    []uint64
}

// holdingsOf lists what a process and its descendants hold. A descendant that ends meanwhile holds nothing.
func holdingsOf(pid int) ([]holding, error) {
	own, err := holdingOf(pid)
	if err != nil {
		return nil, err
	}
	all := []holding{own}
	for next := 0; next < len(all) && len(all) < mostProcesses; next++ {
		for _, child := range childrenOf(all[next].pid) {
			if h, err := holdingOf(child); err == nil {
				all = append(all, h)
			}
		}
	}
	return all, nil
}

func holdingOf(pid int) (holding, error) {
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return holding{}, err
	}
	path := fmt.Sprintf("/proc/%d/fd", pid)
	folder, err := os.Open(path)
	if err != nil {
		return holding{}, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(mostFiles)
	if err != nil && !errors.Is(err, io.EOF) {
		return holding{}, err
	}
	if len(names) == mostFiles {
		return holding{}, fmt.Errorf("it has %d files open or more", mostFiles)
	}
	h := holding{pid: pid, namespace: namespace}
	for _, name := range names {
		target, err := os.Readlink(path + "/" + name)
		if err != nil {
			continue // closed meanwhile
		}
		number, isSocket := strings.CutPrefix(target, "socket:[")
		if inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64); isSocket && err == nil {
			h.inodes = append(h.inodes, inode)
		}
	}
	return h, nil
}

// childrenOf lists the processes that the threads of a process have started. A kernel without that list shows none.
func childrenOf(pid int) []int {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	var all []int
	for _, task := range tasks {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		if err != nil {
			continue
		}
		for field := range strings.FieldsSeq(string(raw)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

// resolve finds the sockets in the tables of their namespaces, each once however many processes share it.
func resolve(held []holding, tables map[string]map[uint64]Socket) ([]Socket, error) {
	all, seen := []Socket{}, map[uint64]bool{}
	for _, h := range held {
		table, known := tables[h.namespace]
		if !known {
			var err error
			if table, err = readTables(h.pid); err != nil {
				return nil, err
			}
			tables[h.namespace] = table
		}
		for _, inode := range h.inodes {
			if seen[inode] {
				continue
			}
			seen[inode] = true
			socket := table[inode]
			socket.Inode = inode
			all = append(all, socket)
		}
	}
	return all, nil
}

// readTables reads the sockets of a process's network namespace by their inodes.
func readTables(pid int) (map[uint64]Socket, error) {
	table := map[uint64]Socket{}
	for _, name := range []string{"tcp", "tcp6", "udp", "udp6"} {
		raw, err := readBounded(fmt.Sprintf("/proc/%d/net/%s", pid, name))
		if errors.Is(err, os.ErrNotExist) && strings.HasSuffix(name, "6") {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		sockets, err := parseSockets(Protocol(strings.TrimSuffix(name, "6")), raw)
		if err != nil {
			return nil, fmt.Errorf("parse net/%s: %w", name, err)
		}
		for _, s := range sockets {
			if s.Inode != 0 {
				table[s.Inode] = s
			}
		}
	}
	return table, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, mostTable+1))
	if err == nil && len(raw) > mostTable {
		err = fmt.Errorf("%s is larger than %d bytes", path, mostTable)
	}
	return raw, err
}
