package stat

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// evenly are k looks at equal distances, with what alpha's function lets each spend.
func evenly(t *testing.T, looks int, spend func(fraction float64) (float64, error)) (fractions, spent []float64) {
	t.Helper()
	for k := range looks {
		fraction := float64(k+1) / float64(looks)
		sum, err := spend(fraction)
		if err != nil {
			t.Fatal(err)
		}
		fractions, spent = append(fractions, fraction), append(spent, sum)
	}
	return fractions, spent
}

// upward is a test that never leaves downward.
func upward(fractions, upper []float64) GroupSequential {
	return GroupSequential{Fractions: fractions, Lower: slices.Repeat([]float64{math.Inf(-1)}, len(upper)), Upper: upper}
}

// The boundaries of Lan and DeMets' function at one-sided 2.5 %, as Reboussin, DeMets, Kim and Lan (2000) and the R packages
// ldbounds and gsDesign (sfLDOF) print them.
func TestBoundariesPublished(t *testing.T) {
	for _, want := range [][]float64{
		{1.9600},
		{2.9626, 1.9686},
		{3.7103, 2.5114, 1.9930},
		{4.3326, 2.9631, 2.3590, 2.0141},
		{4.8769, 3.3570, 2.6803, 2.2898, 2.0310},
	} {
		fractions, spent := evenly(t, len(want), func(f float64) (float64, error) { return OBrienFlemingSpending(0.025, f) })
		got, err := upperBoundaries(fractions, spent)
		if err != nil {
			t.Fatal(err)
		}
		for k := range want {
			if math.Abs(got[k]-want[k]) > 0.00005 {
				t.Errorf("%d looks: %.5f, want %v", len(want), got, want)
				break
			}
		}
	}
}

// Constants of Pocock's and of O'Brien and Fleming's tests at two-sided 5 % (Jennison and Turnbull 2000, tables 2.1 and 2.3).
// What a path crosses on one side it all but never crosses on the other, so one side has 2.5 %; the constants have three digits.
func TestExitsOfPublishedBoundaries(t *testing.T) {
	for _, tc := range []struct {
		looks                 int
		pocock, obrienFleming float64
	}{{1, 1.960, 1.960}, {2, 2.178, 1.977}, {3, 2.289, 2.004}, {4, 2.361, 2.024}, {5, 2.413, 2.040}, {10, 2.555, 2.087}} {
		for shape, constant := range map[string]float64{"Pocock": tc.pocock, "O'Brien and Fleming": tc.obrienFleming} {
			fractions, _ := evenly(t, tc.looks, func(float64) (float64, error) { return 0, nil })
			upper, lower := make([]float64, tc.looks), make([]float64, tc.looks)
			for k, f := range fractions {
				upper[k] = constant
				if shape != "Pocock" {
					upper[k] /= math.Sqrt(f)
				}
				lower[k] = -upper[k]
			}
			below, above, err := GroupSequential{fractions, lower, upper}.Exits(0)
			if err != nil {
				t.Fatal(err)
			}
			if total := sum(below) + sum(above); math.Abs(total-0.05) > 0.0001 {
				t.Errorf("%s, %d looks: %.5f leave, want 0.05", shape, tc.looks, total)
			}
			if math.Abs(sum(below)-sum(above)) > 1e-13 {
				t.Errorf("%s, %d looks: %v below, %v above", shape, tc.looks, sum(below), sum(above))
			}
		}
	}
}

// With two looks the probability is a single integral: normalMean takes it over the first score.
func TestExitsAgainstASingleIntegral(t *testing.T) {
	for _, tc := range []struct{ first, lower, upper, second, drift float64 }{
		{0.5, -1, 2, 1.9, 0}, {0.25, -0.5, 2.5, 1.7, 3}, {0.8, -3, 3, 2, -1},
	} {
		g := GroupSequential{Fractions: []float64{tc.first, 1}, Lower: []float64{tc.lower, -9}, Upper: []float64{tc.upper, tc.second}}
		_, upper, err := g.Exits(tc.drift)
		if err != nil {
			t.Fatal(err)
		}
		shift := tc.drift * math.Sqrt(tc.first)
		if want := normalCDF(shift - tc.upper); math.Abs(upper[0]-want) > 1e-15 {
			t.Errorf("first look: %v, want %v", upper[0], want)
		}
		// The integrand is cut off at the bounds, so the panels of the test are between them.
		want := simpson(tc.lower, tc.upper, func(z float64) float64 {
			score := z*math.Sqrt(tc.first) + tc.drift*(1-tc.first)
			return math.Exp(-(z-shift)*(z-shift)/2) / math.Sqrt(2*math.Pi) * normalCDF((score-tc.second)/math.Sqrt(1-tc.first))
		})
		if math.Abs(upper[1]-want) > 1e-12 {
			t.Errorf("%+v: second look: %v, want %v", tc, upper[1], want)
		}
	}
}

