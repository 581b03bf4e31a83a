package bisect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// situation is a truth to be searched many times, and what is promised of it in docs/MATH.md.
type situation struct {
	name     string
	commits  int
	effect   float64 // as a ratio; 0: there is no change
	second   float64 // of another change, elsewhere in the range
	guess    float64 // what the search is told
	sd       float64
	noise    string  // gauss, heavy, drift
	offset   float64 // of builds
	known    float64 // what the search is told of that, 0 nothing
	broken   float64 // share of commits that do not build, in stretches of a mean length of eight
	promised float64 // cost in runs, a build at twenty; 0: nothing
}

func (c situation) world(rng *rand.Rand) (w *world, truth []string) {
	w = newWorld(c.commits, rng)
	w.sd, w.offset = c.sd, c.offset
	switch c.noise {
	case "heavy":
		w.heavy = 0.05
	case "drift":
		w.drift = 0.1 // in a hundred runs as much as the noise
	}
	for i := 2; i < c.commits; i++ {
		p := c.broken / 8 / max(1e-9, 1-c.broken)
		if w.broken[i-1] {
			p = 7.0 / 8
		}
		w.broken[i] = c.broken > 0 && rng.Float64() < p
	}
	for _, effect := range []float64{c.effect, c.second} {
		if effect == 0 {
			continue
		}
		at := 1 + rng.IntN(c.commits)
		w.changes[at] += math.Log1p(effect)
		truth = append(truth, fmt.Sprintf("c%d", at))
	}
	return w, truth
}

// situations are the cells of the table, in its order.
func situations() []situation {
	var all []situation
	promised := map[string][]float64{ // by effect, then noise
		"gauss": {378, 792, 2056, 316, 478, 920, 289, 336, 481, 285, 290, 317},
		"heavy": {386, 836, 2342, 319, 496, 1057, 290, 344, 496, 286, 292, 324},
		"drift": {468, 1234, 3482, 351, 671, 1595, 292, 391, 668, 286, 294, 351},
	}
	for _, noise := range []string{"gauss", "heavy", "drift"} {
		var k int
		for _, effect := range []float64{0.03, 0.05, 0.1, 0.25} {
			for _, sd := range []float64{0.02, 0.05, 0.1} {
				all = append(all, situation{name: fmt.Sprintf("found/%s/%v%%in%v%%", noise, 100*effect, 100*sd), commits: 1024,
					effect: effect, guess: effect, sd: sd, noise: noise, known: leastOffset, promised: promised[noise][k]})
				k++
			}
		}
	}
	none := map[string][]float64{"gauss": {74, 229, 755}, "heavy": {75, 265, 931}, "drift": {79, 242, 683}}
	for _, noise := range []string{"gauss", "heavy", "drift"} {
		for k, sd := range []float64{0.02, 0.05, 0.1} {
			all = append(all, situation{name: fmt.Sprintf("none/%s/in%v%%", noise, 100*sd), commits: 1024, guess: 0.05, sd: sd,
				noise: noise, known: leastOffset, promised: none[noise][k]})
		}
	}
	for _, c := range []struct{ effect, offset, promised float64 }{
		{0.05, 0, 473}, {0.05, 0.005, 528}, {0.05, 0.01, 805}, {0.05, 0.02, 2119}, {0.1, 0.005, 341}, {0.1, 0.01, 353}, {0.1, 0.02, 730},
	} {
		for _, how := range []string{"known", "unknown", "belied"} {
			known := map[string]float64{"known": max(leastOffset, c.offset), "belied": leastOffset}[how]
			all = append(all, situation{name: fmt.Sprintf("offset/%s/%v%%of%v%%", how, 100*c.offset, 100*c.effect), commits: 1024,
				effect: c.effect, guess: c.effect, sd: 0.05, offset: c.offset, known: known, promised: c.promised})
		}
	}
	return append(all, furtherSituations()...)
}

