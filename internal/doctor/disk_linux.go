package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/communitas/perfgate/internal/metric"
)

// minFree is the least room that results, logs and the storage of nodes should find.
const minFree = 1 << 30

// checkDisk examines the room and the kind of the file system below which results are written. The folder itself need not
// be there yet.
func checkDisk(dir string) outcome {
	dir, stat, err := statfs(dir)
	if err != nil {
		return broken(err.Error(), "results cannot be written", "choose another folder with --out")
	}
	free := float64(stat.Bavail) * float64(stat.Bsize)
	text := fmt.Sprintf("%s free at %s", metric.Format(free, metric.Bytes), dir)
	switch {
	case unix.Access(dir, unix.W_OK) != nil:
		return broken(dir+" cannot be written to", "results cannot be written", "choose another folder with --out, or set XDG_STATE_HOME")
	case free < minFree:
		return doubtful(text, "a measurement may end with a full disk", "free at least 1 GB, or choose another folder with --out")
	case stat.Type == unix.TMPFS_MAGIC:
		return doubtful(text+", in memory (tmpfs)", "disk_write cannot be measured", "choose a folder on a disk with --out")
	}
	return fine(text)
}

// statfs describes the file system of a folder, or of the nearest one above that is there.
func statfs(dir string) (string, unix.Statfs_t, error) {
	var stat unix.Statfs_t
	err := unix.Statfs(dir, &stat)
	for errors.Is(err, os.ErrNotExist) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		err = unix.Statfs(dir, &stat)
	}
	if err != nil {
		return dir, stat, fmt.Errorf("%s: %w", dir, err)
	}
	return dir, stat, nil
}

// roomAt is how many bytes are free where a folder is or would be.
func roomAt(dir string) (float64, error) {
	_, stat, err := statfs(dir)
	return float64(stat.Bavail) * float64(stat.Bsize), err
}
