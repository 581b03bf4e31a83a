package contain

import "fmt"

// owner names a container and its process for good: a process id alone becomes another's in time.
type owner struct {
	PID int `json:"pid"`
	// StartTicks is when it was started, in ticks since the machine was.
	StartTicks uint64 `json:"start_ticks"`
	// Nonce tells the containers of one process apart.
	Nonce string `json:"nonce"`
	// Boot is the kernel's name for the time since the machine was started, Namespace that of the PID namespace.
	Boot      string `json:"boot_id"`
	Namespace string `json:"pid_namespace"`
}

func (o owner) String() string { return fmt.Sprintf("%d-%d-%s", o.PID, o.StartTicks, o.Nonce) }

// cgroup is the name of the owner's cgroup.
func (o owner) cgroup() string { return cgroupPrefix + o.String() }

const cgroupPrefix = "perfgate-"

// parseOwner reads the name of a journal or cgroup, of which Boot and Namespace are not part.
func parseOwner(name string) (owner, bool) {
	var o owner
	n, err := fmt.Sscanf(name, "%d-%d-%s", &o.PID, &o.StartTicks, &o.Nonce)
	return o, err == nil && n == 3 && o.String() == name
}
