package main

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/noise"
	"github.com/communitas/perfgate/internal/result"
)

// TestASessionCountsOnce, however often it is named, and only beside the last one.
func TestASessionCountsOnce(t *testing.T) {
	session := func(id, configuration string) noise.Session {
		side := &result.Results{
			Environment: result.Environment{Fingerprint: "here"}, Subject: result.Subject{Name: "node"},
			Scenarios: []result.Scenario{{Name: "mesh", Configuration: configuration}},
			Trial:     &result.Trial{ID: id, Looks: []int{6}},
		}
		return noise.Session{Base: side, Head: side}
	}
	for _, tc := range []struct {
		sessions []noise.Session
		want     string
	}{
		{nil, ""},
		{[]noise.Session{session("a", "now"), session("b", "now"), session("a", "now")}, "a b"},
		{[]noise.Session{session("a", "now"), session("b", "now"), session("b", "now")}, "a b"},
		{[]noise.Session{session("a", "old"), session("b", "now")}, "b"},
	} {
		var got []string
		for _, s := range fitting(tc.sessions) {
			got = append(got, s.Head.Trial.ID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
