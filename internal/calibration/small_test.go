package calibration

import (
	"fmt"
	"testing"
)

// TestPromisesOnASmallScale judges some hundred pull requests of each kind. A share may miss its promise by chance: what is
// asked is that its whole interval of 99.99 % does not, so that only what is really broken fails; make calibrate has the
// figures.
func TestPromisesOnASmallScale(t *testing.T) {
	requests := 120
	if testing.Short() {
		requests = 50
	}
	runner := Runner{Seed: 20261125, Workers: 2}
	calm, shared := lognormal(0), lognormal(0.5)
	all := Worlds(metrics)
	mixed := all[len(all)-1]
	for _, c := range []struct {
		name     string
		cell     Cell
		quantity Quantity
		promise  Promise
	}{
		{"false alarms", trialCell(calm, Change{}, Trial{}), FalseAlarms, AtMost(0.05)},
		{"false alarms of noise of every kind", trialCell(mixed, Change{}, Trial{}), FalseAlarms, AtMost(0.05)},
		{"false alarms with --strict", trialCell(shared, Change{}, Trial{Alpha: strict}), FalseAlarms, AtMost(strict)},
		{"false alarms of compare", Cell{World: calm, Rule: Unpaired{Runs: rivalRuns}}, FalseAlarms, AtMost(0.05)},
		{"power at +15 %", trialCell(shared, Change{Size: 0.15}, Trial{}), Found, AtLeast(0.99)},
		{"power at +30 %", trialCell(calm, Change{Size: 0.3}, Trial{}), Found, AtLeast(0.99)},
		{"proven clean", trialCell(shared, Change{}, Trial{}), ProvenClean, AtLeast(0.9)},
		{"coverage", trialCell(calm, Change{Size: 0.1}, Trial{}), Coverage, AtLeast(0.93)},
		{"wrong direction", trialCell(calm, Change{Size: 0.1, All: true}, Trial{}), WrongDirection, AtMost(0.01)},
	} {
		t.Run(c.name, func(t *testing.T) {
			count, of := runner.Judge(c.cell, requests).count(c.quantity)
			got := surely(count, of)
			t.Logf("seed %d: %s", runner.Seed, got.text(c.quantity))
			if got.held(c.promise).Kept == missed {
				t.Errorf("%s of %d, promised: %+v", got.text(c.quantity), of, c.promise)
			}
		})
	}
}

// surely is a share with its interval of 99.99 %.
func surely(count, of int) Estimate { return asEstimate(shareWith(count, of, 0.9999)) }

// TestSmallScaleCanFail holds rules that are known to break promises against them.
func TestSmallScaleCanFail(t *testing.T) {
	runner := Runner{Seed: 1, Workers: 2}
	for _, c := range []struct {
		rule     Rule
		change   Change
		quantity Quantity
		promise  Promise
	}{
		{TenPercent(false), Change{}, FalseAlarms, AtMost(0.05)},
		{Benchstat{}, Change{}, FalseAlarms, AtMost(0.05)},
		{ASV{}, Change{Size: 0.1}, Found, AtLeast(0.9)},
		{Conbench{}, Change{Size: 0.3}, Found, AtLeast(0.99)},
	} {
		count, of := runner.Judge(Cell{World: lognormal(0), Change: c.change, Rule: c.rule}, 400).count(c.quantity)
		if got := surely(count, of).held(c.promise); got.Kept != missed {
			t.Errorf("%s at %+v: %s, and the promise is %s", c.rule.Name(), c.change, got.text(c.quantity), got.Kept)
		}
	}
}

// TestRivalsAreAsTheyWereSeen pins exact counts of a seed where only ranks and single comparisons decide.
func TestRivalsAreAsTheyWereSeen(t *testing.T) {
	var got string
	for _, rule := range []Rule{Benchstat{}, Benchstat{Floor: 0.1}, ASV{}, ActionBenchmark(false), TenPercent(false), Holm{}} {
		none := Runner{Seed: 3, Workers: 2}.Judge(Cell{World: lognormal(0), Rule: rule}, 500)
		some := Runner{Seed: 3, Workers: 2}.Judge(Cell{World: lognormal(0), Change: Change{Size: 0.2}, Rule: rule}, 500)
		got += fmt.Sprintf("%s: %d, %d\n", rule.Name(), none.False, some.Caught)
	}
	const want = `benchstat: 79, 499
benchstat + 10 % floor: 25, 492
asv continuous: 0, 433
github-action-benchmark 200 %: 0, 0
one number, 10 %: 405, 402
exact U + Holm: 25, 493
`
	if got != want {
		t.Errorf("false alarms and changes found in 500:\n%s\nwant:\n%s", got, want)
	}
}
