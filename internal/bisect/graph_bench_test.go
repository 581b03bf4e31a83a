//go:build unix

package bisect

import (
	"math/rand/v2"
	"syscall"
	"testing"
)

// mergeHeavy is a history of as many commits and merges: eight branches take turns, and a tip that nobody goes on from is merged first.
func mergeHeavy(commits, merges int, rng *rand.Rand) [][]int {
	parents := make([][]int, commits)
	childless := map[int]bool{}
	for i := range commits - 1 {
		childless[i] = true
	}
	for i := 1; i < commits; i++ {
		parents[i] = []int{max(0, i-1-rng.IntN(8))}
		delete(childless, parents[i][0])
	}
	for i := 2; i < commits-1 && merges > 1; i++ {
		other := max(0, i-1-rng.IntN(16))
		for j := max(0, i-60); j < i; j++ {
			if childless[j] {
				other = j
				break
			}
		}
		if (childless[other] || rng.IntN(3) == 0) && other != parents[i][0] {
			parents[i] = append(parents[i], other)
			delete(childless, other)
			merges--
		}
	}
	for i := range commits - 1 {
		if childless[i] {
			parents[commits-1] = append(parents[commits-1], i)
		}
	}
	return parents
}

// BenchmarkWeights says how long the exact weights of a range take that is as long as twelve years of git's own history: 44,284
// commits with 13,000 merges. CPU-s/op is processor time, MiB the most that the process ever had in memory. Promised: 0.1 s.
func BenchmarkWeights(b *testing.B) {
	g, err := newGraph(mergeHeavy(44284, 13000, rand.New(rand.NewPCG(3, 4))))
	if err != nil {
		b.Fatal(err)
	}
	weight := make([]float64, g.size())
	for i := range weight {
		weight[i] = 1
	}
	from := used(b)
	for b.Loop() {
		g.masses(weight)
	}
	to := used(b)
	b.ReportMetric(float64(to.Utime.Nano()+to.Stime.Nano()-from.Utime.Nano()-from.Stime.Nano())/1e9/float64(b.N), "CPU-s/op")
	b.ReportMetric(float64(to.Maxrss)/1024, "MiB")
}

func used(b *testing.B) syscall.Rusage {
	b.Helper()
	var all syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &all); err != nil {
		b.Fatal(err)
	}
	return all
}
