package workload_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/workload"
)

func scenario(all ...suite.Workload) suite.Scenario {
	return suite.Scenario{Name: "loaded", Nodes: 5, Duration: 20 * time.Second, Workloads: all}
}

func TestPlanOfConstantArrivals(t *testing.T) {
	plan := workload.Plan(scenario(suite.Workload{Kind: suite.Publish, Rate: 2, Size: 100, Arrival: suite.Constant, Warmup: time.Second, Seed: 1}), 1)
	if len(plan) != 20 {
		t.Fatalf("%d operations, want 2 a second for 10 s", len(plan))
	}
	for i, o := range plan {
		if want := time.Duration(i)*500*time.Millisecond + 250*time.Millisecond; o.At != want || o.Warmup != (want < time.Second) || o.Bytes != 100 || o.Kind != workload.Publish {
			t.Errorf("operation %d: %+v, want it at %v", i, o, want)
		}
	}
}

// TestPlanOfPoissonArrivals wants the number of events to have the mean and the variance of a Poisson distribution.
func TestPlanOfPoissonArrivals(t *testing.T) {
	const runs, mean = 400, 100.0
	sum, squares := 0.0, 0.0
	for run := range runs {
		plan := workload.Plan(scenario(suite.Workload{Kind: suite.Publish, Rate: mean / 10, Size: 1, Arrival: suite.Poisson, Seed: 7}), run)
		sum, squares = sum+float64(len(plan)), squares+math.Pow(float64(len(plan))-mean, 2)
	}
	// Four standard errors: sqrt(100/400) of the mean, about 100*sqrt(2/400) of the variance.
	if got := sum / runs; math.Abs(got-mean) > 2 {
		t.Errorf("%v operations on average, want %v", got, mean)
	}
	if got := squares / runs; math.Abs(got-mean) > 28 {
		t.Errorf("variance %v, want %v", got, mean)
	}
}

func TestPlanOfRecords(t *testing.T) {
	plan := workload.Plan(scenario(suite.Workload{Kind: suite.DHT, Rate: 1, Size: 10, Arrival: suite.Constant, Seed: 3}), 1)
	kinds := map[workload.Kind]int{}
	puts := map[string]workload.Operation{}
	for _, o := range plan {
		kinds[o.Kind]++
		put, known := puts[o.Key]
		switch o.Kind {
		case workload.Put:
			puts[o.Key] = o
		case workload.Get:
			if !known || o.Node == put.Node || o.At != put.At+time.Second {
				t.Errorf("got at %d after %v what was put at %d after %v", o.Node, o.At, put.Node, put.At)
			}
		case workload.GetLocal:
			if !known || o.Node != put.Node {
				t.Errorf("got at %d what was put at %d", o.Node, put.Node)
			}
		}
	}
	// Ten records; the last is due 0.5 s before the end, and nobody could get it in time.
	if diff := cmp.Diff(map[workload.Kind]int{workload.Put: 10, workload.Get: 9, workload.GetLocal: 9}, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPlanAsksEachPairAlike(t *testing.T) {
	pairs := map[[2]int]int{}
	for run := range 200 {
		for _, o := range workload.Plan(scenario(suite.Workload{Kind: suite.Connect, Rate: 10, Arrival: suite.Constant, Seed: 1}), run) {
			pairs[[2]int{o.Node, o.To}]++
		}
	}
	if len(pairs) != 20 {
		t.Errorf("%d pairs of 5 nodes are asked, want 20", len(pairs))
	}
	for pair, n := range pairs { // 1000 each, standard deviation about 31
		if pair[0] == pair[1] || n < 850 || n > 1150 {
			t.Errorf("%v is asked %d times", pair, n)
		}
	}
}

func TestPlanIsItsSeeds(t *testing.T) {
	w := suite.Workload{Kind: suite.Transfer, Rate: 3, Size: 1 << 20, Arrival: suite.Poisson, Seed: 5}
	first, again := workload.Plan(scenario(w), 2), workload.Plan(scenario(w), 2)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same run is planned differently:\n%s", diff)
	}
	other := workload.Plan(scenario(w), 3)
	w.Seed = 6
	seeded := workload.Plan(scenario(w), 2)
	if cmp.Equal(first, other) || cmp.Equal(first, seeded) {
		t.Error("another run or another seed has the same plan")
	}
}

func TestPlanOfSeveralWorkloadsIsInOrder(t *testing.T) {
	plan := workload.Plan(scenario(
		suite.Workload{Kind: suite.Publish, Rate: 7, Size: 1, Arrival: suite.Poisson, Seed: 1},
		suite.Workload{Kind: suite.DHT, Rate: 5, Size: 1, Arrival: suite.Constant, Seed: 1},
		suite.Workload{Kind: suite.Publish, Rate: 7, Size: 1, Arrival: suite.Poisson, Seed: 1},
	), 1)
	if !slices.IsSortedFunc(plan, func(a, b workload.Operation) int { return int(a.At - b.At) }) {
		t.Error("not in the order in which they are due")
	}
	keys := map[string]bool{}
	for _, o := range plan {
		if o.Kind == workload.Publish && keys[o.Key] {
			t.Errorf("two messages have the key %s", o.Key)
		}
		keys[o.Key] = true
	}
	if got := workload.Plan(suite.Scenario{Nodes: 5, Duration: time.Minute}, 1); got != nil {
		t.Errorf("planned without a workload: %v", got)
	}
}
