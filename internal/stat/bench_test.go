package stat

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// samples draws two samples, rounded to whole numbers when they are to have ties.
func samples(n int, ties bool) (base, head []float64) {
	rng := rand.New(rand.NewPCG(21, uint64(n)))
	draw := func() float64 {
		v := 100 + 8*rng.NormFloat64()
		if ties {
			v = float64(int(v))
		}
		return v
	}
	for range n {
		base, head = append(base, draw()), append(head, draw())
	}
	return base, head
}

func BenchmarkRankSum(b *testing.B) {
	for _, n := range []int{12, 64} {
		for _, ties := range []bool{false, true} {
			base, head := samples(n, ties)
			b.Run(fmt.Sprintf("%dx%d/ties=%t", n, n, ties), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := RankSum(base, head, Greater); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRatioChange(b *testing.B) {
	for _, n := range []int{12, 64} {
		base, head := samples(n, false)
		b.Run(fmt.Sprintf("%dx%d", n, n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := RatioChange(base, head, 0.95); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPairedRatioChange(b *testing.B) {
	base, head := samples(24, false)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := PairedRatioChange(base, head, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRankMDE(b *testing.B) {
	design := Design{Alpha: 0.05, Power: 0.8, Spread: 0.08}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := design.RankMDE(12, 12); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTheilSen(b *testing.B) {
	for _, n := range []int{120, 1024} {
		times, values := make([]float64, n), make([]float64, n)
		rng := rand.New(rand.NewPCG(22, uint64(n)))
		for i := range times {
			times[i], values[i] = float64(i), rng.NormFloat64()
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := TheilSen(times, values); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
