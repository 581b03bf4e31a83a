package calibration

import (
	"math"
	"slices"
	"testing"
)

// TestBenchstatSaysWhatItsDocumentationShows has the example of the command's documentation: ten runs before and after, of
// which json is 17.20 % faster (p=0.000) and gob is the same (p=0.446); and that three runs never show anything while four do.
func TestBenchstatSaysWhatItsDocumentationShows(t *testing.T) {
	for _, c := range []struct {
		name      string
		base      []float64
		head      []float64
		change    float64
		different bool
	}{
		{
			"json",
			[]float64{1726, 1723, 1707, 1707, 1713, 1729, 1736, 1707, 1705, 1774},
			[]float64{1423, 1416, 1411, 1413, 1412, 1426, 1422, 1424, 1447, 1425},
			-0.1720, true,
		},
		{
			"gob",
			[]float64{3069, 3075, 3069, 3067, 3207, 3064, 3064, 3058, 3059, 3062},
			[]float64{3075, 3065, 3059, 3065, 3060, 3081, 3186, 3135, 3087, 3062},
			0.0015, false,
		},
		{"three runs", []float64{1, 2, 3}, []float64{7, 8, 9}, 3, false},
		{"four runs", []float64{1, 2, 3, 4}, []float64{6, 7, 8, 9}, 2, true},
	} {
		change, different := benchstat(slices.Clone(c.base), slices.Clone(c.head))
		if math.Abs(change-c.change) > 0.00005 || different != c.different {
			t.Errorf("%s: change %.4f, different: %v; want %.4f, %v", c.name, change, different, c.change, c.different)
		}
	}
}

func TestASVWantsFactorAndTest(t *testing.T) {
	base := []float64{1.00, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.09}
	for _, c := range []struct {
		name   string
		factor float64
		runs   int
		worse  bool
	}{
		{"less than a tenth slower", 1.099, 10, false},
		{"more than a tenth", 1.101, 10, true},
		{"twice as fast", 0.5, 10, false},
		{"five runs cannot give p < 0.002", 3, 5, false},
		{"seven can", 3, 7, true},
	} {
		head := make([]float64, c.runs)
		for i, v := range base[:c.runs] {
			head[i] = c.factor * v
		}
		if got := asv(base[:c.runs], head); got != c.worse {
			t.Errorf("%s: %v, want %v", c.name, got, c.worse)
		}
	}
	// Two of ten change places with those of head: U = 4, p = 0.0002; ten of twenty mixed: no test passes.
	mixed := []float64{1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.0, 1.0, 1.0, 1.0}
	if asv(base, mixed) {
		t.Error("a median above the factor is enough, without the test")
	}
}

func TestActionBenchmarkWarnsAboveTwice(t *testing.T) {
	for _, c := range []struct {
		rule  OneNumber
		ratio float64
		worse bool
	}{
		{ActionBenchmark(false), 1.99, false}, {ActionBenchmark(false), 2, false}, {ActionBenchmark(false), 2.3, true},
		{TenPercent(false), 1.09, false}, {TenPercent(false), 1.11, true}, {TenPercent(false), 0.5, false},
	} {
		p := &PullRequest{source: fixed{Sides{Base: [][]float64{{1}}, Head: [][]float64{{c.ratio}}}}}
		if got := c.rule.Judge(p).Said[0] == Worse; got != c.worse {
			t.Errorf("%s at a ratio of %v: %v, want %v", c.rule.Name(), c.ratio, got, c.worse)
		}
	}
}

// TestStudentQuantiles compares with the tables of Student's t.
func TestStudentQuantiles(t *testing.T) {
	for _, c := range []struct {
		p       float64
		freedom int
		t       float64
	}{{0.99, 60, 2.390}, {0.99, 63, 2.387}, {0.99, 5, 3.365}, {0.975, 3, 3.182}, {0.95, 1, 6.314}, {0.995, 30, 2.750}} {
		if got := studentQuantile(c.p, c.freedom); math.Abs(got-c.t) > 0.0006 {
			t.Errorf("quantile %v with %d degrees of freedom is %.4f, want %v", c.p, c.freedom, got, c.t)
		}
	}
}

// alternating is a history around 100 with the sample deviation 10·√(n/(n-1)).
func alternating(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 90 + 20*float64(i%2)
	}
	return values
}

func TestBencherAndConbenchHoldTheLastValueAgainstHistory(t *testing.T) {
	bencher := 100 + 2.387*10*math.Sqrt(64.0/63)
	conbench := 100 + 5*10*math.Sqrt(100.0/99)
	for _, c := range []struct {
		rule    Rule
		history int
		value   float64
		worse   bool
	}{
		{NewBencher(), bencherRuns, bencher - 0.02, false},
		{NewBencher(), bencherRuns, bencher + 0.02, true},
		{NewBencher(), bencherRuns, 10, false},
		{Conbench{}, conbenchRuns, conbench - 0.02, false},
		{Conbench{}, conbenchRuns, conbench + 0.02, true},
		{Conbench{}, conbenchRuns, 10, false},
	} {
		p := &PullRequest{source: fixed{Sides{Base: [][]float64{alternating(c.history)}, Head: [][]float64{{c.value}}}}}
		if got := c.rule.Judge(p).Said[0] == Worse; got != c.worse {
			t.Errorf("%s, %v after a history around 100: %v, want %v", c.rule.Name(), c.value, got, c.worse)
		}
	}
	if z := zScore([]float64{1, 1, 1}, 1.001); !math.IsInf(z, 1) {
		t.Errorf("a history that does not vary gives z = %v", z)
	}
}

// TestHolmAsksMoreOfMoreMetrics has one metric with p = 0.0105 (U of 4 runs against 5 with one pair out of order is 2/126):
// enough by itself, and not among eight.
func TestHolmAsksMoreOfMoreMetrics(t *testing.T) {
	worse, same := []float64{5.5, 7, 8, 9, 10}, []float64{1, 3, 5, 7, 9}
	base := []float64{1, 2, 3, 4, 6}
	few := Sides{Base: [][]float64{base}, Head: [][]float64{worse}}
	many := Sides{}
	for i := range 8 {
		head := same
		if i == 0 {
			head = worse
		}
		many.Base, many.Head = append(many.Base, base), append(many.Head, head)
	}
	if got := (Holm{}).Judge(&PullRequest{source: fixed{few}}).Said[0]; got != Worse {
		t.Errorf("alone it is %v", got)
	}
	if got := (Holm{}).Judge(&PullRequest{source: fixed{many}}).Said[0]; got != Silent {
		t.Errorf("among eight it is %v", got)
	}
}

func TestAFloorIsOfTheMedians(t *testing.T) {
	base, head := alternating(10), alternating(10)
	for i := range base {
		base[i] = 100 + float64(i)/10
		head[i] = base[i] * 1.09
	}
	sides := func() *PullRequest {
		return &PullRequest{source: fixed{Sides{Base: [][]float64{slices.Clone(base)}, Head: [][]float64{slices.Clone(head)}}}}
	}
	if got := (Benchstat{}).Judge(sides()).Said[0]; got != Worse {
		t.Errorf("benchstat says %v of 9 %% without noise", got)
	}
	if got := (Benchstat{Floor: 0.1}).Judge(sides()).Said[0]; got != Silent {
		t.Errorf("with a floor of 10 %% it says %v", got)
	}
}
