package doctor

import (
	"io/fs"
	"strconv"
	"strings"
)

// The numbers of capabilities, see capabilities(7).
const (
	capNetAdmin = 12
	capSysAdmin = 21
)

// checkPrivileges says what this process may do beyond an ordinary one.
func checkPrivileges(root fs.FS) outcome {
	const file = "proc/self/status"
	effective, err := strconv.ParseUint(fieldOf(root, file, "CapEff"), 16, 64)
	if err != nil {
		return doubtful("not visible: /proc/self/status cannot be read", "what perfgate may do is unknown", "")
	}
	who := "an ordinary user"
	if ids := strings.Fields(fieldOf(root, file, "Uid")); len(ids) > 1 && ids[1] == "0" {
		who = "root"
	}
	var has, lacks []string
	for _, c := range []struct {
		number int
		name   string
	}{{capNetAdmin, "CAP_NET_ADMIN"}, {capSysAdmin, "CAP_SYS_ADMIN"}} {
		if effective&(1<<c.number) != 0 {
			has = append(has, c.name)
		} else {
			lacks = append(lacks, c.name)
		}
	}
	if len(lacks) == 0 {
		return fine(who + ", with " + strings.Join(has, " and "))
	}
	return lacking(who+", without "+strings.Join(lacks, " and "),
		"an extra: links with loss or delay cannot be made, and nothing that is measured today needs them",
		"run perfgate as root where that is wanted")
}
