package compare_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

func TestVerdictHasTheKeysThatOthersRelyOn(t *testing.T) {
	v := compare.Decide(compare.Input{
		Head: results(of("average_peers", 4, 4, 4, 4, 4, 4)), Base: results(of("average_peers", 4, 4, 4, 4, 4, 4)), Now: now,
	})
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  string           `json:"schema"`
		Verdict string           `json:"verdict"`
		Metrics []map[string]any `json:"metrics"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "perfgate.verdict/1" || got.Verdict != "pass" || len(got.Metrics) != 1 {
		t.Fatalf("got %s", raw)
	}
	want := map[string]any{
		"scenario": "quick", "metric": "average_peers", "verdict": "pass", "basis": "relative",
		"base": 4.0, "head": 4.0, "change": 0.0, "change_low": 0.0, "change_high": 0.0, "target": 4.0, "mde": 0.05,
	}
	for key, value := range want {
		if diff := cmp.Diff(value, got.Metrics[0][key]); diff != "" {
			t.Errorf("%s: -want +got\n%s", key, diff)
		}
	}
	if reason, ok := got.Metrics[0]["reason"].(string); !ok || reason == "" {
		t.Errorf("no reason in %s", raw)
	}
}

func TestNumbersThatJSONHasNotAreNullWithANote(t *testing.T) {
	got := one(t, "", of("formation_time", steady...), timedOut(of("formation_time", steady...), 60, 0, 1, 2, 3, 4, 5))
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"head", "change", "change_high", "target"} {
		if value, there := fields[key]; !there || value != nil {
			t.Errorf("%s is %v (there: %v), want null", key, value, there)
		}
	}
	if diff := cmp.Diff([]any{"6 samples timed out: the interval may be open", "the change has no bound: +∞"}, fields["notes"]); diff != "" {
		t.Errorf("notes: -want +got\n%s", diff)
	}
	if judged := one(t, "", of("memory_slope", steady...), of("memory_slope", steady...)); judged.Verdict != compare.NotJudged {
		t.Errorf("a slope without a target is %q", judged.Verdict)
	} else if raw, _ := json.Marshal(judged); !bytes.Contains(raw, []byte(`"verdict":null`)) {
		t.Errorf("what was not judged is not null: %s", raw)
	}
}

// TestReplayGivesTheSameBytes decides twice from results that went through their file, and once with the samples of
// each series in another order.
func TestReplayGivesTheSameBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for round := range 20 {
		base, head := wide(random, 6, 8, 1, 0.08), wide(random, 6, 8, 1.05, 0.08)
		first := encoded(t, compare.Decide(compare.Input{Base: base, Head: head, Now: now}))
		again := encoded(t, compare.Decide(compare.Input{Base: reread(t, base), Head: reread(t, head), Now: now}))
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("round %d: -first +again\n%s", round, diff)
		}
		for _, s := range head.Series {
			random.Shuffle(len(s.Samples), func(i, j int) { s.Samples[i], s.Samples[j] = s.Samples[j], s.Samples[i] })
		}
		shuffled := compare.Decide(compare.Input{Base: base, Head: head, Now: now})
		if shuffled.Verdict != decode(t, first) {
			t.Fatalf("round %d: the order of the samples turned %s into %s", round, decode(t, first), shuffled.Verdict)
		}
	}
}

func encoded(t *testing.T, v compare.Verdict) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func decode(t *testing.T, text string) compare.Outcome {
	t.Helper()
	var v struct{ Verdict compare.Outcome }
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v.Verdict
}

func reread(t *testing.T, r *result.Results) *result.Results {
	t.Helper()
	var file bytes.Buffer
	if err := result.Write(&file, r); err != nil {
		t.Fatal(err)
	}
	again, err := result.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// The sides mirror each other: what is worse one way round is better the other.
func TestSwappingTheSidesTurnsRegressedIntoImproved(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	mirrored := 0
	for round := range 40 {
		base, head := wide(random, 1, 8, 1, 0.05), wide(random, 1, 8, 1+0.02*float64(round%12), 0.05)
		there := compare.Decide(compare.Input{Base: base, Head: head, Now: now}).Metrics[0]
		back := compare.Decide(compare.Input{Base: head, Head: base, Now: now}).Metrics[0]
		// 6 % up is 5.7 % down: still above half the tolerance of 10 %.
		if there.Verdict != compare.Regressed || there.Change < 0.06 {
			continue
		}
		mirrored++
		if back.Verdict != compare.Improved {
			t.Errorf("round %d: %s one way (%s), %s the other (%s)", round, there.Verdict, there.Reason, back.Verdict, back.Reason)
		}
	}
	if mirrored == 0 {
		t.Error("no round was called regressed: nothing was compared")
	}
}
