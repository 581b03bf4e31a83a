package intake_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// The longest text that perfgate writes is taken in.
func TestLongReasonsAreTakenIn(t *testing.T) {
	r := honest()
	r.Series = append(r.Series, result.Series{
		Scenario: "quick", Metric: "average_peers", Unit: metric.Peers, Better: metric.Higher, Status: result.Failed, Reason: strings.Repeat("a", intake.MaxText),
	})
	var out bytes.Buffer
	if err := result.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	if _, err := intake.Results("results.json", out.Bytes()); err != nil {
		t.Error(err)
	}
	r.Series[1].Reason += "a"
	if err := result.Write(&out, r); err == nil {
		t.Error("a longer one is written as well")
	}
}

// Five hundred metrics at the looks by default are taken in, and fifty at those up to a hundred pairs.
func TestLargeTrialsAreTakenIn(t *testing.T) {
	usual := []int{6, 9, 12, 14, 16, 18, 20, 24}
	long := slices.Clone(usual)
	for pairs := 28; pairs <= 100; pairs += 4 {
		long = append(long, pairs)
	}
	for metrics, looks := range map[int][]int{500: usual, 50: long} {
		raw := document(t, func(r *result.Results) {
			manySeries(r, metrics-1)
			r.Trial = &result.Trial{ID: "x", Side: "head", Looks: looks}
		})
		if _, err := intake.Results("results.json", []byte(raw)); err != nil {
			t.Errorf("%d metrics, %d looks: %v", metrics, len(looks), err)
		}
	}
}

func TestHonestResultsAreTakenIn(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "results.json"), []byte(document(t, side("a", "head"))), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "base", "results.json"), []byte(document(t, side("a", "base"))), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := intake.Open(dir)
	if err != nil || d.Head == nil || d.Base == nil {
		t.Errorf("a trial in a folder: %v", err)
	}
	packed := filepath.Join(dir, "a.zip")
	raw := archive(t, entry{name: "base/"}, entry{name: "base/results.json", content: document(t, side("a", "base"))},
		entry{name: "results.json", content: document(t, side("a", "head"))}, entry{name: "quick/run-01/node-0/node.log", content: strings.Repeat("x", 1<<20)})
	if err := os.WriteFile(packed, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err = intake.Open(packed); err != nil || d.Head == nil || d.Base == nil {
		t.Errorf("a trial in an archive: %v", err)
	}
	if _, err := intake.Open(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}
