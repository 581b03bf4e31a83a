package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// decided decides about a file, and gives all that was said of it.
type decided func(t *testing.T) (compare.Outcome, string)

// read are healthy results whose file was changed. What cannot be read ends the command, which has failed then.
func read(change func(raw string) string) decided {
	return func(t *testing.T) (compare.Outcome, string) {
		t.Helper()
		var raw strings.Builder
		if err := result.Write(&raw, healthy()); err != nil {
			t.Fatal(err)
		}
		changed := change(raw.String())
		if changed == raw.String() {
			t.Fatal("nothing was changed")
		}
		head, err := result.Read(strings.NewReader(changed))
		if err != nil {
			return compare.Failed, err.Error()
		}
		v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
		return v.Verdict, reasons(v)
	}
}

// recorded is a healthy head beside a recording, with people's part, after a change of either.
func recorded(people string, change func(base, head *result.Results)) decided {
	return func(t *testing.T) (compare.Outcome, string) {
		t.Helper()
		base, head := healthy(), healthy()
		change(base, head)
		v := compare.Decide(compare.Input{Head: head, Baselines: file(t, people, base), Now: now, Options: compare.Options{RequireBaseline: true}})
		return v.Verdict, v.Qualifier + "\n" + reasons(v)
	}
}

// TestNoFileOfTheCorpusPassesInSilence: what is wrong with a file is named, wherever it is noticed: when it is read, or in the verdict.
func TestNoFileOfTheCorpusPassesInSilence(t *testing.T) {
	// Half as large again is a regression of a size, which a recording may prove.
	larger := func(_, head *result.Results) { series(head, "binary_size").Samples[0].Value = new(3e7) }
	replace := func(old, text string) decided {
		return read(func(raw string) string { return strings.Replace(raw, old, text, 1) })
	}
	newer := func(*testing.T) (compare.Outcome, string) {
		if _, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/9\"\n")); err != nil {
			return compare.Failed, err.Error()
		}
		return compare.Pass, ""
	}
	for _, tc := range []struct {
		name   string
		decide decided
		want   compare.Outcome
		says   string
	}{
		{"a healthy one", recorded("", func(_, _ *result.Results) {}), compare.Pass, ""},
		{"results that are cut", read(func(raw string) string { return raw[:len(raw)/2] }), compare.Failed, "unexpected end of JSON input"},
		{"results of another schema", replace(result.Schema, "perfgate.results/9"), compare.Failed, "perfgate.results/9"},
		{"a series that is shorter than it says", replace(`"count": 6`, `"count": 7`), compare.Failed, "6 samples where 7 are announced"},
		{"a baseline of another environment", recorded("", func(base, _ *result.Results) { base.Environment.Fingerprint = elsewhere }), compare.Inconclusive, "targets only"},
		{"a baseline of another subject", recorded("", func(base, _ *result.Results) { base.Subject.Name = "other" }), compare.Inconclusive, `the baseline is of another subject ("other", head is "node")`},
		{"a baseline of another configuration", recorded("", func(base, _ *result.Results) { base.Scenarios[0].Configuration = "old" }), compare.Inconclusive, "the baseline is of another configuration of scenario quick"},
		{"a baseline of a newer schema", newer, compare.Failed, "perfgate.baselines/9"},
		{"a waiver that expired", recorded(waiver("binary_size", "2026-11-01", "60%"), larger), compare.Regressed, "expired on 2026-11-01"},
		{"a waiver that is exceeded", recorded(waiver("binary_size", "2026-12-31", "20%"), larger), compare.Regressed, "exceeds the waiver"},
		{"a waiver for a metric that nobody knows", recorded(waiver("binary_sise", "2026-12-31", "60%"), larger), compare.Regressed, `is for "binary_sise", a metric that nothing here measures`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, said := tc.decide(t); got != tc.want || !strings.Contains(said, tc.says) {
				t.Errorf("%s because\n%s\nwant %s because %q", got, said, tc.want, tc.says)
			}
		})
	}
}
