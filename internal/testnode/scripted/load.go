package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// scheduleLoad puts in what the node uses: memory, CPU, disk and log.
func (n *node) scheduleLoad() {
	if memory := n.does.Memory; memory != nil {
		n.timeline.at(memory.AtMS, func() { go n.hold(*memory) })
	}
	if cpu := n.does.CPU; cpu != nil {
		n.timeline.at(cpu.FromMS, func() { go n.burn(*cpu) })
	}
	for i, write := range n.does.Writes {
		path := filepath.Join(n.options.storage, fmt.Sprintf("written-%d.bin", i))
		file, err := reserve(path, write.Bytes)
		n.timeline.at(write.AtMS, func() { go n.write(file, err, write.Bytes) })
	}
	for _, line := range n.does.Log {
		n.timeline.at(line.AtMS, func() { n.print(line) })
	}
}

// hold takes memory and goes on taking more if the script says so.
func (n *node) hold(memory testnode.Memory) {
	n.truth.write(testnode.EventMemory, strconv.Itoa(memory.MiB))
	n.touch(memory.MiB << 20)
	n.truth.write(testnode.EventMemoryEnd, strconv.Itoa(memory.MiB))
	if memory.GrowKiBPerSecond == 0 {
		return
	}
	begin, grown := time.Now(), 0
	for now := range time.Tick(100 * time.Millisecond) {
		due := int(now.Sub(begin).Seconds()*float64(memory.GrowKiBPerSecond<<10)) / os.Getpagesize() * os.Getpagesize()
		n.touch(due - grown)
		grown = due
	}
}

// touch adds bytes of memory to what the node holds, outside of the heap, whose garbage would be allowed to grow with it.
// One byte written is a page that is private and resident.
func (n *node) touch(size int) {
	block := take(size)
	for i := 0; i < size; i += os.Getpagesize() {
		block[i] = 1
	}
	n.ballast = append(n.ballast, block)
}

// write fills a file of that size and syncs it. Without that file the script is not fulfilled, which ends the program.
func (n *node) write(file *os.File, err error, size int64) {
	n.truth.write(testnode.EventWrite, strconv.FormatInt(size, 10))
	if err == nil {
		err = fill(file, size)
	}
	if err != nil {
		os.Exit(report(n.stderr, fmt.Errorf("write by script: %w", err)))
	}
	n.truth.write(testnode.EventWriteEnd, strconv.FormatInt(size, 10))
}

// reserve makes an empty file with room for so many bytes, so that what the file system notes of that room is not charged to
// the node when it writes.
func reserve(path string, size int64) (*os.File, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return file, makeRoom(file, size)
}

// fill writes so many bytes to a file, syncs and closes it.
func fill(file *os.File, size int64) error {
	defer file.Close()
	block := bytes.Repeat([]byte("perfgate"), 8192)
	for size > 0 {
		wrote, err := file.Write(block[:min(size, int64(len(block)))])
		if err != nil {
			return err
		}
		size -= int64(wrote)
	}
	return file.Sync()
}

func (n *node) print(line testnode.Line) {
	repeat := max(line.Repeat, 1)
	n.truth.write(testnode.EventLog, strconv.Itoa(repeat))
	fmt.Fprint(n.stderr, strings.Repeat(line.Text+"\n", repeat))
}
