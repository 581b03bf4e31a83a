package stat

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLooksAgreeWithTheirBooks: who only asks which look crosses is spared some of the counting that books take, and of ties and zeros
// there are many. What a look would spend is listed way by way: those that reach it, and at whose looks before nothing crossed.
func TestLooksAgreeWithTheirBooks(t *testing.T) {
	random := rand.New(rand.NewPCG(29, 1))
	listedLooks := 0
	for round := range 300 {
		p := SequentialPlan{Alpha: 0.2 / float64(1+random.IntN(3)), Exponent: []float64{0.5, 2}[random.IntN(2)], Values: []int{4, 6, 7, 8, 9}}
		values := make([]float64, 9)
		for i := range values {
			values[i] = random.NormFloat64() + 0.5
			if round%3 > 0 {
				values[i] = math.Round(float64(round%3) * values[i])
			}
		}
		for _, n := range p.Values {
			p.Fractions = append(p.Fractions, float64(n)/9)
		}
		books, err := p.Account(values, func(n int) (SignFlipTest, error) { return SignFlip(values[:n], 0) })
		if err != nil {
			t.Fatal(err)
		}
		crossed := -1
		for _, book := range books {
			if book.Crossed {
				crossed = book.Look
			}
			if book.Rule == Counted && round < 150 {
				listedLooks++
				if want := neededByListing(t, p, values[:book.Values], book.Look); math.Abs(book.Needed-want) > 1e-12 {
					t.Errorf("%v, %+v: needs %v at look %d, listed %v", values, p, book.Needed, book.Look, want)
				}
			}
		}
		if look, err := p.Crosses(values); err != nil || look != crossed {
			t.Errorf("%v, %+v: look %d, %v; its books say %d", values, p, look, err, crossed)
		}
	}
	if listedLooks < 20 {
		t.Errorf("%d looks were listed only", listedLooks)
	}
}

// neededByListing is the share of all ways to sign the values that reach their sum, and cross at no look before.
func neededByListing(t *testing.T, p SequentialPlan, values []float64, look int) float64 {
	t.Helper()
	weights := flipWeights(values, 0)
	least := sumAbove(values, weights, 0) - 1e-9
	before := SequentialPlan{p.Alpha, p.Exponent, p.Fractions[:look], p.Values[:look]}
	needed, signed := 0.0, make([]float64, len(values))
	for way := range 1 << len(values) {
		sum := 0.0
		for i, v := range values {
			signed[i] = -math.Abs(v)
			if way>>i&1 == 1 {
				signed[i] = math.Abs(v)
				sum += weights[i]
			}
		}
		if sum < least {
			continue
		}
		first, err := before.Crosses(signed)
		if err != nil {
			t.Fatal(err)
		}
		if first < 0 {
			needed++
		}
	}
	return needed / math.Exp2(float64(len(values)))
}

// TestWhatIsNotListedDecidesAlike: a look that is decided without a list of all looks before is decided as with it, whatever the signs.
func TestWhatIsNotListedDecidesAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(37, 1))
	sizes := make([]float64, 10)
	for i := range sizes {
		sizes[i] = 1 + rng.Float64()
	}
	for _, p := range []SequentialPlan{
		{Alpha: 0.2, Exponent: 1, Fractions: []float64{0.6, 0.8, 1}, Values: []int{6, 8, 10}},
		{Alpha: 0.3, Exponent: 0.5, Fractions: []float64{0.5, 0.7, 0.9, 1}, Values: []int{5, 7, 9, 10}},
		{Alpha: 0.1, Exponent: 3, Fractions: []float64{0.7, 0.9, 1}, Values: []int{7, 9, 10}},
	} {
		for signs := range 1 << len(sizes) {
			values := slices.Clone(sizes)
			for i := range values {
				if signs>>i&1 == 0 {
					values[i] = -values[i]
				}
			}
			accounts, err := p.Account(values, func(n int) (SignFlipTest, error) { return SignFlip(values[:n], 0) })
			if err != nil {
				t.Fatal(err)
			}
			want := slices.IndexFunc(accounts, func(a LookAccount) bool { return a.Crossed })
			if look, err := p.Crosses(values); err != nil || look != want {
				t.Fatalf("alpha %v, signs %b: look %d, listed %d, %v", p.Alpha, signs, look, want, err)
			}
		}
	}
}

func TestLooksThatDoNotFitCrossNowhere(t *testing.T) {
	for name, tc := range map[string]struct {
		plan SequentialPlan
		want error
	}{
		"a fraction is missing": {SequentialPlan{0.05, 3, []float64{0.5}, []int{1, 2}}, ErrLengths},
		"a value is missing":    {SequentialPlan{0.05, 3, []float64{0.5, 1}, []int{1, 3}}, ErrTooFew},
		"no error to spend":     {SequentialPlan{0, 3, []float64{0.5, 1}, []int{1, 2}}, ErrOutOfRange},
	} {
		if look, err := tc.plan.Crosses([]float64{1, 2}); look != -1 || !errors.Is(err, tc.want) {
			t.Errorf("%s: look %d, %v", name, look, err)
		}
	}
	if spent, err := PowerSpending(1, 2, 0.5); err != nil || spent != 0.25 {
		t.Errorf("of all error %v may be spent, %v", spent, err)
	}
}
