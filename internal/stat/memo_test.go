package stat_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/stat"
)

// A memory that is new has no test of its own to remember, also not the one of pairs that do not differ at all.
func TestAFreshMemoRemembersNothing(t *testing.T) {
	for _, n := range []int{1, 6, 24, 25, 200} {
		values := make([]float64, n)
		want, err := stat.SignFlip(values, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := new(stat.Memo).SignFlip(values, 0); err != nil || got != want {
			t.Errorf("%d values of 0: %+v and not %+v: %v", n, got, want, err)
		}
	}
}
