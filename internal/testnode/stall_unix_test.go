//go:build unix

package testnode

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// TestWhatWasMeasuredWhileTheMachineStoodStillIsMeasuredAgain has this process stopped for half a second, once and always.
func TestWhatWasMeasuredWhileTheMachineStoodStillIsMeasuredAgain(t *testing.T) {
	for name, test := range map[string]struct{ stalls, least int }{"once": {1, 2}, "always": {100, mostStalled}} {
		t.Run(name, func(t *testing.T) {
			measured := 0
			Unstalled(t, func() {
				if measured++; measured > test.stalls {
					return
				}
				stop := fmt.Sprintf("kill -STOP %d; sleep 0.5; kill -CONT %d", os.Getpid(), os.Getpid())
				if out, err := exec.Command("sh", "-c", stop).CombinedOutput(); err != nil {
					t.Skipf("%v: %s", err, out)
				}
			})
			if measured < test.least || measured > mostStalled { // more than wanted where the machine stands still by itself
				t.Errorf("measured %d times, want %d", measured, test.least)
			}
		})
	}
}
