package calibration

import "math"

// calmOffset is how far builds differ where they are told not to differ by much.
const calmOffset = 0.002

// promisedRight is the share of searches that are right.
const promisedRight = 0.995

// strength is an effect with a noise, and what a search of 1024 commits for it may cost. The costs are those that a simulation of the
// design reached before it was built, with builds that take as long as twenty runs.
type strength struct{ effect, sd, cost float64 }

func strengths() []strength {
	return []strength{{0.1, 0.05, 336}, {0.1, 0.1, 480}, {0.05, 0.05, 480}, {0.05, 0.1, 920}}
}

// hunted is a hunt in which all is as it was told.
func hunted(commits int, effect, sd float64, noise string) Hunt {
	return Hunt{Commits: commits, Effect: effect, Guess: effect, SD: sd, Noise: noise, Told: calmOffset}
}

func noises() []string { return []string{Gauss, Heavy, Drifting} }

// SearchTables are the parts of the calibration of searches.
func SearchTables() []SearchTable {
	return []SearchTable{reachTable(), untoldTable(), rivalSearches(), nobodyTable(), offsetTable(), brokenTable(), oddTable()}
}

// promised is what a hunt of perfgate promises: all are right, at an effect of the noise's size and more with few builds, and where
// a cost was aimed at, with that.
func promised(h Hunt, cost float64) SearchRow {
	row := SearchRow{Hunt: h, Seeker: Perfgate{}, Promise: Expectations{Right: promisedRight, Foreseen: true}}
	if h.Effect >= h.SD && h.Noise == Gauss {
		row.Promise.Builds = math.Log2(float64(h.Commits)) + 2.5
	}
	if h.Commits == 1024 && h.Noise == Gauss {
		row.Promise.Cost = cost
	}
	return row
}

func reachTable() SearchTable {
	t := SearchTable{
		Name: "reach", Title: "What a search reaches",
		Text: "One commit changed the metric, by as much as was expected. A build takes as long as twenty runs, and cost is in runs. Promised: right in 99.5 %, a " +
			"cost that was foreseen within a quarter of the real one, with normal noise and an effect of its size or more at most log₂N + 2.5 builds, and the costs of the design.",
	}
	for _, noise := range noises() {
		for _, s := range strengths() {
			t.Rows = append(t.Rows, promised(hunted(1024, s.effect, s.sd, noise), s.cost))
		}
	}
	for _, commits := range []int{64, 256, 4096} {
		for _, noise := range noises() {
			for _, s := range []strength{{0.1, 0.05, 0}, {0.05, 0.1, 0}} {
				t.Rows = append(t.Rows, promised(hunted(commits, s.effect, s.sd, noise), 0))
			}
		}
	}
	return t
}

// untoldTable is what a search reaches that is told nothing of how far builds differ, as those of perfgate bisect are.
func untoldTable() SearchTable {
	t := SearchTable{
		Name: "untold", Title: "What a search reaches that is told nothing of how far builds differ",
		Text: "As above, but the search does not know that builds hardly differ: so `perfgate bisect` searches. Promised: right in 99.5 %.",
	}
	for _, noise := range noises() {
		for _, s := range strengths() {
			h := hunted(1024, s.effect, s.sd, noise)
			h.Told = 0
			t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: Perfgate{}, Promise: Expectations{Right: promisedRight}})
		}
	}
	return t
}

// searchRivals are the other ways to search.
func searchRivals() []Seeker {
	return []Seeker{GitBisect{Runs: 1}, GitBisect{Runs: 5}, GitBisect{Runs: 20}, GitBisect{Runs: 80}, GitBisect{Runs: 10, Measured: true}, Pinpoint{}, PassFail{}}
}