func simpson(low, high float64, f func(float64) float64) float64 {
	const steps = 20000
	total, h := f(low)+f(high), (high-low)/steps
	for i := 1; i < steps; i++ {
		total += float64(2+2*(i%2)) * f(low+float64(i)*h)
	}
	return total * h / 3
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func TestBoundariesSpendWhatTheyMay(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.00625, 1e-4} {
		fractions, spent := evenly(t, 6, func(f float64) (float64, error) { return PowerSpending(alpha, 3, f) })
		spent[0] = 0 // a look that may spend nothing
		bounds, err := upperBoundaries(fractions, spent)
		if err != nil {
			t.Fatal(err)
		}
		_, upper, err := upward(fractions, bounds).Exits(0)
		if err != nil {
			t.Fatal(err)
		}
		if !math.IsInf(bounds[0], 1) {
			t.Errorf("the look without a share has the boundary %v", bounds[0])
		}
		for k := range spent {
			if got := sum(upper[:k+1]); math.Abs(got-spent[k]) > 1e-12 {
				t.Errorf("alpha %v, look %d: spent %v, may %v", alpha, k+1, got, spent[k])
			}
		}
	}
}

func TestSpendingOfWhole(t *testing.T) {
	for name, spend := range map[string]func(alpha, fraction float64) (float64, error){
		"O'Brien and Fleming": OBrienFlemingSpending,
		"power":               func(alpha, fraction float64) (float64, error) { return PowerSpending(alpha, 4.5, fraction) },
	} {
		for _, alpha := range []float64{0.001, 0.05, 0.5, 1} {
			before := 0.0
			for i := range 12 {
				got, err := spend(alpha, float64(i)/10)
				if err != nil || got < before || i == 0 && got != 0 || i >= 10 && got != alpha {
					t.Errorf("%s: alpha %v at %v: %v after %v, %v", name, alpha, float64(i)/10, got, before, err)
				}
				before = got
			}
		}
	}
}

func TestAHundredLooksAreNotTooMany(t *testing.T) {
	fractions, spent := make([]float64, maxSequentialLooks), make([]float64, maxSequentialLooks)
	for k := range fractions {
		fractions[k] = float64(k+1) / maxSequentialLooks
		spent[k] = 0.05 * fractions[k]
	}
	if bounds, err := upperBoundaries(fractions, spent); err != nil || len(bounds) != maxSequentialLooks {
		t.Errorf("%d boundaries, %v", len(bounds), err)
	}
}

