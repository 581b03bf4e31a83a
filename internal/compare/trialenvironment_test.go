package compare_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// TestATrialMayChangeItsToolchain has a commit that asks for another compiler: that is part of what is judged, and no other machine.
func TestATrialMayChangeItsToolchain(t *testing.T) {
	for _, tc := range []struct {
		name          string
		there, kernel string
		trial         bool
		want          compare.BaseKind
		warned        bool
	}{
		{"the same", "go1.25", "6.1", true, compare.Paired, false},
		{"another toolchain", "go1.24", "6.1", true, compare.Paired, true},
		{"an unknown one", "", "6.1", true, compare.Paired, true},
		{"another kernel as well", "go1.24", "6.2", true, compare.NoBase, false},
		{"another toolchain, and no trial", "go1.24", "6.1", false, compare.NoBase, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, head := timed("work", 12, 3, always(1))
			b, h := trialOf([]result.Series{base}, []result.Series{head})
			h.Environment.Toolchain, h.Environment.Kernel = "go1.25", "6.1"
			b.Environment = h.Environment
			b.Environment.Toolchain, b.Environment.Kernel = tc.there, tc.kernel
			if b.Environment != h.Environment {
				b.Environment.Fingerprint += "-other"
			}
			if !tc.trial {
				b.Trial, h.Trial = nil, nil
			}
			v := compare.Decide(compare.Input{Head: h, Base: b, Now: now})
			if v.Comparison.Kind != tc.want {
				t.Errorf("compared with %s, want %s: %s", v.Comparison.Kind, tc.want, v.Reason)
			}
			warned := slices.ContainsFunc(v.Warnings, func(w string) bool { return strings.Contains(w, "head was built with go1.25 and base with ") })
			if warned != tc.warned {
				t.Errorf("warnings %q", v.Warnings)
			}
		})
	}
}
