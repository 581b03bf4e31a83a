package calibration

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// recordedPair are sixty runs of two reference nodes on a machine that others use too.
func recordedPair(t *testing.T) *result.Results {
	t.Helper()
	file, err := os.Open("testdata/pair/results.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	results, err := result.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestRecordedTakesNoisyMetricsThatGate(t *testing.T) {
	all := FromResults("pair", recordedPair(t))
	if len(all) != 1 {
		t.Fatalf("%d recordings, want 1", len(all))
	}
	// memory_peak and cpu_idle do not gate by default.
	want := []string{"startup_time", "formation_time", "formation_cpu", "topology_convergence_time", "memory_private"}
	if diff := cmp.Diff(want, all[0].Metrics); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if all[0].Runs() != 60 || all[0].Name != "pair, pair" {
		t.Errorf("%q has %d runs", all[0].Name, all[0].Runs())
	}
}

// numbered is a recording in which each value names its run: the two metrics of run k are 10+k and 100+k.
func numbered(runs int) *Recorded {
	r := &Recorded{Name: "numbered", Metrics: []string{"a", "b"}, runs: rowsOf(2, runs)}
	for k := range runs {
		r.runs[0][k], r.runs[1][k] = float64(10+k), float64(100+k)
	}
	return r
}

func TestDrawnPairsAreNeighboursInEitherOrder(t *testing.T) {
	sides := numbered(7).pairs(rand.New(rand.NewPCG(1, 1)), 400)
	seen := map[[2]float64]int{}
	for i, base := range sides.Base[0] {
		head := sides.Head[0][i]
		seen[[2]float64{base, head}]++
		if sides.Base[1][i] != base+90 || sides.Head[1][i] != head+90 {
			t.Fatalf("pair %d has metrics of different runs: %v %v, %v %v", i, base, head, sides.Base[1][i], sides.Head[1][i])
		}
	}
	// Run 7 has no neighbour.
	for _, pair := range [][2]float64{{10, 11}, {11, 10}, {12, 13}, {13, 12}, {14, 15}, {15, 14}} {
		if n := seen[pair]; n < 30 {
			t.Errorf("%v was drawn %d times of 400, want about 67", pair, n)
		}
		delete(seen, pair)
	}
	if len(seen) > 0 {
		t.Errorf("no neighbours: %v", seen)
	}
}

func TestDrawnRunsAreWholeAndOfAllRuns(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for name, sides := range map[string]Sides{
		"apart": numbered(7).apart(random, 300), "stored": numbered(7).stored(random, 300), "history": numbered(7).history(random, 300),
	} {
		seen := map[float64]bool{}
		for i, base := range sides.Base[0] {
			seen[base] = true
			if sides.Base[1][i] != base+90 {
				t.Fatalf("%s: metrics of different runs: %v, %v", name, base, sides.Base[1][i])
			}
		}
		if len(seen) != 7 || len(sides.Head[0]) != 300 && name != "history" || len(sides.Head[0]) != 1 && name == "history" {
			t.Errorf("%s: %d different runs of base, %d of head", name, len(seen), len(sides.Head[0]))
		}
	}
}

// side are results of one scenario with the given values of a metric of which more is better.
func side(values ...float64) *result.Results {
	r := resultsOf([][]float64{values})
	r.Series[0].Better = metric.Higher
	return r
}

func TestSidesOfATrialAreWoven(t *testing.T) {
	all := FromTrial("t", side(1, 2, 4, 5, 8, 10), side(20, 25, 40, 50, 80, 100))
	if len(all) != 1 {
		t.Fatalf("%d recordings, want 1", len(all))
	}
	want := [][]float64{{1, 0.05, 0.5, 0.04, 0.25, 0.025, 0.2, 0.02, 0.125, 0.0125, 0.1, 0.01}} // less is better
	if diff := cmp.Diff(want, all[0].runs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if other := FromTrial("t", side(1, 2, 4, 5, 8, 10), side(1, 2, 4, 5, 8, 10, 12)); len(other) != 0 {
		t.Errorf("sides of different length give %v", other[0].runs)
	}
}

func TestRecordedLeavesOutWhatIsNoEvidence(t *testing.T) {
	for name, r := range map[string]*result.Results{
		"five runs": side(1, 2, 3, 4, 5), "a zero": side(1, 2, 3, 0, 5, 6), "constant": side(2, 2, 2, 2, 2, 2),
	} {
		if all := FromResults("r", r); len(all) != 0 {
			t.Errorf("%s: %v", name, all[0].runs)
		}
	}
	r := side(1, 2, 3, 4, 5, 6)
	r.Series[0].Samples[3].Censored = true
	if all := FromResults("r", r); len(all) != 0 {
		t.Errorf("a time-out is taken for a value: %v", all[0].runs)
	}
}

func TestRecordedReadsBaselines(t *testing.T) {
	recordings, err := baseline.FromResults(recordedPair(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := baseline.Empty("baselines.toml").WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	file, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	got, want := FromBaselines("b", file), FromResults("pair", recordedPair(t))
	if len(got) != 1 {
		t.Fatalf("%d recordings, want 1", len(got))
	}
	rows := func(r *Recorded) map[string][]float64 {
		all := map[string][]float64{}
		for i, name := range r.Metrics {
			all[name] = r.runs[i]
		}
		return all
	}
	if diff := cmp.Diff(rows(want[0]), rows(got[0])); diff != "" {
		t.Errorf("what baselines.toml gives (-results +baselines):\n%s", diff)
	}
}
