package proc

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// line writes a socket as the kernel of this machine does.
func line(s Socket, wide bool) string {
	end := func(a netip.AddrPort) string {
		raw := a.Addr().AsSlice()
		if wide {
			as16 := a.Addr().As16()
			raw = as16[:]
		}
		var text strings.Builder
		for ; len(raw) > 0; raw = raw[4:] {
			fmt.Fprintf(&text, "%08X", binary.NativeEndian.Uint32(raw))
		}
		return fmt.Sprintf("%s:%04X", &text, a.Port())
	}
	return fmt.Sprintf("   7: %s %s %02X 00000000:00000000 00:00000000 00000000  1000        0 %d 1 0000000000000000 100 0\n",
		end(s.Local), end(s.Remote), uint8(s.State), s.Inode)
}

func TestParseSockets(t *testing.T) {
	end := netip.MustParseAddrPort
	listening := Socket{TCP, end("127.0.0.1:20000"), end("0.0.0.0:0"), Listening, 4711}
	established := Socket{TCP, end("127.0.0.1:20000"), end("127.0.0.2:40001"), Established, 4712}
	wide := Socket{TCP, end("[::1]:20000"), end("[fe80::1:2]:40001"), Established, 1}
	mapped := Socket{TCP, end("127.0.0.1:20000"), end("127.0.0.1:40001"), Established, 2}
	anybody := Socket{TCP, end("[::]:65535"), end("[::]:0"), Listening, 3}
	waiting := Socket{TCP, end("127.0.0.1:1"), end("127.0.0.1:2"), 6, 0}
	for name, test := range map[string]struct {
		table string
		want  []Socket
		fails string
	}{
		"nothing":                     {"", nil, ""},
		"only the headings":           {heading, nil, ""},
		"IPv4":                        {heading + line(listening, false) + line(established, false), []Socket{listening, established}, ""},
		"IPv6":                        {heading + line(wide, true) + line(anybody, true), []Socket{wide, anybody}, ""},
		"IPv4 within IPv6":            {heading + line(mapped, true), []Socket{mapped}, ""},
		"in no process":               {heading + line(waiting, false), []Socket{waiting}, ""},
		"without the last line's end": {strings.TrimSuffix(heading+line(listening, false), "\n"), []Socket{listening}, ""},
		"too few columns":             {heading + "0: 0100007F:1F90 00000000:0000 0A\n", nil, "line 2: 4 columns"},
		"an empty line":               {heading + "\n", nil, "line 2: 0 columns"},
		"a short address":             {heading + strings.Replace(line(listening, false), "0000:", ":", 1), nil, "no address and port"},
		"no hexadecimal":              {heading + strings.Replace(line(listening, false), ":4E20", ":4G20", 1), nil, "no address and port"},
		"a port too large":            {heading + strings.Replace(line(listening, false), ":4E20", ":14E20", 1), nil, "no address and port"},
		"no state":                    {heading + strings.Replace(line(listening, false), " 0A ", " 1FF ", 1), nil, "state"},
		"no inode":                    {heading + strings.Replace(line(listening, false), "4711", "-1", 1), nil, "inode"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseSockets(TCP, []byte(test.table))
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("error %v, want %q", err, test.fails)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func FuzzParseSockets(f *testing.F) {
	f.Add([]byte(heading))
	f.Add([]byte(heading + line(Socket{UDP, netip.MustParseAddrPort("127.0.0.1:9"), netip.MustParseAddrPort("0.0.0.0:0"), 7, 12}, false)))
	f.Add([]byte(heading + line(Socket{TCP, netip.MustParseAddrPort("[::1]:9"), netip.MustParseAddrPort("[::]:0"), Listening, 12}, true)))
	f.Fuzz(func(t *testing.T, table []byte) {
		sockets, err := parseSockets(UDP, table)
		if err != nil && sockets != nil {
			t.Fatalf("%v beside the error %v", sockets, err)
		}
		again := heading
		for _, s := range sockets {
			again += line(s, true)
		}
		back, err := parseSockets(UDP, []byte(again))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sockets, back, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
			t.Errorf("-parsed +printed and parsed\n%s", diff)
		}
	})
}
