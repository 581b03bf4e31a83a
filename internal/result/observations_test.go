package result_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

func TestReadObservations(t *testing.T) {
	two := 2.0
	got, err := result.ReadObservations(strings.NewReader(
		`{"node":0,"timestamp":7,"peers":2,"health":{"peers":9}}` + "\n\n" + `{"node": 1, "timestamp": 7, "peers": null, "health": null}`))
	want := []result.Observation{{Node: 0, Timestamp: 7, Peers: &two, Health: []byte(`{"peers":9}`)}, {Node: 1, Timestamp: 7, Health: []byte("null")}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; -want +got\n%s", err, diff)
	}
	for text, wrong := range map[string]string{
		`{"node":0}` + "\n{": "line 2", `{"node":-1}`: "line 1: node -1", `{"node":0,"peers":"4"}`: "line 1",
	} {
		if got, err := result.ReadObservations(strings.NewReader(text)); got != nil || err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v, %v, want an error with %q", text, got, err, wrong)
		}
	}
	if _, err := result.ReadObservations(strings.NewReader(`{"health":"` + strings.Repeat("x", 9<<20) + `"}`)); err == nil {
		t.Error("a line without end is read")
	}
}

// TestReadObservationsOfALargeFile: what lies beyond the limit is not passed over, be it that the limit is at the end of a line.
func TestReadObservationsOfALargeFile(t *testing.T) {
	line := `{"node":0,"timestamp":7,"peers":2,"health":"` + strings.Repeat("x", 1<<20-47) + `"}` + "\n"
	file := func(lines int) io.Reader {
		var all []io.Reader
		for range lines {
			all = append(all, strings.NewReader(line))
		}
		return io.MultiReader(all...)
	}
	most := result.MaxBytes / len(line)
	if got, err := result.ReadObservations(file(most)); len(got) != most || err != nil {
		t.Errorf("as large as may be: %d of %d, %v", len(got), most, err)
	}
	if got, err := result.ReadObservations(file(most + 1)); got != nil || !errors.Is(err, result.ErrTooLarge) {
		t.Errorf("one line more: %d, %v", len(got), err)
	}
}

func FuzzReadObservations(f *testing.F) {
	f.Add([]byte(`{"node":0,"timestamp":7,"peers":2,"health":{"peers":9}}` + "\n"))
	f.Add([]byte(`{"node":1,"peers":1e999}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := result.ReadObservations(strings.NewReader(string(raw)))
		if err != nil && all != nil {
			t.Error("observations beside an error")
		}
		if len(all) > strings.Count(string(raw), "\n")+1 {
			t.Errorf("%d observations in fewer lines", len(all))
		}
	})
}
