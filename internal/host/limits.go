package host

import (
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/proc"
)

// limits are what control groups leave to this process of the machine.
type limits struct {
	cores  float64 // 0 for all
	memory int64   // in bytes; math.MaxInt64 for all
}

// readLimits takes the least of the limits of this process's control groups and of those that they lie in.
func readLimits(root fs.FS) limits {
	found := limits{memory: math.MaxInt64}
	mounts, membership := line(root, "proc/self/mountinfo"), line(root, "proc/self/cgroup")
	for _, controller := range []string{"", "cpu", "memory"} {
		group, err := proc.FindCgroup(mounts, membership, controller)
		if err != nil {
			continue
		}
		for folder := group.Folder; ; folder = path.Dir(folder) {
			found.take(root, strings.TrimPrefix(folder, "/"))
			if folder == group.Mount || folder == "/" {
				break
			}
		}
	}
	return found
}

// take lowers the limits to those of one group, whichever version's files it has, see cgroups(7).
func (l *limits) take(root fs.FS, folder string) {
	quota, period, _ := strings.Cut(line(root, path.Join(folder, "cpu.max")), " ")
	l.lowerCores(quota, period)
	l.lowerCores(line(root, path.Join(folder, "cpu.cfs_quota_us")), line(root, path.Join(folder, "cpu.cfs_period_us")))
	for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
		if n, err := strconv.ParseInt(line(root, path.Join(folder, name)), 10, 64); err == nil && n > 0 {
			l.memory = min(l.memory, n)
		}
	}
}

// lowerCores takes a quota of processor time in each period, both in microseconds. "max" and -1 are no limit.
func (l *limits) lowerCores(quota, period string) {
	q, errQuota := strconv.ParseFloat(quota, 64)
	p, errPeriod := strconv.ParseFloat(period, 64)
	if errQuota != nil || errPeriod != nil || q <= 0 || p <= 0 {
		return
	}
	if cores := q / p; l.cores == 0 || cores < l.cores {
		l.cores = cores
	}
}
