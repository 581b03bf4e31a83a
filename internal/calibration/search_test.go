package calibration

import (
	"math"
	"strings"
	"testing"
)

// TestSearchesKeepTheirPromisesOnASmallScale makes a dozen searches of each kind. What is asked is that the whole interval of 99.99 %
// does not miss, so that only what is really broken fails; make bisect-bench has the figures.
func TestSearchesKeepTheirPromisesOnASmallScale(t *testing.T) {
	searches := 12
	if testing.Short() {
		searches = 3
	}
	runner := Runner{Seed: 20261129, Workers: 2}
	small := func(h Hunt, commits int) Hunt {
		h.Commits = commits
		return h
	}
	none := hunted(64, 0, 0.03, Gauss)
	none.Guess = 0.05
	differ := hunted(64, 0.05, 0.03, Gauss)
	differ.Offset = 0.01
	broken := hunted(128, 0.1, 0.04, Gauss)
	broken.Broken = 0.15
	var all Searched
	for name, h := range map[string]Hunt{
		"normal": hunted(256, 0.1, 0.05, Gauss), "heavy": hunted(256, 0.1, 0.05, Heavy), "drifting": small(hunted(0, 0.1, 0.04, Drifting), 64),
		"none": none, "builds that differ": differ, "broken": broken, "improvement": hunted(64, -0.1, 0.04, Gauss),
	} {
		s := runner.Seek(h, Perfgate{}, searches)
		all.add(SearchRow{Hunt: h, Seeker: Perfgate{}}, s)
		if right := surely(s.Right, s.Made); right.held(AtLeast(promisedRight)).Kept == missed {
			t.Errorf("seed %d: %s: right %s of %d", runner.Seed, name, right.scaled(100, 1, " %"), s.Made)
		}
		if wrong := surely(s.Wrong, s.Made); wrong.held(AtMost(0.001)).Kept == missed {
			t.Errorf("seed %d: %s: an innocent accused %s of %d", runner.Seed, name, wrong.scaled(100, 1, " %"), s.Made)
		}
		if seen := s.held(foreseenOf); name == "normal" && !(seen.Value > 0.5 && seen.Value < 2) {
			t.Errorf("seed %d: %s: the foreseen cost is %s of the real one", runner.Seed, name, seen.scaled(1, 2, ""))
		}
	}
	for noise, s := range all.Perfgate {
		if claimed, _ := s.confidence(); !(claimed >= 0.999 && claimed <= 1) {
			t.Errorf("%s: claimed %v", noise, claimed)
		}
	}
}

// TestSmallScaleSearchesCanFail holds a search that is known to be wrong against the promises.
func TestSmallScaleSearchesCanFail(t *testing.T) {
	runner := Runner{Seed: 1, Workers: 2}
	s := runner.Seek(hunted(256, 0.05, 0.05, Gauss), GitBisect{Runs: 1}, 40)
	if surely(s.Right, s.Made).held(AtLeast(promisedRight)).Kept != missed || surely(s.Wrong, s.Made).held(AtMost(0.001)).Kept != missed {
		t.Errorf("one run a commit is right in %d and wrong in %d of %d", s.Right, s.Wrong, s.Made)
	}
	row := SearchRow{Hunt: hunted(256, 0.05, 0.05, Gauss), Seeker: GitBisect{Runs: 1}, Promise: Expectations{Right: 0.9, Cost: 100, Builds: 100}}
	cells, fates := row.cells(s)
	if fates != (Fates{Kept: 1, Missed: 2}) || !strings.HasSuffix(cells[4], missed) || !strings.HasSuffix(cells[8], missed) || !strings.HasSuffix(cells[6], kept) {
		t.Errorf("%+v: %q", fates, cells)
	}
}

