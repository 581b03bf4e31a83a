//go:build !linux

package host

// CheckFiles cannot tell on this system.
func CheckFiles(int) Finding {
	return Finding{"open files", Warn, "unknown on this system", ""}
}

// CheckDisk cannot tell on this system.
func CheckDisk(string) Finding {
	return Finding{"disk", Warn, "unknown on this system", ""}
}
