package stat

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestTiesAreTiesHoweverTheyAreRounded: values that are equal but for their last bits have the same looks and the same books.
func TestTiesAreTiesHoweverTheyAreRounded(t *testing.T) {
	random := rand.New(rand.NewPCG(28, 1))
	counted := 0
	for range 400 {
		plain, rounded := make([]float64, 20), make([]float64, 20)
		for i := range plain {
			plain[i] = 0.0870113769896298 * float64(random.IntN(6)-1) / 3
			rounded[i] = plain[i] * (1 + 2e-16*float64(random.IntN(7)-3))
		}
		p := SequentialPlan{Alpha: 0.05 / float64(1+random.IntN(8)), Exponent: 4.5, Values: []int{8, 10, 12, 14, 16, 20}}
		for _, n := range p.Values {
			p.Fractions = append(p.Fractions, float64(n)/20)
		}
		var books [2][]LookAccount
		for i, values := range [][]float64{plain, rounded} {
			var err error
			if books[i], err = p.Account(values, func(n int) (SignFlipTest, error) { return SignFlip(values[:n], 0) }); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(books[0], books[1], cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
			t.Errorf("%v (-plain +rounded):\n%s", plain, diff)
		}
		for _, look := range books[0] {
			if look.Rule == Counted && look.Spent > 0 {
				counted++
			}
		}
	}
	if counted < 20 {
		t.Errorf("ways that crossed before were counted at %d looks only", counted)
	}
}
