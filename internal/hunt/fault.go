package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/contain"
)

// What goes wrong is of three kinds. What the commit does wrong breaks it, and the search goes round it. What the machine, the disk, the
// network or git do wrong says nothing of any commit: it is tried again, and then ends the hunt, whose journal is kept. And a run that the
// machine has disturbed does not count.

// brokenError is a fault of the commit.
type brokenError struct{ reason string }

func (e *brokenError) Error() string { return e.reason }

// retries are the attempts after the first one that failed for a reason outside of the commit.
const retries = 3

// patiently does something again that has failed for a reason outside of the commit, a few times, with growing waits.
func (h *hunt) patiently(ctx context.Context, t Target, what string, do func() error) error {
	wait := h.Backoff
	if wait == 0 {
		wait = 2 * time.Second
	}
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, broken := errors.AsType[*brokenError](err); broken {
			return err
		}
		if attempt > retries || errors.Is(err, contain.ErrUnsupported) {
			return fmt.Errorf("%s: failed %d times: %w (what was measured is kept: perfgate bisect --resume=%s goes on once it is mended, and with --skip COMMIT without that commit)",
				what, attempt, err, h.folder.id)
		}
		h.remark(t, fmt.Sprintf("%s: %v; trying again in %v", what, firstLine(err.Error()), wait))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 4
	}
}

// faultOfBuild tells a build that fails by the commit, as a *brokenError, from one that fails by the machine or the network.
func faultOfBuild(err error) error {
	failed, ok := errors.AsType[*build.Error](err)
	if !ok {
		return err
	}
	if why := outside(failed); why != "" {
		return fmt.Errorf("%s: %w", why, err)
	}
	reason := ""
	if !errors.Is(err, build.ErrTooLong) {
		reason = lastError(failed.Tail)
	}
	return &brokenError{"the build fails: " + cmp.Or(reason, normal(failed.Err.Error()))}
}

// lastError is what a compiler complained of last, without what differs from commit to commit; "" when it said nothing.
func lastError(tail []string) string {
	found := ""
	for _, line := range tail {
		low := strings.ToLower(line)
		summary := strings.Contains(low, "could not compile") || strings.Contains(low, "aborting due to") || strings.Contains(low, "build failed")
		if strings.Contains(low, "error") && (!summary || found == "") {
			found = line
		}
	}
	if found == "" && len(tail) > 0 {
		found = tail[len(tail)-1]
	}
	return normal(found)
}

// mostReason bounds a reason, in runes.
const mostReason = 200

// normal takes out of a complaint what differs where the fault is the same: colours, lines, addresses, folders of the work tree.
func normal(text string) string {
	for _, cut := range []struct{ pattern, by string }{
		{"\x1b\\[[0-9;]*[A-Za-z]", ""},                         // colours
		{`/[^\s:'"]*/trees/\d+/`, ""},                          // where the work tree is
		{`(\w):\d+(:\d+)?`, "$1"},                              // lines
		{`\b\d+(\.\d+)?(ns|µs|ms|s)\b`, "…$2"},                 // how long it took
		{`0x[0-9a-fA-F]+|\b[0-9a-f]{12,64}\b`, "…"},            // addresses and hashes
		{`[\x00-\x1f\x7f\x{80}-\x{9f}\x{202a}-\x{202e}]`, " "}, // what a terminal would act on
	} {
		text = regexp.MustCompile(cut.pattern).ReplaceAllString(text, cut.by)
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if runes := []rune(text); len(runes) > mostReason {
		text = string(runes[:mostReason]) + "…"
	}
	return text
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
