package doctor

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// filesPerNode is a generous number of open files for a node and what perfgate opens for it.
const filesPerNode = 16

// checkFiles examines the limit on open files for networks of up to nodes nodes.
func checkFiles(nodes int) outcome {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return doubtful(err.Error(), "how many files may be open is unknown", "")
	}
	want := uint64(256 + filesPerNode*nodes)
	text := fmt.Sprintf("at most %d for a process", limit.Cur)
	if limit.Cur < want {
		return doubtful(fmt.Sprintf("%s, %d are wanted for %d nodes", text, want, nodes), "pages of nodes cannot be read, and nodes lose connections",
			fmt.Sprintf("ulimit -n %d", want))
	}
	return fine(text)
}

// processLimit is how many threads this user may have, -1 for any number. Root may have more than its limit.
func processLimit() int64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &limit); err != nil || os.Geteuid() == 0 || limit.Cur > math.MaxInt64 {
		return -1
	}
	return int64(limit.Cur)
}
