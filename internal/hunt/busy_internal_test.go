package hunt

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/runner"
)

func TestABusyMachineIsToldOnceWithTheMend(t *testing.T) {
	ran, busy := bisect.Event{Type: bisect.Ran}, bisect.Event{Type: bisect.Invalid, Reason: "others took 40 % of the machine"}
	failed := bisect.Event{Type: bisect.Invalid, Reason: missing + "the node has no such gauge"}
	for name, tc := range map[string]struct {
		events    []bisect.Event
		disturbed runner.Disturbed
		want      int
	}{
		"in a row":            {[]bisect.Event{ran, busy, busy, busy, busy, busy}, runner.Retry, 1},
		"not in a row":        {[]bisect.Event{busy, busy, ran, busy, busy, ran, busy}, runner.Retry, 0},
		"the commit's fault":  {[]bisect.Event{failed, busy, failed, busy, failed}, runner.Retry, 0},
		"figures are kept":    {[]bisect.Event{busy, busy, busy, busy}, runner.Keep, 0},
		"again after a while": {[]bisect.Event{busy, busy, busy, ran, busy, busy, busy}, runner.Retry, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			h := &hunt{Plan: Plan{Log: slog.New(slog.NewTextHandler(&said, nil))}, folder: &folder{id: "ID"}}
			h.record.Disturbed = tc.disturbed
			s := &searching{hunt: h, journal: &journal{}}
			for _, e := range tc.events {
				s.journal.events = append(s.journal.events, e)
				s.warnOfBusy()
			}
			if n := strings.Count(said.String(), "--resume ID --disturbed keep"); n != tc.want {
				t.Errorf("it was said %d times:\n%s", n, said.String())
			}
		})
	}
}
