//go:build !linux

package host

import (
	"errors"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// Watch reads what a machine does; only on Linux.
type Watch struct{}

// NewWatch makes a watch that sees nothing here.
func NewWatch() *Watch { return &Watch{} }

// Missing says that nothing is to be seen here.
func (*Watch) Missing() []string { return []string{"the machine: reading what it does needs Linux"} }

// Read is the zero sample here.
func (*Watch) Read() result.MachineSample { return result.MachineSample{} }

// ChildrenCPU is unknown here.
func ChildrenCPU() (time.Duration, error) {
	return 0, errors.New("the CPU time of children: reading it needs Linux")
}
