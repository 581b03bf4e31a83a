package compare_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// program is what a build gave: one scenario of builds, and what the binary is made of.
func program(names string, sections, groups []result.Part) *result.Results {
	whole := int64(0)
	for _, p := range sections {
		whole += p.Bytes
	}
	r := results(of("binary_size", float64(whole)))
	r.Scenarios, r.Runs = []result.Scenario{{Runs: 1, Configuration: "build"}}, nil
	r.Series[0].Scenario = ""
	r.Subject.Builds = []string{strings.Repeat("a", 64)}
	r.Subject.Anatomy = &result.Anatomy{Bytes: whole, Names: names, Sections: sections, Groups: groups}
	return r
}

func section(name string, bytes int64) result.Part {
	return result.Part{Kind: result.PartSection, Name: name, Bytes: bytes}
}

func pack(name string, bytes int64) result.Part {
	return result.Part{Kind: result.PartGo, Name: name, Bytes: bytes}
}

func TestNotesSayWhatOfABinaryGrew(t *testing.T) {
	base := program("pclntab",
		[]result.Part{section(".text", 8e6), section(".rodata", 2e6)},
		[]result.Part{pack("github.com/x/y", 5e6), pack("gone", 3e6), section(".rodata", 2e6)})
	for _, tc := range []struct {
		name string
		head *result.Results
		want []string
	}{
		{"as large as before", base, nil},
		{"grown", program("pclntab",
			[]result.Part{section(".text", 8.9e6), section(".rodata", 2.3e6)},
			[]result.Part{pack("github.com/x/y", 5.7e6), pack("new", 3.2e6), section(".rodata", 2.3e6)}), []string{
			"+1.2MB in sections: .text +900kB (75%), .rodata +300kB (25%)",
			"+1.2MB in packages and crates: new +3.2MB (266.7%), gone -3MB (-250%), github.com/x/y +700kB (58.3%), .rodata +300kB (25%)",
		}},
		{"shrunk", program("pclntab",
			[]result.Part{section(".text", 7e6), section(".rodata", 2e6)},
			[]result.Part{pack("github.com/x/y", 4e6), pack("gone", 3e6), section(".rodata", 2e6)}), []string{
			"-1MB in sections: .text -1MB (100%)",
			"-1MB in packages and crates: github.com/x/y -1MB (100%)",
		}},
		{"named by another table", program("symtab, pclntab",
			[]result.Part{section(".text", 8e6), section(".rodata", 2e6), section(".symtab", 1e6)},
			[]result.Part{pack("github.com/x/y", 8e6), section(".rodata", 2e6), section(".symtab", 1e6)}), []string{
			"+1MB in sections: .symtab +1MB (100%)",
			"packages and crates cannot be compared: base names them by pclntab, head by symtab, pclntab",
		}},
		{"not taken apart", func() *result.Results {
			r := program("", []result.Part{section("", 11e6)}, nil)
			r.Subject.Anatomy = &result.Anatomy{Bytes: 11e6, Reason: "this is a script"}
			return r
		}(), nil},
		{"by an older perfgate", func() *result.Results {
			r := program("", []result.Part{section("", 11e6)}, nil)
			r.Subject.Anatomy = nil
			return r
		}(), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := entry(compare.Decide(compare.Input{Head: tc.head, Base: base, Now: now}), "binary_size").Notes
			if diff := cmp.Diff(append([]string{}, tc.want...), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestNotesOnABinaryOfRustNameCratesAndSumUpTheRest(t *testing.T) {
	crates := func(grown int64) *result.Results {
		groups := []result.Part{}
		whole := int64(0)
		for i := range int64(9) {
			p := result.Part{Kind: result.PartRust, Name: fmt.Sprintf("crate_%d", i), Bytes: 1000 + (10-i)*grown}
			groups, whole = append(groups, p), whole+p.Bytes
		}
		rest := result.Part{Kind: result.PartRest, Name: fmt.Sprintf("%d smaller groups", 7+grown), Bytes: 500 + 5*grown}
		return program("symtab", []result.Part{section(".text", whole+rest.Bytes)}, append(groups, rest))
	}
	head := crates(10)
	want := []string{
		"+590B in sections: .text +590B (100%)",
		"+590B in packages and crates: crate_0 (rust) +100B (16.9%), crate_1 (rust) +90B (15.3%), crate_2 (rust) +80B (13.6%), " +
			"crate_3 (rust) +70B (11.9%), crate_4 (rust) +60B (10.2%), 5 others +190B (32.2%)",
	}
	got := entry(compare.Decide(compare.Input{Head: head, Base: crates(0), Now: now}), "binary_size").Notes
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNotesOnAStrippedBinaryHaveItsSections(t *testing.T) {
	base, head := program("", []result.Part{section(".text", 1e6)}, []result.Part{section(".text", 1e6)}), program("", []result.Part{section(".text", 2e6)}, []result.Part{section(".text", 2e6)})
	want := []string{
		"+1MB in sections: .text +1MB (100%)",
		"packages and crates are unknown: the binary is stripped of its symbols",
	}
	got := entry(compare.Decide(compare.Input{Head: head, Base: base, Now: now}), "binary_size").Notes
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestBuildsOfOneCommitThatDifferAreWarnedOf(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	change := func(f func(*result.Results)) *result.Results {
		r := program("", []result.Part{section(".text", 1e6)}, nil)
		f(r)
		return r
	}
	built := func(hashes ...string) *result.Results {
		return change(func(r *result.Results) { r.Subject.Builds = hashes })
	}
	const between = "the build is not reproducible: base and head are of one commit (0123456789ab) and toolchain, and their binaries differ (aaaaaaaaaaaa and bbbbbbbbbbbb)"
	for _, tc := range []struct {
		name       string
		base, head *result.Results
		want       []string
	}{
		{"the same", built(a), built(a), []string{}},
		{"base and head differ", built(a), built(b), []string{between}},
		{"two builds of head differ", nil, built(a, b, a), []string{"the build is not reproducible: 3 builds of one checkout gave 2 different binaries (aaaaaaaaaaaa, bbbbbbbbbbbb)"}},
		{"base knows one of them", built(a), built(b, a), []string{"the build is not reproducible: 2 builds of one checkout gave 2 different binaries (bbbbbbbbbbbb, aaaaaaaaaaaa)"}},
		{"another commit", built(a), change(func(r *result.Results) { r.Subject.Builds, r.Subject.Commit = []string{b}, "fedcba" }), []string{}},
		{"no commit", change(func(r *result.Results) { r.Subject.Commit = "" }), change(func(r *result.Results) { r.Subject.Builds, r.Subject.Commit = []string{b}, "" }), []string{}},
		{"uncommitted changes", built(a), change(func(r *result.Results) { r.Subject.Builds, r.Subject.Dirty = []string{b}, true }), []string{}},
		{"another machine or toolchain", built(a), change(func(r *result.Results) { r.Subject.Builds, r.Environment.Fingerprint = []string{b}, elsewhere }), []string{}},
		{"another build command", built(a), change(func(r *result.Results) { r.Subject.Builds, r.Scenarios[0].Configuration = []string{b}, "another" }), []string{}},
		{"a binary of base that was given", built(), built(b), []string{}},
		{"a binary of head that was given", built(a), built(), []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := compare.Decide(compare.Input{Head: tc.head, Base: tc.base, Now: now}).Warnings
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
