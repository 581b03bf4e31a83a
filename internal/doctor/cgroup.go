package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	cgroupCost = "a child of a node that leaves its session is found by its mark only"
	cgroupMend = "start perfgate with systemd-run --user --scope -p Delegate=yes perfgate …, or as root"
)

// checkCgroup says whether perfgate can put nodes into a control group of their own, which is killed as a whole.
func checkCgroup(root fs.FS) outcome { return judgeCgroup(ownCgroup(root, "", tryCgroup)) }

// cgroup is a group of version 2.
type cgroup struct {
	folder string // where perfgate's own group is, absolute
	mount  string // where the hierarchy is mounted
	hybrid bool   // the controllers are still those of version 1
	kill   bool   // a group has cgroup.kill
	err    error  // why no child of it can be made
}

var errNoCgroup = errors.New("no cgroup v2 is mounted")

func judgeCgroup(g cgroup) outcome {
	kind := "v2"
	if g.hybrid {
		kind = "v2 (beside v1)"
	}
	switch {
	case errors.Is(g.err, errNoCgroup):
		return doubtful("there is no cgroup v2", cgroupCost, "mount it: mount -t cgroup2 none /sys/fs/cgroup, or boot with systemd.unified_cgroup_hierarchy=1")
	case g.err != nil:
		return doubtful(fmt.Sprintf("%s at %s, but perfgate can make no group in its own: %v", kind, g.mount, g.err), cgroupCost, cgroupMend)
	case !g.kill:
		return doubtful(fmt.Sprintf("%s at %s, without cgroup.kill", kind, g.mount), cgroupCost, "use Linux 5.14 or newer")
	}
	return fine(fmt.Sprintf("%s at %s: nodes can have a group of their own", kind, g.mount))
}

// ownCgroup finds the group that this process is in. Controller is "" for version 2, else the name of one of version 1. Try
// makes a child of a group and removes it, and says whether it had cgroup.kill; nil tries nothing.
func ownCgroup(root fs.FS, controller string, try func(folder string) (kill bool, err error)) cgroup {
	text, _ := word(root, "proc/self/mountinfo")
	own, _ := word(root, "proc/self/cgroup")
	g := cgroup{err: errNoCgroup}
	for line := range strings.Lines(text) {
		m, ok := parseMount(line)
		g.hybrid = g.hybrid || m.kind == "cgroup"
		if !ok || !m.holds(controller) {
			continue
		}
		inside, found := groupOf(own, controller)
		if !found {
			continue
		}
		rest, below := strings.CutPrefix(inside, strings.TrimSuffix(m.root, "/"))
		if !below || rest != "" && rest[0] != '/' { // the group lies outside of what is mounted here
			rest = "/"
		}
		g.mount, g.folder, g.err = m.point, path.Join(m.point, rest), nil
	}
	if g.err == nil && try != nil {
		g.kill, g.err = try(g.folder)
	}
	return g
}

// mount is a line of /proc/self/mountinfo, see proc_pid_mountinfo(5).
type mount struct {
	root, point, kind string
	options           []string // of the mount and of the file system
}

func (m mount) holds(controller string) bool {
	if controller == "" {
		return m.kind == "cgroup2"
	}
	for _, option := range m.options {
		if m.kind == "cgroup" && option == controller {
			return true
		}
	}
	return false
}

func parseMount(line string) (mount, bool) {
	before, after, found := strings.Cut(line, " - ")
	fields, more := strings.Fields(before), strings.Fields(after)
	if !found || len(fields) < 6 || len(more) < 2 || fields[4][0] != '/' {
		return mount{}, false
	}
	m := mount{root: unescape(fields[3]), point: unescape(fields[4]), kind: more[0], options: strings.Split(fields[5], ",")}
	if len(more) > 2 {
		m.options = append(m.options, strings.Split(more[2], ",")...)
	}
	return m, true
}

// unescape undoes how the kernel writes the characters that separate fields and lines.
func unescape(text string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(text)
}

// groupOf reads a group's path from the lines "ID:CONTROLLERS:PATH" of /proc/self/cgroup; that of version 2 has no
// controllers.
func groupOf(text, controller string) (string, bool) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		for name := range strings.SplitSeq(parts[1], ",") {
			if name == controller {
				return parts[2], true
			}
		}
	}
	return "", false
}
