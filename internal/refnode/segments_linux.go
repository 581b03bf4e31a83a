package refnode

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// segments is the number of packets that the kernel makes of one write of size bytes, given its control messages: with
// generic segmentation offload one write carries many.
func segments(size int, oob []byte) uint64 {
	for len(oob) > 0 {
		header, body, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			break
		}
		if header.Level == unix.IPPROTO_UDP && header.Type == unix.UDP_SEGMENT && len(body) >= 2 {
			if each := int(binary.NativeEndian.Uint16(body)); each > 0 {
				return uint64((size + each - 1) / each)
			}
		}
		oob = rest
	}
	return 1
}
