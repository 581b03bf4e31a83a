package stat_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/stat"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sheet is what was reckoned, a line each.
type sheet struct{ bytes.Buffer }

// add writes a line; numbers with so many digits as every machine has in common.
func (s *sheet) add(name string, all ...any) {
	s.WriteString(name)
	for _, v := range all {
		switch v := v.(type) {
		case nil: // no error
		case float64:
			fmt.Fprintf(s, " %.7g", v)
		case []float64:
			fmt.Fprintf(s, " %.7g", v)
		case stat.Effect:
			fmt.Fprintf(s, " %.7g [%.7g, %.7g] %.7g %t %t", v.Change, v.Low, v.High, v.Confidence, v.Reached, v.Exact)
		case stat.Estimate:
			fmt.Fprintf(s, " %.7g [%.7g, %.7g] %.7g", v.Value, v.Low, v.High, v.Confidence)
		default:
			fmt.Fprintf(s, " %v", v)
		}
	}
	s.WriteByte('\n')
}

// shapes are values of every kind that measurements have: n of each.
func shapes(random *rand.Rand, n int) map[string][]float64 {
	all := map[string][]float64{}
	for range n {
		z := random.NormFloat64()
		all["normal"] = append(all["normal"], 1+0.1*z)
		all["tied"] = append(all["tied"], 1+math.Round(2*z)/4)
		all["wild"] = append(all["wild"], math.Exp(z*math.Abs(z)))
		all["late"] = append(all["late"], map[bool]float64{true: math.Inf(1), false: 2 + 0.1*z}[z > 0.8])
	}
	return all
}

// ofTwoSamples writes what is said of two samples.
func (s *sheet) ofTwoSamples(name string, base, head []float64) {
	for _, alternative := range []stat.Alternative{stat.Greater, stat.Less} {
		test, err := stat.RankSum(base, head, alternative)
		s.add(name+" rank sum", test.P, test.LeastP, test.U, err)
	}
	memo := &stat.Memo{}
	for _, confidence := range []float64{0.9, 0.95, 0.999} {
		effect, err := memo.RatioChangeCensored(base, head, 3, confidence)
		s.add(name+" ratio", effect, err)
		effect, err = memo.AbsoluteChange(base, head, confidence)
		s.add(name+" absolute", effect, err)
		if len(base) == len(head) {
			effect, err = stat.PairedRatioChangeCensored(base, head, 3, confidence)
			s.add(name+" paired", effect, err)
		}
		estimate, err := stat.PseudoMedianCensored(head, 3, confidence)
		s.add(name+" pseudomedian", estimate, err)
	}
	within, between, err := stat.Components(base, head, base[:len(base)/2])
	s.add(name+" components", within, between, err)
	pooled, err := stat.PooledLogDeviation(base, head)
	s.add(name+" pooled", pooled, err)
	clipped, err := stat.ClippedDeviation(base, head)
	s.add(name+" clipped", clipped, err)
}

// ofDifferences writes what is said of pairs, at once and at looks.
func (s *sheet) ofDifferences(name string, values []float64) {
	for _, mu := range []float64{0, 0.05, -0.25} {
		test, err := stat.SignFlip(values, mu)
		s.add(name+" sign-flip", test.Greater, test.Less, test.Exact, err)
	}
	for _, alpha := range []float64{0.05, 0.002} {
		plan := stat.SequentialPlan{Alpha: alpha, Exponent: 2}
		for _, look := range []int{4, 6, 9, 12, 16, 20, 24, 40} {
			if look <= len(values) {
				plan.Values = append(plan.Values, look)
				plan.Fractions = append(plan.Fractions, float64(look)/40)
			}
		}
		look, err := plan.Crosses(values)
		s.add(name+" crosses", look, err)
		accounts, err := plan.Account(values, func(n int) (stat.SignFlipTest, error) { return stat.SignFlip(values[:n], 0) })
		s.add(name+" account", err)
		for _, a := range accounts {
			s.add(" look", a.Look, a.Values, a.May, a.Planned, a.P, a.Rule, a.Spent, a.Needed, a.Level, a.Crossed)
		}
		frontier, err := plan.Frontier()
		s.add(name+" frontier", frontier, err)
		levels, err := plan.Levels()
		s.add(name+" levels", levels, err)
	}
}