func rivalSearches() SearchTable {
	t := SearchTable{
		Name: "rivals", Title: "Other ways to search",
		Text: "The same ranges, searched by others. All but the one whose threshold is measured are made better than they are: they know the threshold that lies " +
			"exactly between both levels, the noise, and the direction.",
	}
	for _, noise := range noises() {
		for _, s := range strengths() {
			for _, who := range searchRivals() {
				t.Rows = append(t.Rows, SearchRow{Hunt: hunted(1024, s.effect, s.sd, noise), Seeker: who})
			}
		}
	}
	return t
}

func nobodyTable() SearchTable {
	t := SearchTable{
		Name: "none", Title: "No change in the range",
		Text: "A change of 5 % was expected, and there is none. Right is who says so. Promised: nobody is accused.",
	}
	for _, noise := range noises() {
		for _, sd := range []float64{0.02, 0.05, 0.1} {
			h := hunted(1024, 0, sd, noise)
			h.Guess = 0.05
			t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: Perfgate{}, Promise: Expectations{Right: 0.99}})
		}
	}
	h := hunted(1024, 0, 0.05, Gauss)
	h.Guess = 0.05
	for _, who := range []Seeker{GitBisect{Runs: 20}, Pinpoint{}, PassFail{}} {
		t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: who})
	}
	return t
}

func offsetTable() SearchTable {
	t := SearchTable{
		Name: "offsets", Title: "Builds that differ",
		Text: "Each build is off by a deviate of its own, as the layout of code makes it. The search is told by how much they differ, or nothing, or 0.2 % whatever is true. " +
			"Promised: right in 95 % where it is 1 % against an effect of 5 %.",
	}
	for _, c := range []struct{ effect, offset float64 }{{0.05, 0.005}, {0.05, 0.01}, {0.05, 0.02}, {0.1, 0.01}, {0.1, 0.02}} {
		for _, told := range []float64{c.offset, 0, calmOffset} {
			h := hunted(1024, c.effect, 0.05, Gauss)
			h.Offset, h.Told = c.offset, told
			row := SearchRow{Hunt: h, Seeker: Perfgate{}}
			if c.effect == 0.05 && c.offset == 0.01 {
				row.Promise.Right = 0.95
			}
			t.Rows = append(t.Rows, row)
		}
	}
	h := hunted(1024, 0.05, 0.05, Gauss)
	h.Offset = 0.01
	for _, who := range []Seeker{GitBisect{Runs: 80}, Pinpoint{}} {
		t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: who})
	}
	return t
}

func brokenTable() SearchTable {
	t := SearchTable{
		Name: "broken", Title: "Commits that do not build",
		Text: "15 % of the commits do not build, in stretches of eight on average. Right is who names the least set that can be told: the culprit, with those before it " +
			"that do not build, or all up to the next that does.",
	}
	for _, s := range []strength{{effect: 0.1, sd: 0.05}, {effect: 0.1, sd: 0.1}} {
		h := hunted(1024, s.effect, s.sd, Gauss)
		h.Broken = 0.15
		t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: Perfgate{}, Promise: Expectations{Right: promisedRight}}, SearchRow{Hunt: h, Seeker: GitBisect{Runs: 20}})
	}
	return t
}

// oddTable has what is not as it was told.
func oddTable() SearchTable {
	t := SearchTable{
		Name: "odd", Title: "Not what was expected",
		Text: "Changes of another size than was said, without anything said, improvements, and two changes, of which naming one is right.",
	}
	for _, c := range []struct{ effect, second, guess float64 }{
		{0.15, 0, 0.05}, {0.05, 0, 0.1}, {0.1, 0, 0}, {-0.1, 0, -0.1}, {-0.1, 0, 0.1}, {0.05, 0.05, 0.1}, {0.1, 0.05, 0.15}, {0.1, -0.05, 0.05},
	} {
		h := hunted(1024, c.effect, 0.05, Gauss)
		h.Second, h.Guess = c.second, c.guess
		if h.Guess == 0 {
			h.Told = 0
		}
		t.Rows = append(t.Rows, SearchRow{Hunt: h, Seeker: Perfgate{}})
	}
	return t
}
