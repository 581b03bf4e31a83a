//go:build !linux

package refnode

// segments is the number of packets that one write becomes: only Linux has segmentation offload.
func segments(int, []byte) uint64 { return 1 }
