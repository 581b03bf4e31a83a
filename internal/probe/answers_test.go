package probe_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/probe"
)

const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

// parsers are all that read answers, with a good one each.
func parsers() map[string]struct {
	parse func([]byte) (any, error)
	good  string
	want  any
} {
	outcome := probe.Outcome{StartedNS: 5, DoneNS: 7}
	failed := probe.Outcome{Failure: "no", StartedNS: 5, DoneNS: 7}
	type entry = struct {
		parse func([]byte) (any, error)
		good  string
		want  any
	}
	return map[string]entry{
		"description": {
			func(b []byte) (any, error) { return probe.ParseDescription(b) },
			`{"level": "L3", "id": "a", "now_ns": 9007199254740993, "operations": ["publish", "fly"], "limits": {"calls": 5, "more": {}}, "more": 1}`,
			probe.Description{Level: "L3", ID: "a", NowNS: 1<<53 + 1, Operations: []string{"publish", "fly"}, Limits: probe.Limits{Calls: 5}},
		},
		"published": {
			func(b []byte) (any, error) { return probe.ParsePublished(b) },
			`{"ok": true, "id": "m", "published_ns": 5, "error": ""}`,
			probe.Published{ID: "m", PublishedNS: 5},
		},
		"page": {
			func(b []byte) (any, error) { return probe.ParsePage(b, 3, 2) },
			`{"next": 6, "lost": 1, "messages": [{"seq": 4, "id": "m", "from": "a", "bytes": 128, "received_ns": 5}, {"seq": 5, "id": "n", "from": "b", "bytes": 0, "received_ns": 4}]}`,
			probe.Page{Next: 6, Lost: 1, Messages: []probe.Message{{Seq: 4, ID: "m", From: "a", Bytes: 128, ReceivedNS: 5}, {Seq: 5, ID: "n", From: "b", ReceivedNS: 4}}},
		},
		"put": {
			func(b []byte) (any, error) { return probe.ParsePut(b) },
			`{"ok": true, "started_ns": 5, "done_ns": 7, "bytes": 5, "sha256": "` + digest + `"}`,
			probe.Put{Outcome: outcome, Bytes: 5, SHA256: digest},
		},
		"put that failed": {
			func(b []byte) (any, error) { return probe.ParsePut(b) },
			`{"ok": false, "started_ns": 5, "done_ns": 7, "error": "no"}`,
			probe.Put{Outcome: failed},
		},
		"get": {
			func(b []byte) (any, error) { return probe.ParseGet(b) },
			`{"ok": true, "found": true, "started_ns": 5, "done_ns": 7, "bytes": 5, "sha256": "` + digest + `"}`,
			probe.Get{Outcome: outcome, Found: true, Bytes: 5, SHA256: digest},
		},
		"get that found nothing": {
			func(b []byte) (any, error) { return probe.ParseGet(b) },
			`{"ok": true, "found": false, "started_ns": 5, "done_ns": 7}`,
			probe.Get{Outcome: outcome},
		},
		"sent": {
			func(b []byte) (any, error) { return probe.ParseSent(b) },
			`{"ok": true, "started_ns": 5, "done_ns": 7, "bytes": 100}`,
			probe.Sent{Outcome: outcome, Bytes: 100},
		},
		"connected": {
			func(b []byte) (any, error) { return probe.ParseConnected(b) },
			`{"ok": false, "error": "no", "started_ns": 5, "done_ns": 7}`,
			failed,
		},
		"traffic": {
			func(b []byte) (any, error) { return probe.ParseTraffic(b) },
			`{"at_ns": 1, "bytes_sent": 2, "bytes_received": 3, "packets_sent": 4, "packets_received": 5, "header_bytes": 28, "payload_sent": 6, "payload_received": 7}`,
			probe.Traffic{AtNS: 1, BytesSent: 2, BytesReceived: 3, PacketsSent: 4, PacketsReceived: 5, HeaderBytes: 28, PayloadSent: 6, PayloadReceived: 7},
		},
	}
}