func furtherSituations() []situation {
	all := []situation{
		{name: "broken/10%in5%", commits: 1024, effect: 0.1, guess: 0.1, sd: 0.05, known: leastOffset, broken: 0.15, promised: 410},
		{name: "two/+5+5", commits: 1024, effect: 0.05, second: 0.05, guess: 0.1, sd: 0.05, known: leastOffset},
		{name: "two/+10+5", commits: 1024, effect: 0.1, second: 0.05, guess: 0.15, sd: 0.05, known: leastOffset},
		{name: "two/+10-5", commits: 1024, effect: 0.1, second: -0.05, guess: 0.05, sd: 0.05, known: leastOffset},
		{name: "two/+10-10", commits: 1024, effect: 0.1, second: -0.1 / 1.1, guess: 0.05, sd: 0.05, known: leastOffset},
		{name: "guess/a_third", commits: 1024, effect: 0.15, guess: 0.05, sd: 0.05, known: leastOffset},
		{name: "guess/twice", commits: 1024, effect: 0.05, guess: 0.1, sd: 0.05, known: leastOffset},
		{name: "guess/none", commits: 1024, effect: 0.1, sd: 0.05},
	}
	for _, commits := range []int{16, 64, 256, 4096} {
		for _, c := range [][2]float64{{0.05, 0.02}, {0.1, 0.05}, {0.3, 0.2}} {
			all = append(all, situation{name: fmt.Sprintf("range/%d/%v%%in%v%%", commits, 100*c[0], 100*c[1]), commits: commits,
				effect: c[0], guess: c[0], sd: c[1], known: leastOffset})
		}
	}
	return all
}

// BenchmarkCalibration asks the search about a simulated truth, over and over: -benchtime=200x for 200 searches of each
// situation. found_% is how often the culprit was named, alone or in a set; wrong_% how often an innocent one; promised is
// the cost in docs/MATH.md. TestSituations sees that the names fit.
func BenchmarkCalibration(b *testing.B) {
	for _, c := range situations() {
		b.Run(c.name, func(b *testing.B) {
			var t tally
			for i := range b.N {
				w, truth := c.world(rand.New(rand.NewPCG(uint64(i), 32)))
				task := w.task(math.Log1p(c.guess), uint64(i))
				task.Parameters.OffsetSD = c.known
				s, _ := w.search(b, task)
				t.add(s.Outcome(), truth)
			}
			t.report(b, c.promised)
		})
	}
}

// tally counts what came of many searches.
type tally struct {
	searches, found, wrong, none, undecided, builds, runs, cost, claimed, accused, members float64
}

func (t *tally) add(o Outcome, truth []string) {
	t.searches++
	t.builds += float64(o.Builds)
	t.runs += float64(o.Runs)
	t.cost += o.Seconds / runSeconds
	switch o.Outcome {
	case OutcomeCulprit, OutcomeSet:
		t.accused++
		t.claimed += o.Posterior
		t.members += float64(len(o.Set))
		if guilty(o.Set, truth) {
			t.found++
		} else {
			t.wrong++
		}
	case OutcomeNone:
		t.none++
	case OutcomeUndecided:
		t.undecided++
	}
}

func guilty(set, truth []string) bool {
	for _, culprit := range truth {
		if strings.Contains(" "+strings.Join(set, " ")+" ", " "+culprit+" ") {
			return true
		}
	}
	return false
}

func (t *tally) report(b *testing.B, promised float64) {
	b.Helper()
	b.ReportMetric(100*t.found/t.searches, "found_%")
	b.ReportMetric(100*t.wrong/t.searches, "wrong_%")
	b.ReportMetric(100*t.none/t.searches, "none_%")
	b.ReportMetric(100*t.undecided/t.searches, "undecided_%")
	b.ReportMetric(t.builds/t.searches, "builds")
	b.ReportMetric(t.runs/t.searches, "runs")
	b.ReportMetric(t.cost/t.searches, "cost")
	b.ReportMetric(promised, "promised")
	if t.accused > 0 {
		b.ReportMetric(100*t.claimed/t.accused, "claimed_%")
		b.ReportMetric(t.members/t.accused, "set")
	}
}

func TestSituations(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range situations() {
		if seen[c.name] {
			t.Errorf("%s is there twice", c.name)
		}
		seen[c.name] = true
		w, truth := c.world(rand.New(rand.NewPCG(1, 1)))
		if len(truth) != len(w.changes) || strings.HasPrefix(c.name, "none") != (len(truth) == 0) {
			t.Errorf("%s: changes %v, truth %v", c.name, w.changes, truth)
		}
		if share := float64(len(w.broken)); c.broken > 0 && share == 0 {
			t.Errorf("%s: no commit is broken", c.name)
		}
	}
}
