package proc

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Cgroup is where a process's control group is.
type Cgroup struct {
	// Folder is the absolute path of the group, Mount that of the hierarchy.
	Folder, Mount string
	// Hybrid says that hierarchies of version 1 are mounted as well.
	Hybrid bool
}

// ErrNoCgroup says that no hierarchy of the wanted kind is mounted.
var ErrNoCgroup = errors.New("no such hierarchy of control groups is mounted")

// FindCgroup reads the texts of /proc/PID/mountinfo and /proc/PID/cgroup, see proc_pid_mountinfo(5) and cgroups(7).
// Controller is "" for the hierarchy of version 2, else the name of a controller of version 1. A group that lies outside of
// what is mounted is an error.
func FindCgroup(mountinfo, membership, controller string) (Cgroup, error) {
	inside, found := groupOf(membership, controller)
	if !found {
		return Cgroup{}, ErrNoCgroup
	}
	if inside == "/.." || strings.HasPrefix(inside, "/../") {
		return Cgroup{}, fmt.Errorf("control group %s lies outside of the cgroup namespace", inside)
	}
	var group Cgroup
	hybrid, elsewhere := false, ""
	for _, m := range ParseMounts(mountinfo) {
		hybrid = hybrid || m.Kind == "cgroup"
		if !holds(m, controller) {
			continue
		}
		rest, below := strings.CutPrefix(inside, strings.TrimSuffix(m.Root, "/"))
		if !below || rest != "" && rest[0] != '/' {
			elsewhere = m.Point
			continue
		}
		group = Cgroup{Folder: path.Join(m.Point, rest), Mount: path.Clean(m.Point)}
	}
	switch {
	case group.Folder != "":
		group.Hybrid = hybrid
		return group, nil
	case elsewhere != "":
		return Cgroup{}, fmt.Errorf("control group %s lies outside of what is mounted at %s", inside, elsewhere)
	}
	return Cgroup{}, ErrNoCgroup
}

func holds(m Mount, controller string) bool {
	if controller == "" {
		return m.Kind == "cgroup2"
	}
	return m.Kind == "cgroup" && slices.Contains(m.Options, controller)
}

// groupOf reads a group's path from the lines "ID:CONTROLLERS:PATH"; that of version 2 has no controllers.
func groupOf(membership, controller string) (string, bool) {
	for line := range strings.Lines(membership) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) == 3 && path.IsAbs(parts[2]) && slices.Contains(strings.Split(parts[1], ","), controller) {
			return parts[2], true
		}
	}
	return "", false
}
