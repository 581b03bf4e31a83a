package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// examAhead is how long before its instant the examination asks for work: longer than a message needs, so that one which was
// sent at once arrives before its time.
const examAhead = 500 * time.Millisecond

// tryDue asks for work that is due later.
func tryDue(ctx context.Context, e *exam) error {
	if e.description.Ahead() == 0 {
		return fmt.Errorf("%w: limits.ahead_ms is missing, so that perfgate asks when work is due, and the way of the call is in the latencies of messages and records", errAbsent)
	}
	wrong := []error{refusesInstants(ctx, e)}
	if e.description.Ahead() < examAhead {
		return errors.Join(append(wrong, violation(SectionDescribe, "limits.ahead_ms: %d is less than %d", e.description.Limits.AheadMS, examAhead.Milliseconds()))...)
	}
	due := NowNS() + examAhead.Nanoseconds()
	key := e.token + "-due"
	tasks := make(chan error, 2)
	go func() { tasks <- publishesDue(ctx, e, key, due) }()
	go func() {
		_, err := e.subject.node.Due(due).Get(ctx, key, FromLocal)
		tasks <- err
	}()
	return errors.Join(append(wrong, <-tasks, <-tasks)...)
}

// refusesInstants tries instants that cannot be meant. A node that waits for one of them instead is not waited for.
func refusesInstants(ctx context.Context, e *exam) error {
	ctx, cancel := context.WithTimeout(ctx, examPatience)
	defer cancel()
	var wrong []error
	for _, instant := range []struct {
		what string
		at   int64
	}{
		{"at_ns below 0", -1},
		{"at_ns farther ahead than it may be", NowNS() + e.description.Ahead().Nanoseconds() + time.Hour.Nanoseconds()},
	} {
		body := fmt.Appendf(nil, `{"id": %q, "bytes": %d, "at_ns": %d}`, e.token+"-never", examMessageBytes, instant.at)
		_, _, err := e.subject.node.do(ctx, http.MethodPost, "publish", "/publish", body)
		if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Code != http.StatusBadRequest {
			wrong = append(wrong, violation(SectionGround, "%s: is not refused with status %d", instant.what, http.StatusBadRequest))
		}
	}
	return errors.Join(wrong...)
}

// publishesDue has a message published when it is due, and sees that nobody has it before.
func publishesDue(ctx context.Context, e *exam, id string, due int64) error {
	inbox := Inbox{}
	if e.other != nil {
		inbox.Node = e.other.node
		if err := skip(ctx, &inbox); err != nil {
			return err
		}
	}
	published, err := e.subject.node.Due(due).Publish(ctx, id, examMessageBytes)
	if err != nil || !published.OK() || e.other == nil || e.otherID == "" || !e.delivers {
		return err // a failure was told by a step before
	}
	pages, err := await(ctx, &inbox, id)
	return errors.Join(err, notBefore(pages, id, due))
}

// notBefore looks for a message that its receiver had before it was due.
func notBefore(pages []Page, id string, due int64) error {
	for _, page := range pages {
		for _, m := range page.Messages {
			if early := due - m.ReceivedNS; m.ID == id && early > 0 {
				return violation(SectionGround, "at_ns: the other node had the message %v before that", time.Duration(early))
			}
		}
	}
	return nil
}
