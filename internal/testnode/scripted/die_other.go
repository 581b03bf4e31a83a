//go:build !linux

package main

import (
	"os"
	"syscall"
)

// dieOf ends the process with the code that shells give for the signal: dying of it is done on Linux alone.
func dieOf(sig syscall.Signal) {
	os.Exit(128 + int(sig))
}
