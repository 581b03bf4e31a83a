package bench

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestAwaitTick: a file that is written again within one tick of the clock of files would look as it did before.
func TestAwaitTick(t *testing.T) {
	for name, test := range map[string]struct{ age, want time.Duration }{
		"written just now":   {0, fileTick},
		"within the tick":    {fileTick / 4, 3 * fileTick / 4},
		"written before it":  {fileTick, 0},
		"old":                {time.Hour, 0},
		"of the future":      {-time.Hour, 0},
		"of the near future": {-time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				was := map[string]stamp{"a": {modified: began.Add(-time.Hour)}, "b": {modified: began.Add(-test.age)}}
				if err := awaitTick(t.Context(), []stampedFolder{{was: map[string]stamp{}}, {was: was}}); err != nil || time.Since(began) != test.want {
					t.Errorf("waited %v, want %v; %v", time.Since(began), test.want, err)
				}
			})
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := awaitTick(ended, []stampedFolder{{was: map[string]stamp{"a": {modified: time.Now()}}}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
