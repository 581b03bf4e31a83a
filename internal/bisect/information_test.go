package bisect

import (
	"math"
	"testing"
)

// The capacity of one run in bits for a shift of d standard deviations, to three digits.
func TestCapacityOfARun(t *testing.T) {
	for d, want := range map[float64]float64{0.3: 0.016, 0.5: 0.044, 1: 0.161, 1.5: 0.319, 2: 0.486, 2.5: 0.637, 5: 0.975} {
		if got := information(0.5, d); math.Abs(got-want) > 0.0006 {
			t.Errorf("a shift of %v tells %.4f bits, want %v", d, got, want)
		}
	}
}

func TestInformationIsBoundedByTheCoin(t *testing.T) {
	for _, p := range []float64{1e-6, 0.01, 0.2, 0.5} {
		entropy := -(p*math.Log2(p) + (1-p)*math.Log2(1-p))
		if got := information(p, 12); math.Abs(got-entropy) > 1e-3*entropy {
			t.Errorf("p = %v: a shift that cannot be missed tells %v bits, the coin has %v", p, got, entropy)
		}
		last := 0.0
		for s := 0.25; s < 6; s += 0.25 {
			got := information(p, s)
			if got <= last {
				t.Errorf("p = %v: a shift of %v tells %v bits, a smaller one %v", p, s, got, last)
			}
			if mirrored := information(1-p, s); math.Abs(mirrored-got) > 1e-6 {
				t.Errorf("p = %v, s = %v: %v bits, of the other side %v", p, s, got, mirrored)
			}
			last = got
		}
	}
	if information(0, 3) != 0 || information(1, 3) != 0 || information(0.5, 0) != 0 {
		t.Error("what is certain, or shifts nothing, tells something")
	}
}

func TestTheTableIsTheFunction(t *testing.T) {
	for _, p := range []float64{3e-6, 0.004, 0.07, 0.31, 0.5, 0.83} {
		for _, s := range []float64{0.05, 0.7, 1.9, 3.3, 7.7} {
			got, want := tabled().at(p, s), information(p, s)
			if math.Abs(got-want) > 0.003+0.02*want {
				t.Errorf("p = %v, s = %v: table %v, function %v", p, s, got, want)
			}
		}
	}
	if a, b := tabled().at(0.5, 50), tabled().at(0.5, 8); a != b {
		t.Errorf("beyond its end the table says %v, at its end %v", a, b)
	}
}
