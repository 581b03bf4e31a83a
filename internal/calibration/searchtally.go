package calibration

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Searches counts what came of many searches of one hunt. Sums of numbers that are not whole are taken in the order of the
// searches, so that it does not matter in which order they were made.
type Searches struct {
	// Made is how many there were.
	Made int
	// Right counts those that accused the culprit and nobody that could have been told from it; without a change, those that
	// said so.
	Right int
	// Wrong counts those that accused somebody innocent, and not the culprit.
	Wrong int
	// Accusing counts those that accused.
	Accusing int
	// NoChange counts those that said that there is none.
	NoChange int
	each     []searched
}

// searched is one search.
type searched struct {
	cost, foreseen, expected, sure, builds, runs float64
	accused, guilty                              bool
}

// Seek lets a seeker search a hunt so many times.
func (r Runner) Seek(h Hunt, who Seeker, searches int) Searches {
	sum := Searches{each: make([]searched, searches)}
	var taken atomic.Int64
	var lock sync.Mutex
	var workers sync.WaitGroup
	for range max(r.Workers, 1) {
		workers.Go(func() {
			for {
				i := int(taken.Add(1)) - 1
				if i >= searches {
					return
				}
				t := h.drawn(r.Seed, i)
				v := who.Seek(h, t.world, uint64(i))
				lock.Lock()
				sum.count(i, h, t, v)
				lock.Unlock()
			}
		})
	}
	workers.Wait()
	return sum
}

func (s *Searches) count(i int, h Hunt, t truth, v Verdict) {
	least := t.least()
	right, guilty := h.Effect == 0 && v.None, false
	if len(v.Accused) > 0 {
		s.Accusing++
		guilty = slices.ContainsFunc(v.Accused, func(c int) bool { return slices.Contains(t.culprits, c) })
		narrow := !slices.ContainsFunc(v.Accused, func(c int) bool { return !least[c] })
		right = guilty && narrow
		if !guilty {
			s.Wrong++
		}
	}
	s.Made++
	s.NoChange += one(v.None)
	s.Right += one(right)
	s.each[i] = searched{cost: t.world.Clock, foreseen: v.Foreseen, expected: v.Expected, sure: v.Sure, builds: float64(v.Builds), runs: float64(v.Runs),
		accused: len(v.Accused) > 0, guilty: guilty}
}

// join adds the searches of another hunt.
func (s *Searches) join(o Searches) {
	s.Made, s.Right, s.Wrong = s.Made+o.Made, s.Right+o.Right, s.Wrong+o.Wrong
	s.Accusing, s.NoChange = s.Accusing+o.Accusing, s.NoChange+o.NoChange
	s.each = append(s.each, o.each...)
}

// mean is the mean of one number of each search, with its interval of 95 % by the normal approximation.
func (s Searches) mean(of func(searched) float64) Estimate {
	n := float64(len(s.each))
	var sum, squares float64
	for _, e := range s.each {
		sum += of(e)
		squares += of(e) * of(e)
	}
	mean := sum / n
	if len(s.each) < 2 {
		return Estimate{Value: mean, Low: math.NaN(), High: math.NaN()}
	}
	half := 1.96 * math.Sqrt(max(squares/n-mean*mean, 0)/(n-1))
	return Estimate{Value: mean, Low: mean - half, High: mean + half}
}

func costOf(e searched) float64     { return e.cost }
func buildsOf(e searched) float64   { return e.builds }
func foreseenOf(e searched) float64 { return e.foreseen }
func expectedOf(e searched) float64 { return e.expected }
func runsOf(e searched) float64     { return e.runs }

// held is the mean of what was foreseen, or expected, to that of what it took, 1 when both are equal; NaN when nothing was. Its
// interval is that of the quotient by linearisation.
func (s Searches) held(said func(searched) float64) Estimate {
	before, took := s.mean(said).Value, s.mean(costOf).Value
	if before == 0 {
		return Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	ratio := before / took
	residual := s.mean(func(e searched) float64 { return (said(e) - ratio*e.cost) / took })
	half := (residual.High - residual.Low) / 2
	return Estimate{Value: ratio, Low: ratio - half, High: ratio + half}
}

// confidence is what was claimed of the accusations on average, and the share of them that the culprit was among.
func (s Searches) confidence() (claimed float64, observed Estimate) {
	var sum float64
	var accused, right int
	for _, e := range s.each {
		if e.accused {
			sum += e.sure
			accused++
			right += one(e.guilty)
		}
	}
	return sum / float64(accused), asEstimate(shareOf(right, accused))
}
