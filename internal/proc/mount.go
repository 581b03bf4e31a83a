package proc

import (
	"path"
	"strings"
)

// Mount is a line of /proc/PID/mountinfo, see proc_pid_mountinfo(5).
type Mount struct {
	// Root is what of the file system is mounted, Point the absolute path where, Kind the type of the file system.
	Root, Point, Kind string
	// Options are those of the mount and of the file system.
	Options []string
}

// ParseMounts reads the text of mountinfo. Lines that are none are left out.
func ParseMounts(mountinfo string) []Mount {
	var all []Mount
	for line := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(line, " - ")
		fields, more := strings.Fields(before), strings.Fields(after)
		if !found || len(fields) < 6 || len(more) < 2 || !path.IsAbs(fields[4]) {
			continue
		}
		m := Mount{Root: unescape(fields[3]), Point: unescape(fields[4]), Kind: more[0], Options: strings.Split(fields[5], ",")}
		if len(more) > 2 {
			m.Options = append(m.Options, strings.Split(more[2], ",")...)
		}
		all = append(all, m)
	}
	return all
}

// unescape undoes how the kernel writes the characters that separate fields and lines.
func unescape(text string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(text)
}
