package bisect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhoMayBeTheCulprit(t *testing.T) {
	chain := [][]int{nil, {0}, {1}, {2}, {3}, {4}}
	// 0 ── 1 ── 3 ── 5 with the branch 2 ── 4 from 0, merged by 5
	merge := [][]int{nil, {0}, {0}, {1}, {2}, {3, 4}}
	for name, c := range map[string]struct {
		parents   [][]int
		class     []int
		low, high int
		want      []int
	}{
		"all":                                {chain, []int{0, 1, 2, 3, 4, 5}, 0, 5, []int{1, 2, 3, 4, 5}},
		"commits that touch nothing are not": {chain, []int{0, 0, 1, 1, 1, 2}, 0, 5, []int{2, 5}},
		"nor what is between a change and a revert": {chain, []int{0, 1, 2, 3, 1, 4}, 0, 5, []int{1, 5}},
		"both ends are one program":                 {chain, []int{0, 1, 2, 3, 4, 0}, 0, 5, nil},
		"between inner ends":                        {chain, []int{0, 1, 2, 3, 4, 0}, 1, 4, []int{2, 3, 4}},
		"a merge, all different":                    {merge, []int{0, 1, 2, 3, 4, 5}, 0, 5, []int{1, 2, 3, 4, 5}},
		"a branch that the merge has dropped":       {merge, []int{0, 1, 2, 3, 4, 3}, 0, 5, []int{1, 3}},
		"a branch that touches nothing":             {merge, []int{0, 1, 0, 3, 0, 3}, 0, 5, []int{1, 3}},
		"one side of the merge":                     {merge, []int{0, 1, 2, 3, 4, 5}, 3, 5, []int{2, 4, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := newGraph(c.parents)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, newSuspects(g, c.class, c.low, c.high).listed); diff != "" {
				t.Error(diff)
			}
		})
	}
}
