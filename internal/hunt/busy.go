package hunt

import (
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/runner"
)

// busyInARow is how many runs in a row the machine has to disturb until the caller is told what can be done. Each was tried several
// times by then.
const busyInARow = 3

// warnOfBusy says, once, that the machine is too busy for most runs, and what mends it: otherwise a search that waits for a calm
// machine looks like one that hangs.
func (s *searching) warnOfBusy() {
	h := s.hunt
	if h.warned || h.record.Disturbed == runner.Keep {
		return
	}
	inARow, all := disturbed(s.journal.events)
	if inARow < busyInARow {
		return
	}
	h.warned = true
	last := s.journal.events[len(s.journal.events)-1]
	h.Log.Warn(fmt.Sprintf("%d runs in a row were disturbed, %d in all, and do not count (the last one: %s): stop what keeps the machine busy, "+
		"or interrupt and take the figures of busy runs, of which it takes more: perfgate bisect --resume %s --disturbed keep",
		inARow, all, last.Reason, h.folder.id))
}

// disturbed counts the runs that the machine has disturbed: the last ones in a row, and all.
func disturbed(events []bisect.Event) (inARow, all int) {
	for _, e := range events {
		switch {
		case e.Type == bisect.Ran:
			inARow = 0
		case e.Type == bisect.Invalid && !strings.HasPrefix(e.Reason, missing):
			inARow, all = inARow+1, all+1
		}
	}
	return inARow, all
}