// TestWithoutNoiseEverybodyIsRight shows that the rivals do what they are said to do.
func TestWithoutNoiseEverybodyIsRight(t *testing.T) {
	runner := Runner{Seed: 2, Workers: 2}
	for _, effect := range []float64{0.1, -0.1} {
		for _, who := range append(searchRivals(), Perfgate{}) {
			h := hunted(100, effect, 0.0001, Gauss)
			if s := runner.Seek(h, who, 5); s.Right != 5 {
				t.Errorf("%s finds %+g in %d of 5", who.Name(), effect, s.Right)
			}
			h.Broken = 0.3
			s := runner.Seek(h, who, 5)
			if s.Wrong > 0 && who.Name() != (PassFail{}).Name() { // which knows no sets
				t.Errorf("%s accuses innocents in %d of 5 where commits do not build", who.Name(), s.Wrong)
			}
		}
	}
	if s := runner.Seek(Hunt{Commits: 64, Guess: 0.1, SD: 0.01, Noise: Gauss}, Pinpoint{}, 5); s.NoChange != 5 {
		t.Errorf("Pinpoint's rule sees no change in %d of 5", s.NoChange)
	}
	if s := runner.Seek(Hunt{Commits: 64, Guess: 0.1, SD: 0.01, Noise: Gauss}, GitBisect{Runs: 5}, 5); s.Wrong != 5 || s.Accusing != 5 {
		t.Errorf("git bisect accuses somebody in %d of 5 searches in which there is no change", s.Accusing)
	}
}

// TestTheLeastSet is the culprit with what cannot be told from it.
func TestTheLeastSet(t *testing.T) {
	for seed := range uint64(50) {
		h := hunted(40, 0.1, 0.05, Gauss)
		h.Broken = 0.4
		drawn := h.drawn(seed, 1)
		at, least := drawn.culprits[0], drawn.least()
		if !least[at] {
			t.Fatalf("seed %d: the culprit c%d is not in %v", seed, at, least)
		}
		first, last := at, at
		for first > 1 && drawn.broken[first-1] {
			first--
		}
		for last < 40 && drawn.broken[last] {
			last++
		}
		if len(least) != last-first+1 || !least[first] || !least[last] {
			t.Errorf("seed %d: c%d with %v: %v, want c%d to c%d", seed, at, drawn.broken, least, first, last)
		}
	}
}

func TestWhoSearchesAndHowManyWorkDoesNotMatter(t *testing.T) {
	table := SearchTable{Name: "x", Title: "T", Text: "t", Rows: []SearchRow{
		{Hunt: hunted(32, 0.1, 0.05, Heavy), Seeker: Perfgate{}, Promise: Expectations{Right: 0.9, Foreseen: true}}, {Hunt: hunted(32, 0.1, 0.05, Gauss), Seeker: Pinpoint{}},
	}}
	var texts []string
	for _, workers := range []int{1, 3} {
		var out strings.Builder
		var all Searched
		if _, err := (Runner{Seed: 5, Workers: workers}).WriteSearches(&out, table, 6, &all, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := all.WriteSummary(&out); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, out.String())
	}
	if texts[0] != texts[1] {
		t.Errorf("with one worker\n%s\nwith three\n%s", texts[0], texts[1])
	}
	if !strings.Contains(texts[0], "| perfgate | +10 % in 5 % | heavy | 32 | 100.0 %") || !strings.Contains(texts[0], "heavy noise: right of 6 accusations") {
		t.Errorf("printed:\n%s", texts[0])
	}
	h := hunted(500, 0.1, 0.05, Drifting)
	a, b := h.drawn(3, 4), h.drawn(3, 4)
	if a.culprits[0] != b.culprits[0] || a.culprits[0] == h.drawn(3, 5).culprits[0] {
		t.Errorf("search 4 has c%d and c%d, search 5 c%d", a.culprits[0], b.culprits[0], h.drawn(3, 5).culprits[0])
	}
}

func TestSearchTables(t *testing.T) {
	seen, names := map[string]bool{}, map[string]bool{}
	for _, table := range SearchTables() {
		if names[table.Name] || table.Title == "" || table.Text == "" || len(table.Rows) == 0 {
			t.Errorf("table %q", table.Name)
		}
		names[table.Name] = true
		for _, row := range table.Rows {
			label := table.Name + row.Seeker.Name() + row.Hunt.String() + row.Hunt.Noise + string(rune(row.Hunt.Commits))
			if seen[label] {
				t.Errorf("%s: %s, %s, %s of %d is there twice", table.Name, row.Seeker.Name(), row.Hunt, row.Hunt.Noise, row.Hunt.Commits)
			}
			seen[label] = true
			drawn := row.Hunt.drawn(1, 1)
			if (len(drawn.culprits) == 0) != (row.Hunt.Effect == 0) || (len(drawn.broken) > 0) != (row.Hunt.Broken > 0) || math.IsNaN(row.Hunt.SD) {
				t.Errorf("%s: culprits %v, %d broken", row.Hunt, drawn.culprits, len(drawn.broken))
			}
		}
	}
}
