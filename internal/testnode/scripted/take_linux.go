package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// take maps memory in small pages, so that none becomes resident that was not touched.
func take(size int) []byte {
	if size <= 0 {
		return nil
	}
	block, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		panic(err) // out of memory, as the heap would be
	}
	_ = unix.Madvise(block, unix.MADV_NOHUGEPAGE) // EINVAL: this kernel has none
	return block
}

// makeRoom takes the blocks of a file before they are written. A file system that cannot do so takes them then.
func makeRoom(file *os.File, size int64) error {
	err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	return err
}