// ofCounts writes what is said of shares and of events.
func (s *sheet) ofCounts(base, head stat.Trials) {
	name := fmt.Sprintf("%d/%d %d/%d", base.Successes, base.Failures, head.Successes, head.Failures)
	before, after := stat.Events{Count: base.Successes, Exposure: float64(1 + base.Failures)}, stat.Events{Count: head.Successes, Exposure: float64(2 + head.Failures)}
	for _, alternative := range []stat.Alternative{stat.Greater, stat.Less} {
		p, err := stat.FisherExact(base, head, alternative)
		s.add(name+" fisher", p, err)
		p, err = stat.PoissonTest(before, after, alternative)
		s.add(name+" poisson", p, err)
	}
	rate, err := stat.RateRatio(before, after, 0.95)
	s.add(name+" rates", rate, err)
	share, err := stat.Proportion(head, 0.99)
	s.add(name+" share", share, err)
}

// ofPlans writes how many runs are wanted, and what sessions tell of each other.
func (s *sheet) ofPlans() {
	for _, d := range []stat.Design{{Alpha: 0.05, Power: 0.8, Spread: 0.1}, {Alpha: 0.001, Power: 0.9, Spread: 0.02}, {Alpha: 0.025, Power: 0.5, Spread: 1}} {
		for _, shift := range []float64{0.02, 0.1, 0.7} {
			pairs, err := d.PairedRuns(shift)
			s.add("pairs wanted", pairs, err)
			runs, err := d.RankRuns(10, shift)
			s.add("runs wanted", runs, err)
		}
		for _, n := range [][2]int{{4, 4}, {5, 30}, {64, 64}} {
			mde, err := d.RankMDE(n[0], n[1])
			s.add("mde of ranks", mde, err)
		}
	}
	for _, of := range []stat.Sessions{{Within: 0.1, Between: 0.05, Count: 2, Runs: 10}, {Within: 0.02, Count: 6, Runs: 24}, {Between: 0.3, Count: 3, Runs: 1}} {
		for _, within := range []float64{0, 0.05, 0.2} {
			deviation, err := of.Deviation(6, 10, within)
			s.add("sessions", deviation, of.HeadRuns(deviation, 6, within), of.HeadRuns(deviation/2, 6, within), err)
		}
		s.add("sessions", of.Boundary(0.05), of.Boundary(1e-4), of.Tail(1.7), of.Tail(-2))
	}
	for _, drift := range []float64{-20, -1.5, 0, 0.3, 3, 20} {
		g := stat.GroupSequential{Fractions: []float64{0.25, 0.5, 0.8, 1}, Lower: []float64{math.Inf(-1), -2, 0.1, 1.9}, Upper: []float64{3.5, 2.9, 2.3, 2}}
		lower, upper, err := g.Exits(drift)
		s.add("exits", lower, upper, err)
	}
}

// TestWhatIsReckonedStays compares what is said of drawn values with testdata/drawn.txt: other tests say what is right of a few of them, and this
// one shows whoever changes a formula all of its cases that become others.
func TestWhatIsReckonedStays(t *testing.T) {
	random := rand.New(rand.NewPCG(20261130, 1))
	var s sheet
	for _, n := range [][2]int{{2, 3}, {4, 4}, {5, 6}, {6, 6}, {12, 9}, {24, 24}, {25, 25}, {40, 40}, {70, 130}} {
		bases, heads := shapes(random, n[0]), shapes(random, n[1])
		for _, kind := range []string{"normal", "tied", "wild", "late"} {
			name := fmt.Sprintf("%s %d and %d", kind, n[0], n[1])
			s.ofTwoSamples(name, bases[kind], heads[kind])
			differences := make([]float64, n[1])
			for i, v := range heads[kind] {
				differences[i] = v - 0.9
			}
			s.ofDifferences(name, differences)
		}
	}
	for range 40 {
		many := 1 << random.IntN(12)
		s.ofCounts(stat.Trials{Successes: random.IntN(many), Failures: 1 + random.IntN(many)}, stat.Trials{Successes: random.IntN(many), Failures: random.IntN(many)})
	}
	s.ofPlans()
	path := filepath.Join("testdata", "drawn.txt")
	if *update {
		if err := os.WriteFile(path, s.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(s.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got; go test ./internal/stat -update writes it anew):\n%s", path, diff)
	}
}
