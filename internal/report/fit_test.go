package report

import (
	"slices"
	"testing"
)

func TestPartsStayWhole(t *testing.T) {
	parts := []string{"verdict pass", "now 1.24MB", "change -2.3%", "target < 100MB"}
	for room, want := range map[int][]string{
		36: {"verdict pass, now 1.24MB,", "change -2.3%, target < 100MB"},
		25: {"verdict pass, now 1.24MB,", "change -2.3%,", "target < 100MB"},
		24: {"verdict pass,", "now 1.24MB,", "change -2.3%,", "target < 100MB"},
		-2: {"verdict pass,", "now 1.24MB,", "change -2.3%,", "target < 100MB"},
	} {
		if got := packed(parts, room); !slices.Equal(got, want) {
			t.Errorf("in %d: %q, want %q", room, got, want)
		}
	}
	if got := packed(nil, 10); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}
