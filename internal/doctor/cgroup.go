package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
)

const (
	cgroupCost = "a child of a node that leaves its session is found by its mark only"
	cgroupMend = "start perfgate with systemd-run --user --scope -p Delegate=yes perfgate …, or as root"
)

// checkCgroup says whether perfgate can put nodes into a control group of their own, which is killed as a whole.
func (e *Examination) checkCgroup(ctx context.Context) outcome {
	own, err := ownCgroup(e.Root, "")
	if err != nil {
		return judgeCgroup(own, err, "")
	}
	container, err := contain.Open(ctx, contain.Options{State: e.State, Results: os.TempDir()})
	if err != nil {
		return broken(err.Error(), "nothing can be measured", "mend it")
	}
	method, why := container.Method()
	if err := container.Close(); err != nil {
		return broken(err.Error(), "something may outlive a measurement", "mend it, then perfgate clean")
	}
	if method == contain.ByCgroup {
		why = ""
	}
	return judgeCgroup(own, nil, why)
}

// judgeCgroup says what it means where the control group of this process is, and why none could be made below it, "" when
// one could.
func judgeCgroup(own proc.Cgroup, err error, why string) outcome {
	kind := "v2"
	if own.Hybrid {
		kind = "v2 (beside v1)"
	}
	switch {
	case errors.Is(err, proc.ErrNoCgroup):
		return doubtful("there is no cgroup v2", cgroupCost, "mount it: mount -t cgroup2 none /sys/fs/cgroup, or boot with systemd.unified_cgroup_hierarchy=1")
	case err != nil:
		return doubtful(err.Error(), cgroupCost, cgroupMend)
	case why != "":
		return doubtful(fmt.Sprintf("%s at %s, but perfgate can make no group in its own: %s", kind, own.Mount, why), cgroupCost, cgroupMend)
	}
	return fine(fmt.Sprintf("%s at %s: nodes have a group of their own", kind, own.Mount))
}

// ownCgroup finds the group that this process is in. Controller is "" for version 2, else the name of one of version 1.
func ownCgroup(root fs.FS, controller string) (proc.Cgroup, error) {
	mounts, _ := word(root, "proc/self/mountinfo")
	own, _ := word(root, "proc/self/cgroup")
	return proc.FindCgroup(mounts, own, controller)
}
