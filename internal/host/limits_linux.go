package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/communitas/perfgate/internal/metric"
)

// filesPerNode is a generous number of open files for a node and what perfgate opens for it.
const filesPerNode = 16

// CheckFiles examines the limit on open files for networks of up to nodes nodes.
func CheckFiles(nodes int) Finding {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return Finding{"open files", Warn, err.Error(), ""}
	}
	want := uint64(256 + filesPerNode*nodes)
	text := fmt.Sprintf("at most %d open files for a process", limit.Cur)
	if limit.Cur < want {
		return Finding{"open files", Warn, fmt.Sprintf("%s, %d are wanted for %d nodes", text, want, nodes), fmt.Sprintf("ulimit -n %d", want)}
	}
	return Finding{"open files", OK, text, ""}
}

// minFree is the least room that results, logs and the storage of nodes should find.
const minFree = 1 << 30

// CheckDisk examines the room and the kind of the file system below which results are written. The folder itself need not
// be there yet.
func CheckDisk(dir string) Finding {
	var stat unix.Statfs_t
	err := unix.Statfs(dir, &stat)
	for errors.Is(err, os.ErrNotExist) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		err = unix.Statfs(dir, &stat)
	}
	if err != nil {
		return Finding{"disk", Bad, fmt.Sprintf("%s: %v", dir, err), "choose another folder with --out"}
	}
	free := float64(stat.Bavail) * float64(stat.Bsize)
	text := fmt.Sprintf("%s free at %s", metric.Format(free, metric.Bytes), dir)
	switch {
	case unix.Access(dir, unix.W_OK) != nil:
		return Finding{"disk", Bad, dir + " cannot be written to", "choose another folder with --out, or set XDG_STATE_HOME"}
	case free < minFree:
		return Finding{"disk", Warn, text, "free at least 1 GB, or choose another folder with --out"}
	case stat.Type == unix.TMPFS_MAGIC:
		return Finding{"disk", Warn, text + ", in memory (tmpfs): disk_write cannot be measured", "choose a folder on a disk with --out"}
	}
	return Finding{"disk", OK, text, ""}
}