func TestAnswersAreRead(t *testing.T) {
	for name, p := range parsers() {
		got, err := p.parse([]byte(p.good))
		if diff := cmp.Diff(p.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v; (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestAnswersThatCannotBeAreRefused(t *testing.T) {
	for _, test := range []struct{ parser, was, is, want string }{
		{"description", `"L3"`, `""`, "level: has 0 bytes, must have 1 to 8"},
		{"description", `"a"`, `7`, `id: "7" is not of the right type`},
		{"description", `"now_ns": 9`, `"now_ns": -9`, "is no instant"},
		{"description", `9007199254740993`, `1e3`, `now_ns: "1e3" is not of the right type`},
		{"description", `["publish", "fly"]`, `null`, "operations: missing"},
		{"description", `"calls": 5`, `"calls": -5`, "limits: a number is negative"},
		{"published", `true`, `false`, "error does not say why"},
		{"published", `"error": ""`, `"error": "oh"`, `ok is true, and error says "oh"`},
		{"published", `"published_ns": 5`, `"published_ns": 0`, "published_ns: 0 is no instant"},
		{"published", `"id"`, `"name"`, "id: missing"},
		{"page", `"next": 6`, `"next": 2`, "the node has begun anew"},
		{"page", `"next": 6`, `"next": 7`, "next: 7 after 3 does not fit 2 messages and 1 lost"},
		{"page", `"lost": 1`, `"lost": 0`, "does not fit 2 messages and 0 lost"},
		{"page", `"lost": 1`, `"lost": -1`, "lost: -1 is negative"},
		{"page", `"seq": 5`, `"seq": 4`, "seq 4 stands where 5 has to"},
		{"page", `"seq": 5, `, ``, "number 1 has no seq or no bytes"},
		{"page", `"id": "n"`, `"id": ""`, "seq 5: id has 0 bytes"},
		{"page", `"from": "b"`, `"from": ""`, "seq 5: from has 0 bytes"},
		{"page", `"bytes": 128`, `"bytes": -1`, "seq 4: bytes: -1 is negative"},
		{"page", `"received_ns": 4`, `"received_ns": 0`, "seq 5: received_ns: 0 is no instant"},
		{"page", `"messages": [`, `"messages": [{},`, "messages: 3 are more than the 2"},
		{"put", `"done_ns": 7`, `"done_ns": 4`, "done_ns is 1ns before started_ns"},
		{"put", digest, digest[1:] + "g", "is no SHA-256"},
		{"put", `"bytes": 5`, `"bytes": null`, "bytes: missing"},
		{"get", `"ok": true`, `"ok": false, "error": "no"`, "found is true, and ok is false"},
		{"get", `"found": true, `, ``, "found: missing"},
		{"sent", `"bytes": 100`, `"bytes": -100`, "bytes: -100 is negative"},
		{"connected", `"started_ns": 5, `, ``, "started_ns: missing"},
		{"traffic", `"bytes_sent": 2`, `"bytes_sent": -2`, "bytes_sent: -2 is negative"},
		{"traffic", `28`, `2800`, "header_bytes: 2800"},
		{"traffic", `"payload_sent": 6, `, ``, "payload_sent: missing"},
	} {
		p := parsers()[test.parser]
		bad := strings.Replace(p.good, test.was, test.is, 1)
		got, err := p.parse([]byte(bad))
		_, isViolation := errors.AsType[*probe.ViolationError](err)
		if bad == p.good || !isViolation || !strings.Contains(err.Error(), test.want) || !isZero(got) {
			t.Errorf("%s with %s: %+v, %v; want %q", test.parser, test.is, got, err, test.want)
		}
	}
	for name, p := range parsers() {
		for _, bad := range []string{``, `null`, `[]`, `7`, p.good + `{}`, p.good[1:]} {
			if got, err := p.parse([]byte(bad)); err == nil || !isZero(got) {
				t.Errorf("%s: %s: %+v, %v", name, bad, got, err)
			}
		}
	}
}

func isZero(value any) bool { return strings.Trim(fmt.Sprintf("%v", value), "{}[] 0false") == "" }

func fuzz(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		f.Add([]byte(parsers()[name].good))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, name := range names {
			got, err := parsers()[name].parse(body)
			if _, isViolation := errors.AsType[*probe.ViolationError](err); (err != nil) != isViolation || err != nil && !isZero(got) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if again, errAgain := parsers()[name].parse(body); !cmp.Equal(got, again) || (err == nil) != (errAgain == nil) {
				t.Errorf("%s: %+v, then %+v", name, got, again)
			}
		}
	})
}

func FuzzParseDescription(f *testing.F) { fuzz(f, "description") }
func FuzzParsePublished(f *testing.F)   { fuzz(f, "published") }
func FuzzParsePage(f *testing.F)        { fuzz(f, "page") }
func FuzzParsePut(f *testing.F)         { fuzz(f, "put", "put that failed") }
func FuzzParseGet(f *testing.F)         { fuzz(f, "get", "get that found nothing") }
func FuzzParseSent(f *testing.F)        { fuzz(f, "sent") }
func FuzzParseConnected(f *testing.F)   { fuzz(f, "connected") }
func FuzzParseTraffic(f *testing.F)     { fuzz(f, "traffic") }
