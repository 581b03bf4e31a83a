//go:build !unix

package testnode

import "os"

func isDead(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	_ = process.Release()
	return false
}
