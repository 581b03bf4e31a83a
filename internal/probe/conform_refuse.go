package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// nobody is an id that no node has.
const nobody = "perfgate-no-such-node"

func tryNobody(ctx context.Context, e *exam) error {
	sent, sendErr := e.subject.node.Send(ctx, nobody, 1, 0)
	if sendErr == nil && sent.OK() {
		sendErr = violation(SectionSend, "ok: a node that does not exist received a stream")
	}
	done, connectErr := e.subject.node.Connect(ctx, nobody)
	if connectErr == nil && done.OK() {
		connectErr = violation(SectionConnect, "ok: a node that does not exist was connected to")
	}
	return errors.Join(sendErr, connectErr)
}

func tryTraffic(ctx context.Context, e *exam) error {
	before, err := e.subject.node.Traffic(ctx)
	if err != nil {
		return err
	}
	if _, err := e.subject.node.Publish(ctx, e.token+"-traffic", examMessageBytes); err != nil {
		return err
	}
	after, err := e.subject.node.Traffic(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, counter := range []struct {
		name          string
		before, after int64
	}{
		{"bytes_sent", before.BytesSent, after.BytesSent},
		{"bytes_received", before.BytesReceived, after.BytesReceived},
		{"packets_sent", before.PacketsSent, after.PacketsSent},
		{"packets_received", before.PacketsReceived, after.PacketsReceived},
		{"payload_sent", before.PayloadSent, after.PayloadSent},
		{"payload_received", before.PayloadReceived, after.PayloadReceived},
	} {
		if counter.after < counter.before {
			wrong = append(wrong, violation(SectionTraffic, "%s: fell from %d to %d", counter.name, counter.before, counter.after))
		}
	}
	if before.HeaderBytes != after.HeaderBytes {
		wrong = append(wrong, violation(SectionTraffic, "header_bytes: was %d and is %d", before.HeaderBytes, after.HeaderBytes))
	}
	if grown := after.PayloadSent - before.PayloadSent; len(wrong) == 0 && grown < examMessageBytes {
		wrong = append(wrong, violation(SectionTraffic, "payload_sent: grew by %d for a message of %d bytes", grown, examMessageBytes))
	}
	return errors.Join(wrong...)
}

// nonsense are requests that cannot be meant, and the statuses that refuse them.
func nonsense() []struct {
	section    Section
	call, body string
	codes      []int
} {
	refused := []int{http.StatusBadRequest}
	return []struct {
		section    Section
		call, body string
		codes      []int
	}{
		{SectionPublish, "publish", `{"id": "a", "bytes": 1000`, refused},
		{SectionPublish, "publish", `{"id": "a", "bytes": -1}`, refused},
		{SectionPublish, "publish", `{"id": "a", "bytes": 127}`, refused},
		{SectionPublish, "publish", `{"id": "", "bytes": 1000}`, refused},
		{SectionPublish, "publish", `{"id": "` + strings.Repeat("x", maxMessageID+1) + `", "bytes": 1000}`, refused},
		{SectionPut, "dht/put", `{"key": "a", "bytes": 0}`, refused},
		{SectionGet, "dht/get", `{"key": ""}`, refused},
		{SectionGet, "dht/get", `{"key": "a", "from": "nowhere"}`, refused},
		{SectionSend, "send", `{"to": "` + nobody + `", "bytes": 0}`, refused},
		{SectionSend, "send", `{"to": "` + nobody + `", "bytes": 1, "warmup_bytes": -1}`, refused},
		{SectionConnect, "connect", `{}`, refused},
		{SectionReceived, "received?since=-1", ``, refused},
		{SectionReceived, "received?limit=0", ``, refused},
		{SectionGround, "publish", `{"id": "` + strings.Repeat("x", 1<<20) + `"}`, []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge}},
		{SectionGround, nobody, ``, []int{http.StatusNotFound}},
	}
}

func tryNonsense(ctx context.Context, e *exam) error {
	var wrong []error
	for _, n := range nonsense() {
		method, body := http.MethodPost, []byte(n.body)
		if n.body == "" {
			method, body = http.MethodGet, nil
		}
		_, _, err := e.subject.node.do(ctx, method, n.call, "/"+n.call, body)
		asked := fmt.Sprintf("%s %.60s", n.call, n.body)
		refused, ok := errors.AsType[*RefusedError](err)
		switch {
		case err == nil:
			wrong = append(wrong, violation(n.section, "%s: is not refused; status %v is right", asked, n.codes[0]))
		case !ok && len(n.body) < maxNonsense: // a large body may be refused by cutting it off
			wrong = append(wrong, err)
		case ok && !slices.Contains(n.codes, refused.Code):
			wrong = append(wrong, violation(n.section, "%s: refused with status %d; %d is right", asked, refused.Code, n.codes[0]))
		}
	}
	return errors.Join(wrong...)
}

// maxNonsense is what every node reads of a request.
const maxNonsense = 64 << 10

func tryUnknownField(ctx context.Context, e *exam) error {
	body, err := json.Marshal(map[string]any{"id": e.token + "-unknown", "bytes": examMessageBytes, "of_a_later_version": bytes.Repeat([]byte{1}, 3)})
	if err != nil {
		return err
	}
	answer, _, err := e.subject.node.do(ctx, http.MethodPost, "publish", "/publish", body)
	if err != nil {
		return fmt.Errorf("a request with an unknown field: %w", err)
	}
	_, err = ParsePublished(answer)
	return err
}
