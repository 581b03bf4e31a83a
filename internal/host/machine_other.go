//go:build !linux

package host

// machine knows nothing of this system: nodes are measured on Linux only.
func machine() (kernel, cpu string, memory int64) { return "", "", 0 }