func TestGroupSequentialRefuses(t *testing.T) {
	inf := math.Inf(1)
	for _, tc := range []struct {
		name string
		of   func() error
		want error
	}{
		{"no look", func() error { _, err := upperBoundaries(nil, nil); return err }, ErrTooFew},
		{"lengths", func() error { _, err := upperBoundaries([]float64{1}, nil); return err }, ErrLengths},
		{"fractions that fall", func() error { _, err := upperBoundaries([]float64{0.5, 0.4}, []float64{0, 0.1}); return err }, ErrUnordered},
		{"fraction 0", func() error { _, err := upperBoundaries([]float64{0}, []float64{0}); return err }, ErrOutOfRange},
		{"spending that falls", func() error { _, err := upperBoundaries([]float64{0.5, 1}, []float64{0.1, 0.05}); return err }, ErrOutOfRange},
		{"many looks", func() error { _, err := upperBoundaries(make([]float64, 101), make([]float64, 101)); return err }, ErrTooMany},
		{"a region that is none", func() error {
			_, _, err := GroupSequential{[]float64{1}, []float64{2}, []float64{2}}.Exits(0)
			return err
		}, ErrOutOfRange},
		{"drift", func() error {
			_, _, err := GroupSequential{[]float64{1}, []float64{-inf}, []float64{1}}.Exits(inf)
			return err
		}, ErrOutOfRange},
		{"alpha", func() error { _, err := OBrienFlemingSpending(0, 0.5); return err }, ErrOutOfRange},
		{"fraction", func() error { _, err := PowerSpending(0.05, 3, math.NaN()); return err }, ErrOutOfRange},
		{"exponent", func() error { _, err := PowerSpending(0.05, 0, 0.5); return err }, ErrOutOfRange},
		{"values that fall", func() error { _, err := SequentialPlan{0.05, 3, []float64{0.5, 1}, []int{9, 6}}.Levels(); return err }, ErrOutOfRange},
		{"values missing", func() error { _, err := SequentialPlan{0.05, 3, []float64{0.5, 1}, []int{9}}.Levels(); return err }, ErrLengths},
		{"power", func() error { _, err := Race{}.MDE(0.2); return err }, ErrOutOfRange},
		{"frontiers missing", func() error { _, err := Race{Values: []int{9}}.MDE(0.8); return err }, ErrLengths},
	} {
		if err := tc.of(); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

// R: qt(c(.975, .95, .9999, .975), c(10, 5, 23, 1)).
func TestStudentBoundaryPublished(t *testing.T) {
	for _, tc := range []struct{ p, degrees, want float64 }{
		{0.025, 10, 2.228138851964939}, {0.05, 5, 2.015048373333024}, {0.025, 1, 12.70620473617471}, {0.025, 1e7, 1.9599642},
	} {
		if got := studentBoundary(tc.p, tc.degrees); math.Abs(got/tc.want-1) > 1e-7 {
			t.Errorf("%v with %v degrees: %v, want %v", tc.p, tc.degrees, got, tc.want)
		}
	}
}

func TestLevelsOfLooks(t *testing.T) {
	looks := []int{6, 9, 12, 16, 20, 24}
	plan := func(values ...int) SequentialPlan {
		p := SequentialPlan{Alpha: 0.05, Exponent: 4.5, Values: values}
		for _, n := range looks[:len(values)] {
			p.Fractions = append(p.Fractions, float64(n)/24)
		}
		return p
	}
	whole, err := plan(looks...).Levels()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what a look may not spend goes to the next", func(t *testing.T) {
		if whole[0] != 0 || whole[1] != 0 {
			t.Errorf("6 and 9 pairs may not spend 2^-6 and 2^-9, and have the levels %v", whole[:2])
		}
		if want := 0.05 * math.Pow(0.5, 4.5); math.Abs(whole[2]/want-1) > 1e-9 {
			t.Errorf("the first look that spends has %v, want all of %v", whole[2], want)
		}
	})
	t.Run("the last looks have more than their increments, and less than all", func(t *testing.T) {
		increment := 0.05 * (1 - math.Pow(20.0/24, 4.5))
		if !(whole[5] > increment && whole[5] < 0.05) {
			t.Errorf("last level %v, increment %v", whole[5], increment)
		}
	})
	t.Run("later looks do not change earlier ones", func(t *testing.T) {
		part, err := plan(looks[:4]...).Levels()
		if err != nil {
			t.Fatal(err)
		}
		for k := range part {
			if math.Abs(part[k]-whole[k]) > 1e-12 {
				t.Errorf("look %d: %v, then %v", k+1, part[k], whole[k])
			}
		}
	})
	t.Run("a look without a new value is none", func(t *testing.T) {
		levels, err := plan(6, 9, 12, 12, 16, 20).Levels()
		if err != nil || levels[3] != 0 || levels[4] <= whole[3] {
			t.Errorf("%v, %v", levels, err)
		}
	})
	t.Run("as a part of alpha levels rise with alpha", func(t *testing.T) {
		before := make([]float64, len(looks))
		for _, alpha := range []float64{0.004, 0.006, 0.01, 0.02, 0.05} { // those of one set of looks that spend
			p := plan(looks...)
			p.Alpha = alpha * 1.5
			levels, err := p.Levels()
			if err != nil {
				t.Fatal(err)
			}
			for k := range levels {
				if part := levels[k] / p.Alpha; part < before[k]*(1-1e-9) {
					t.Errorf("alpha %v, look %d: %v of it, %v of less", p.Alpha, k+1, part, before[k])
				} else {
					before[k] = part
				}
			}
		}
	})
}

