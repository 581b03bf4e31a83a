package gitrepo_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// invented is a history of n commits, with merges of two to five parents, several roots, and dates that are equal or lie by
// up to so many seconds.
func invented(n int, lies int64, rng *rand.Rand) []told {
	history := make([]told, n)
	name := func(i int) string { return fmt.Sprintf("n%03d", i) }
	back := func(i int) int { return max(0, i-1-rng.IntN(1+rng.IntN(12))) }
	for i := range history {
		c := told{name: name(i), files: map[string]string{}, when: 1_600_000_000 + int64(i/3)*60}
		if lies > 0 {
			c.when += rng.Int64N(2*lies) - lies
		}
		if i > 0 && rng.IntN(40) > 0 {
			c.parents = []string{name(back(i))}
			for range rng.IntN(6) - 3 + rng.IntN(3) {
				if p := name(back(i)); !slices.Contains(c.parents, p) {
					c.parents = append(c.parents, p)
				}
			}
		}
		for _, file := range []string{"src/a.go", "src/deep/b.go", "src/deep/c.txt", "docs/d.md"} {
			if rng.IntN(4) == 0 {
				c.files[file] = fmt.Sprint(rng.IntN(3)) // few values: changes are taken back now and then
			}
		}
		if len(c.parents) == 0 {
			c.files["src/a.go"] = fmt.Sprint(i)
		}
		history[i] = c
	}
	return history
}

// ancestors of each commit, itself included, by a plain walk.
func ancestors(history []told) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, c := range history {
		own := map[string]bool{c.name: true}
		for _, p := range c.parents {
			for a := range all[p] {
				own[a] = true
			}
		}
		all[c.name] = own
	}
	return all
}

func TestTheLibraryAndTheProgramReadTheSame(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 3
	}
	rangesRead := 0
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 20))
		history := invented(150, []int64{0, 200, 5000}[seed%3], rng)
		dir, sha := tell(t, history)
		contains := ancestors(history)
		for range 20 {
			good, bad := history[rng.IntN(len(history))], history[rng.IntN(len(history))]
			plan := gitrepo.RangePlan{
				Good: good.name, Bad: bad.name, AllParents: rng.IntN(2) == 0,
				Paths: [][]string{nil, {"src/"}, {"src/deep", "docs/d.md"}, {"src/**/*.go"}}[rng.IntN(4)],
			}
			plan.Reader = gitrepo.LibraryReader
			byLibrary, libraryErr := gitrepo.ReadRange(t.Context(), dir, plan)
			plan.Reader = gitrepo.ProgramReader
			byProgram, programErr := gitrepo.ReadRange(t.Context(), dir, plan)
			if diff := cmp.Diff(byProgram, byLibrary, cmpopts.IgnoreFields(gitrepo.Range{}, "Reader")); diff != "" {
				t.Errorf("seed %d, %+v: -git +library\n%s", seed, plan, diff)
			}
			if fmt.Sprint(libraryErr) != fmt.Sprint(programErr) {
				t.Errorf("seed %d, %+v: library: %v, git: %v", seed, plan, libraryErr, programErr)
			}
			if wrong, ok := errors.AsType[*gitrepo.RangeError](libraryErr); libraryErr != nil && (!ok || wrong.Cause != nil) {
				t.Errorf("seed %d, %+v: %v", seed, plan, libraryErr)
			}
			if libraryErr != nil {
				if contains[bad.name][good.name] && good.name != bad.name {
					t.Errorf("seed %d, %+v: %v", seed, plan, libraryErr)
				}
				continue
			}
			rangesRead++
			var want, got []string
			for i := range history {
				if c := history[i].name; contains[bad.name][c] && !contains[good.name][c] {
					want = append(want, sha[c])
				}
			}
			for _, c := range byLibrary.Commits[1:] {
				got = append(got, c.SHA)
			}
			slices.Sort(want)
			slices.Sort(got)
			if plan.AllParents && !slices.Equal(want, got) {
				t.Errorf("seed %d, %+v: the library reads %d commits, and they are %d", seed, plan, len(got), len(want))
			}
		}
	}
	if rangesRead < int(seeds) {
		t.Errorf("only %d ranges were there to read", rangesRead)
	}
	t.Logf("%d ranges of %d histories", rangesRead, seeds)
}
