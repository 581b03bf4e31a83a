package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
)

// built measures the builds of a plan alone and reads what was kept of them.
func built(t *testing.T, command string) *result.Results {
	t.Helper()
	p := plan(t, mesh())
	p.Suite.Scenarios = nil
	p.Suite.Subject.Build = []string{"sh", "-c", command}
	if _, err := gate.Measure(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	kept, err := gate.Load(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func warnings(r *result.Results) []string {
	return compare.Decide(compare.Input{Head: r, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}).Warnings
}

func TestBuildsAreKeptWithTheirHashesMemoryAndParts(t *testing.T) {
	r := built(t, `cp "$SCRIPTED" node`)
	if b := r.Subject.Builds; len(b) != 2 || b[0] != b[1] || b[1] != r.Subject.BinarySHA256 {
		t.Errorf("builds %v of binary %s", b, r.Subject.BinarySHA256)
	}
	if s, _ := r.Find("", "build_memory_peak"); len(s.Usable()) != 2 || *s.Samples[0].Value < 100e3 {
		t.Errorf("build_memory_peak: %+v", s)
	}
	a := r.Subject.Anatomy
	main := func(p result.Part) bool { return p.Kind == result.PartGo && p.Name == "runtime" }
	if a == nil || a.Reason != "" || !slices.ContainsFunc(a.Groups, main) {
		t.Errorf("the binary is made of %+v", a)
	}
	if w := warnings(r); len(w) > 0 {
		t.Errorf("warned %q", w)
	}
}

func TestTwoBuildsOfOneCheckoutThatDifferAreWarnedOf(t *testing.T) {
	r := built(t, `cp "$SCRIPTED" node; echo x >>count; cat count >>node`)
	w := warnings(r)
	if !slices.ContainsFunc(w, func(text string) bool {
		return strings.Contains(text, "2 builds of one checkout gave 2 different binaries")
	}) {
		t.Errorf("warned %q of %v", w, r.Subject.Builds)
	}
}

func TestABinaryThatCannotBeTakenApartIsMeasuredAllTheSame(t *testing.T) {
	r := built(t, `printf '#!/bin/sh\n' >node; chmod +x node`)
	if a := r.Subject.Anatomy; a == nil || a.Bytes != 10 || !strings.Contains(a.Reason, "this is a script") || len(a.Sections) > 0 {
		t.Errorf("the script is made of %+v", a)
	}
	if s, _ := r.Find("", "binary_size"); len(s.Usable()) != 2 {
		t.Errorf("binary_size: %+v", s)
	}
}
