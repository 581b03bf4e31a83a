package quicprobe

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func hexed(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The layout is that of RFC 8999, section 6, figure 5; the ids are those of the examples in RFC 9001, appendix A.
func TestParseNegotiation(t *testing.T) {
	for _, tc := range []struct {
		name, datagram string
		want           Negotiation
	}{
		{"version 1 and version 2", "80 00000000 08 8394c8f03e515708 08 f067a5502a4262b5 00000001 6b3343cf",
			Negotiation{hexed(t, "8394c8f03e515708"), hexed(t, "f067a5502a4262b5"), []uint32{1, 0x6b3343cf}}},
		{"other unused bits, a reserved version", "ff 00000000 00 01aa 1a2a3a4a",
			Negotiation{[]byte{}, []byte{0xaa}, []uint32{0x1a2a3a4a}}},
		{"an id longer than any of version 1", "c0 00000000 15 " + strings.Repeat("11", 21) + " 00 00000001",
			Negotiation{bytes.Repeat([]byte{0x11}, 21), []byte{}, []uint32{1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseNegotiation(hexed(t, tc.datagram))
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("error %v, -want +got\n%s", err, diff)
			}
		})
	}
}

func TestParseNegotiationRefusesOtherPackets(t *testing.T) {
	for _, tc := range []struct{ name, datagram, want string }{
		{"nothing", "", "0 bytes without a long header"},
		{"a short header", "40 00000000 00 00 00000001", "11 bytes without a long header"},
		{"too short", "80 00000000 00", "6 bytes without a long header"},
		{"version 1", "c0 00000001 00 00 00000001", "a packet of version 0x1"},
		{"a first id that is cut", "80 00000000 ff 0102030405", "it ends within its connection ids"},
		{"a second id that is cut", "80 00000000 01 aa 04 010203", "it ends within its connection ids"},
		{"no second id", "80 00000000 01 aa", "it ends within its connection ids"},
		{"no version", "80 00000000 01 aa 01 bb", "0 bytes are no list of versions"},
		{"half a version", "80 00000000 01 aa 01 bb 0000", "2 bytes are no list of versions"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseNegotiation(hexed(t, tc.datagram))
			if want := ErrNoQUIC.Error() + ": " + tc.want; !errors.Is(err, ErrNoQUIC) || err.Error() != want || got.Versions != nil {
				t.Errorf("%v, error %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestRequestIsAPacketThatEveryServerHasToAnswer(t *testing.T) {
	got := request(0x1a2a3a4a, hexed(t, "8394c8f03e515708"), hexed(t, "f067a5502a4262b5"))
	want := hexed(t, "c0 1a2a3a4a 08 8394c8f03e515708 08 f067a5502a4262b5")
	if len(got) != 1200 || !bytes.Equal(got[:len(want)], want) || len(bytes.Trim(got[len(want):], "\x00")) > 0 {
		t.Errorf("%d bytes, %x", len(got), got[:len(want)])
	}
}

func TestReservedVersionsHaveTheirForm(t *testing.T) {
	for random, want := range map[uint32]uint32{0: 0x0a0a0a0a, 0xffffffff: 0xfafafafa, 0x12345678: 0x1a3a5a7a, 1: 0x0a0a0a0a} {
		if got := reserve(random); got != want {
			t.Errorf("%#x gives %#x, want %#x", random, got, want)
		}
	}
}

func TestAnAnswerSwapsTheIDs(t *testing.T) {
	mine, theirs := []byte("mine"), []byte("theirs")
	for _, tc := range []struct {
		name string
		n    Negotiation
		ok   bool
	}{
		{"swapped", Negotiation{mine, theirs, []uint32{1}}, true},
		{"not swapped", Negotiation{theirs, mine, []uint32{1}}, false},
		{"another's", Negotiation{[]byte("me"), theirs, []uint32{1}}, false},
		{"offers what was asked with", Negotiation{mine, theirs, []uint32{1, 0x1a2a3a4a}}, false},
	} {
		if err := tc.n.answers(0x1a2a3a4a, theirs, mine); (err == nil) != tc.ok || !tc.ok && !errors.Is(err, ErrNoQUIC) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func FuzzParseNegotiation(f *testing.F) {
	f.Add(hexed(f, "80 00000000 08 8394c8f03e515708 08 f067a5502a4262b5 00000001 6b3343cf"))
	f.Add(request(reserve(7), make([]byte, 8), make([]byte, 8)))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		n, err := ParseNegotiation(datagram)
		if err != nil {
			if !errors.Is(err, ErrNoQUIC) || n.Versions != nil {
				t.Fatalf("%v beside %v", n, err)
			}
			return
		}
		again := append(append([]byte{datagram[0], 0, 0, 0, 0, byte(len(n.Destination))}, n.Destination...), byte(len(n.Source)))
		again = append(again, n.Source...)
		for _, v := range n.Versions {
			again = binary.BigEndian.AppendUint32(again, v)
		}
		if !bytes.Equal(again, datagram) {
			t.Fatalf("%x was read, %x written", datagram, again)
		}
	})
}