func TestMDEOfARaceWithOneLookIsStudents(t *testing.T) {
	p := SequentialPlan{Alpha: 0.05, Exponent: 3, Fractions: []float64{1}, Values: []int{24}}
	for _, tc := range []struct {
		values int
		least  float64
		want   float64
	}{
		{24, 0, 0.5232}, // Student's test has the power 80 % there
		{24, 0.9, 0.9 + normalQuantile(0.8)/math.Sqrt(24)}, // what is found is too small to count
		{4, 0, math.Inf(1)}, // 2^-4 is more than 5 %
	} {
		p.Values[0] = tc.values
		frontier, err := p.Frontier()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Race{Values: p.Values, Worse: frontier, Clean: frontier, Allowed: 1, Least: tc.least}.MDE(0.8)
		if err != nil || !(got == tc.want || math.Abs(got/tc.want-1) < 0.01) {
			t.Errorf("%+v: %v, %v", tc, got, err)
		}
	}
}

// TestARaceKnowsLooksThatProveNothing: so few values that their spread may be estimated as nothing, and looks that may spend nothing.
func TestARaceKnowsLooksThatProveNothing(t *testing.T) {
	never := math.Inf(1)
	late := Race{Values: []int{9, 12}, Worse: []float64{never, 2.5}, Clean: []float64{never, 2.5}, Allowed: 1, Least: 0.5}
	want, err := late.MDE(0.8)
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []int{1, 2, 3} {
		r := late
		r.Values = []int{first, 12}
		if got, err := r.MDE(0.8); err != nil || math.Abs(got/want-1) > 0.2 {
			t.Errorf("first look at %d: %v, %v, want about %v", first, got, err, want)
		}
	}
	for _, r := range []Race{
		{Values: []int{2}, Worse: []float64{never}, Clean: []float64{never}, Allowed: 1},
		{Values: []int{4}, Worse: []float64{never}, Clean: []float64{never}, Allowed: never, From: 1},
	} {
		if got, err := r.MDE(0.8); !math.IsInf(got, 1) || err != nil {
			t.Errorf("%+v: %v, %v", r, got, err)
		}
	}
}

// TestARaceIsWonAsOftenAsItSays draws normal values of known spread, and lets frontiers decide which of both proofs comes first.
func TestARaceIsWonAsOftenAsItSays(t *testing.T) {
	worse := SequentialPlan{Alpha: 0.00625, Exponent: 4.5, Fractions: []float64{0.5, 2. / 3, 5. / 6, 1}, Values: []int{12, 16, 20, 24}}
	clean := SequentialPlan{Alpha: 0.025, Exponent: 1, Fractions: worse.Fractions, Values: worse.Values}
	r := Race{Values: worse.Values, Allowed: 1.2, Least: 0.6}
	for plan, frontier := range map[*SequentialPlan]*[]float64{&worse: &r.Worse, &clean: &r.Clean} {
		var err error
		if *frontier, err = plan.Frontier(); err != nil {
			t.Fatal(err)
		}
	}
	const rounds, shift = 20000, 0.85
	for from := range 5 {
		random := rand.New(rand.NewPCG(17, uint64(from)))
		found := 0
		for range rounds {
			sum, squares, n := 0.0, 0.0, 0
			for k, values := range r.Values {
				for ; n < values; n++ {
					x := shift + random.NormFloat64()
					sum, squares = sum+x, squares+x*x
				}
				mean, root := sum/float64(n), math.Sqrt(float64(n))
				deviation := math.Sqrt((squares - sum*mean) / float64(n-1))
				if mean*root >= r.Worse[k]*deviation && mean >= r.Least {
					found++
					break
				}
				if k >= from && mean < r.leastAt(k) && (r.Allowed-mean)*root >= r.Clean[k]*deviation {
					break
				}
			}
		}
		r.From = from
		want, err := r.Found(shift)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(found) / rounds; math.Abs(got-want) > 0.03 {
			t.Errorf("clean ends it from look %d on: found in %.3f, said %.3f", from, got, want)
		}
	}
}

func ExampleSequentialPlan_Levels() {
	levels, err := SequentialPlan{Alpha: 0.05, Exponent: 4.5, Fractions: []float64{0.5, 1}, Values: []int{12, 24}}.Levels()
	fmt.Printf("%.4f %v\n", levels, err)
	// Output: [0.0022 0.0495] <nil>
}
