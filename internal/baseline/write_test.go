package baseline_test

import (
	"math"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

const line = "# perfgate:recorded -- perfgate rewrites everything below this line; write above it"

func TestTheWholeFileIsWrittenAsItWasRead(t *testing.T) {
	for name, recs := range map[string][]baseline.Recording{"nothing new": nil, "the same again": recordings()} {
		got, err := parse(t, whole).WithRecordings(recs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, string(got)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestRecordingsAreReplacedByEnvironmentAndScenario(t *testing.T) {
	replaced, added := recordings()[1], recordings()[1]
	replaced.Commit, replaced.Series = "new", replaced.Series[1:]
	added.Environment = "e0"
	got, err := parse(t, whole).WithRecordings([]baseline.Recording{replaced, added})
	if err != nil {
		t.Fatal(err)
	}
	want := []baseline.Recording{added, recordings()[0], replaced}
	if diff := cmp.Diff(want, parse(t, string(got)).Recordings()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTheRecordingOfAReleaseStaysBesideTheCurrentOne(t *testing.T) {
	release := recordings()[1]
	release.Release, release.Commit = "v1.2.0", "released"
	written, err := parse(t, whole).WithRecordings([]baseline.Recording{release})
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, string(written))
	if diff := cmp.Diff(append(recordings(), release), f.Recordings()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, ok := f.OfRelease("e1", "standard", ""); !ok || got.Commit != "released" {
		t.Errorf("%v, %+v", ok, got)
	}
	if got, ok := f.Recording("e1", "standard"); !ok || got.Release != "" {
		t.Errorf("%v, %+v", ok, got)
	}
	next := release
	next.Release = "v1.3.0"
	if written, err = f.WithRecordings([]baseline.Recording{next}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(recordings(), next), parse(t, string(written)).Recordings()); diff != "" {
		t.Errorf("the next release: -want +got\n%s", diff)
	}
	if _, err := f.WithRecordings([]baseline.Recording{next, release}); err == nil || !strings.Contains(err.Error(), `scenario "standard" of a release is recorded twice`) {
		t.Errorf("two releases at once: %v", err)
	}
}

func TestEveryByteOfThePeoplesPartStays(t *testing.T) {
	for _, tc := range []struct{ name, text, people string }{
		{"absent", "", schema + "\n"},
		{"comments alone", "# mine\n\n", "# mine\n\n" + schema + "\n"},
		{"comment without line end", "# mine", "# mine\n" + schema + "\n"},
		{"byte order mark alone", "\xef\xbb\xbf", "\xef\xbb\xbf" + schema + "\n"},
		{"schema alone", schema, schema + "\n"},
		{"no line end", schema + "[metric.log_errors]\npolicy = \"warn\" # why", schema + "[metric.log_errors]\npolicy = \"warn\" # why\n\n"},
		{"odd spacing", schema + "\t[ metric . 'log_errors' ]   \n\n\n  policy\t=\t'warn'  # c  \n \n", schema + "\t[ metric . 'log_errors' ]   \n\n\n  policy\t=\t'warn'  # c  \n \n\n"},
		{"Windows line ends", "# a\r\n" + strings.ReplaceAll(schema, "\n", "\r\n"), "# a\r\n" + strings.ReplaceAll(schema, "\n", "\r\n") + "\r\n"},
		{"mixed line ends", schema + "# a\r\n# b\n", schema + "# a\r\n# b\n\n"},
		{"byte order mark", "\xef\xbb\xbf# a\n" + schema, "\xef\xbb\xbf# a\n" + schema + "\n"},
		{"a line there already", schema + "# x\n" + line + "\n", schema + "# x\n"},
		{"a line with Windows line ends", "\xef\xbb\xbf" + schema[:len(schema)-1] + "\r\n" + line + "\r\n", "\xef\xbb\xbf" + schema[:len(schema)-1] + "\r\n"},
		{"a line of older words, without line end", schema + "  # perfgate:recorded", schema},
		{"the line in a text", schema + "[[waiver]]\nmetric = \"log_errors\"\nuntil = 2026-12-31\nmax = 0.1\nreason = '''\n" + line + "\n'''\n",
			schema + "[[waiver]]\nmetric = \"log_errors\"\nuntil = 2026-12-31\nmax = 0.1\nreason = '''\n" + line + "\n'''\n\n"},
		{"the line behind a key", schema + "[metric] " + line + "\n", schema + "[metric] " + line + "\n\n"},
		{"a line and no key", "# mine\n" + line + "\n", "# mine\n" + schema},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := parse(t, tc.text)
			got, err := f.WithRecordings(recordings())
			if err != nil {
				t.Fatal(err)
			}
			people, machine, _ := strings.Cut(string(got), line+lineEnd(tc.people)+lineEnd(tc.people)+"[[recorded]]")
			if diff := cmp.Diff(tc.people, people); diff != "" {
				t.Errorf("people's part: -want +got\n%s", diff)
			}
			if bare := strings.Count(machine, "\n") - strings.Count(machine, "\r\n"); lineEnd(tc.people) == "\r\n" && bare > 0 {
				t.Errorf("%d bare line ends in the machine's part", bare)
			}
			again := parse(t, string(got))
			if diff := cmp.Diff(recordings(), again.Recordings()); diff != "" {
				t.Errorf("recordings: -want +got\n%s", diff)
			}
			twice, err := again.WithRecordings(recordings())
			if err != nil || string(twice) != string(got) {
				t.Errorf("written twice: %v\n%s", err, cmp.Diff(string(got), string(twice)))
			}
		})
	}
}

func lineEnd(text string) string {
	if first, _, _ := strings.Cut(text, "\n"); strings.HasSuffix(first, "\r") {
		return "\r\n"
	}
	return "\n"
}

func TestNothingOfPeoplesIsLost(t *testing.T) {
	recorded := "[[recorded]]\nenvironment = \"e\"\ntime = 2026-01-01T00:00:00Z\n"
	for _, tc := range []struct{ name, text, want string }{
		{"a comment below", schema + line + "\n" + recorded + "# keep me\n", "b.toml:6: a comment below the dividing line would be lost (move it above line 2, or delete it)"},
		{"a comment behind a recording", schema + line + "\n[[recorded]] # keep me\nenvironment = \"e\"\ntime = 2026-01-01T00:00:00Z\n", "b.toml:3: a comment below the dividing line would be lost (move it above line 2, or delete it)"},
		{"a table below", schema + line + "\n" + recorded + "[metric.log_errors]\npolicy = \"warn\"\n",
			"b.toml:6: metric: stands below the dividing line and would be lost (move it above line 2)"},
		{"a table and a key below", schema + "[metric.log_errors]\n" + line + "\npolicy = \"warn\"\n[metric.log_slow]\n",
			"b.toml:4: metric.log_errors.policy: stands below the dividing line and would be lost (move it above line 3)\n" +
				"b.toml:5: metric.log_slow: stands below the dividing line and would be lost (move it above line 3)"},
		{"a recording above", schema + recorded + line + "\n",
			"b.toml:2: recorded: stands above the dividing line (move it below line 5, or delete it and record again)"},
		{"a recording without line", schema + "# a\n" + recorded, `b.toml:3: recorded: stands in a file without dividing line (write the line "# perfgate:recorded" above it, or delete it and record again)`},
		{"two lines", schema + line + "\n" + line + "\n", "b.toml:3: the dividing line is there already, at line 2 (delete one of the two, and keep what you wrote above the other)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := baseline.Parse("b.toml", []byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.WithRecordings(recordings())
			if err == nil || got != nil {
				t.Fatalf("got %s, %v", got, err)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRecordingsThatCannotBeReadAreNotWritten(t *testing.T) {
	change := func(f func(*baseline.Recording)) []baseline.Recording {
		all := recordings()
		f(&all[1])
		return all
	}
	for _, tc := range []struct {
		name string
		give []baseline.Recording
		want string
	}{
		{"no environment", change(func(r *baseline.Recording) { r.Environment = "" }), `recording of scenario "standard": the environment is missing`},
		{"doubled", change(func(r *baseline.Recording) { r.Scenario = "" }), `scenario "" is recorded twice for one environment`},
		{"no text", change(func(r *baseline.Recording) { r.Commit = "\xff" }), `recording of scenario "standard": "\xff" is no UTF-8 text`},
		{"odd trait", change(func(r *baseline.Recording) { r.Traits = []result.Trait{{Name: "a_b", Value: "c"}} }), `"a_b" is no trait of an environment`},
		{"far future", change(func(r *baseline.Recording) { r.Time = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) }), `recording of scenario "standard": the time is in the year 12026`},
		{"infinite sample", change(func(r *baseline.Recording) { r.Series[0].Samples[1] = math.Inf(1) }), `recording of scenario "standard": formation_time: +Inf is no finite number`},
		{"doubled metric", change(func(r *baseline.Recording) { r.Series[1].Metric = "formation_time" }), `recording of scenario "standard": formation_time is there twice`},
		{"too much", change(func(r *baseline.Recording) { r.Series[0].Samples = make([]float64, 1<<19) }),
			"more than 1048576: delete the [[recorded]] tables of environments that are no longer in use"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := baseline.Empty("b.toml").WithRecordings(tc.give)
			if err == nil || got != nil || !strings.HasSuffix(err.Error(), tc.want) {
				t.Errorf("got %d bytes, %v\nwant %s", len(got), err, tc.want)
			}
		})
	}
}

func TestWhatIsWrittenIsReadAsItWas(t *testing.T) {
	holds := func(environment, note, scenario, commit string, nanoseconds int64, samples, censored []float64) bool {
		clean := func(text string) string { return strings.ToValidUTF8(text, "?") }
		rec := baseline.Recording{
			Environment: "e" + clean(environment), EnvironmentNote: clean(note), Scenario: clean(scenario), Commit: clean(commit),
			Time: time.Unix(0, nanoseconds).UTC(), Traits: []result.Trait{{Name: "processor features", Value: "f" + clean(note)}},
			Series: []baseline.Series{{
				Metric: "codec/encode", Unit: metric.Unit("u" + clean(note)), Better: metric.Higher,
				Samples: append([]float64{0.1, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, 1<<53 + 2, 1e15, 1e-5}, samples...), Censored: censored,
			}},
		}
		if len(censored) == 0 {
			rec.Series[0].Censored = nil
		}
		written, err := parse(t, whole).WithRecordings([]baseline.Recording{rec})
		if err != nil {
			t.Log(err)
			return false
		}
		got, ok := parse(t, string(written)).Recording(rec.Environment, rec.Scenario)
		if !ok || !math.Signbit(got.Series[0].Samples[1]) {
			t.Logf("found: %v, %v", ok, got)
			return false
		}
		diff := cmp.Diff(rec, got)
		if diff != "" {
			t.Log(diff)
		}
		return diff == ""
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}
