package report_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
)

// realm is a world whose commits have ids as git gives them.
type realm struct {
	*bisect.World
	names map[string]string // by the world's
	back  map[string]string
}

func named(w *bisect.World) realm {
	r := realm{w, map[string]string{}, map[string]string{}}
	for i := range w.Commits + 1 {
		own := fmt.Sprintf("c%d", i)
		sum := sha1.Sum([]byte(own))
		r.names[own] = hex.EncodeToString(sum[:])
		r.back[r.names[own]] = own
	}
	return r
}

// hunt searches a world to its end, and reports it. Values are those of the world by a factor.
func hunt(t testing.TB, w *bisect.World, guess, factor float64, adapt func(p *bisect.Parameters)) report.Hunt {
	t.Helper()
	r := named(w)
	task := w.Task(guess, 7)
	for i := range task.Commits {
		task.Commits[i].ID = r.names[task.Commits[i].ID]
	}
	if adapt != nil {
		adapt(&task.Parameters)
	}
	s, err := bisect.New(task)
	if err != nil {
		t.Fatal(err)
	}
	var events []bisect.Event
	for step := s.Next(); step.Action != bisect.Done; step = s.Next() {
		step.Commit = r.back[step.Commit]
		e := w.Do(step)
		e.Commit, e.Value = r.names[e.Commit], e.Value*factor
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	h := report.Hunt{
		ID: "f3a9", Range: "v0.1.16..HEAD", Scenario: "standard", Metric: "formation_cpu", Unit: metric.Seconds, Better: metric.Lower,
		Task: task, Events: events, Outcome: s.Outcome(), Posterior: s.Posterior(), Remaining: s.Remaining(),
		Commits: map[string]report.HuntCommit{}, Elapsed: time.Duration(1.1 * w.Clock * float64(time.Second)),
		Command: "perfgate bisect v0.1.16..HEAD --scenario standard --metric formation_cpu",
	}
	for i, c := range task.Commits {
		h.Commits[c.ID] = report.HuntCommit{
			Title: fmt.Sprintf("net: change number %d of the range", i), Author: "An Author <author@example.org>",
			Date: time.Date(2026, 3, 1+i/8, 12, 0, 0, 0, time.UTC), PullRequest: 100 + i,
		}
	}
	return h
}

func worldOf(commits int, seed uint64) *bisect.World {
	return bisect.NewWorld(commits, rand.New(rand.NewPCG(seed, 61)))
}

// hunts are bisections of every kind. They are searched once.
func hunts(t testing.TB) map[string]report.Hunt {
	t.Helper()
	onceSearched.Do(func() { searched = search(t) })
	return maps.Clone(searched)
}

var (
	onceSearched sync.Once
	searched     map[string]report.Hunt
)

func search(t testing.TB) map[string]report.Hunt {
	t.Helper()
	all := map[string]report.Hunt{}

	w := worldOf(200, 1)
	w.Changes[131], w.SD, w.Drift, w.Heavy = math.Log1p(0.1), 0.03, 0.05, 0.03
	all["culprit"] = hunt(t, w, math.Log1p(0.1), 1, nil)

	w = worldOf(60, 2)
	w.SD = 0.03
	all["none"] = hunt(t, w, math.Log1p(0.1), 1, nil)

	w = worldOf(80, 3)
	w.Changes[42], w.SD = math.Log1p(0.12), 0.03
	for _, i := range []int{7, 8, 39, 40, 41, 42, 43} {
		w.Broken[i] = true
	}
	all["set"] = hunt(t, w, math.Log1p(0.1), 1, nil)

	w = worldOf(300, 4)
	w.Changes[200], w.SD = math.Log1p(0.05), 0.06
	all["undecided"] = hunt(t, w, math.Log1p(0.05), 1, func(p *bisect.Parameters) { p.Budget.Runs = 170 })

	if !testing.Short() {
		w = worldOf(2000, 5)
		w.Changes[777], w.SD = math.Log1p(0.2), 0.05
		w.Broken[500], w.Broken[501] = true, true
		all["long"] = hunt(t, w, math.Log1p(0.2), 1, nil)
	}

	w = worldOf(30, 6)
	w.Changes[11], w.SD = math.Log1p(-0.2), 0.03
	all["improvement"] = hunt(t, w, math.Log1p(-0.2), 1, nil)

	w = worldOf(25, 7)
	w.Changes[20] = math.Log1p(0.06)
	exact := hunt(t, w, math.Log1p(0.06), 1<<20, func(p *bisect.Parameters) { p.Exact = true })
	all["exact"] = ofTheBinary(exact)

	w = worldOf(25, 8)
	for i := range 25 {
		w.Changes[i+1] = 0.004
	}
	creep := hunt(t, w, 0.1, 1<<20, func(p *bisect.Parameters) { p.Exact = true })
	all["creep"] = ofTheBinary(creep)
	return all
}

func ofTheBinary(h report.Hunt) report.Hunt {
	h.Scenario, h.Metric, h.Unit = "", "binary_size", metric.Bytes
	h.Command = "perfgate bisect v0.1.16..HEAD --metric binary_size"
	return h
}

func TestHunts(t *testing.T) {
	for name, h := range hunts(t) {
		t.Run(name, func(t *testing.T) {
			text, markdown, document, log := printed(t, h, report.Style{Width: 110, Location: "/state/bisect/f3a9"})
			golden(t, "hunt_"+name+".txt", text)
			golden(t, "hunt_"+name+".md", markdown)
			if name == "set" {
				golden(t, "hunt_"+name+".json", document)
			}
			if name == "improvement" || name == "creep" {
				golden(t, "hunt_"+name+".log", log)
			}
			if first, _, _ := strings.Cut(text, "\n"); !strings.Contains(first, h.Metric) && h.Outcome.Outcome != bisect.OutcomeUndecided {
				t.Errorf("the first line is %q", first)
			}
		})
	}
}

// printed is a bisection in every form.
func printed(t testing.TB, h report.Hunt, style report.Style) (text, markdown, document, log string) {
	t.Helper()
	var a, b, c, d bytes.Buffer
	for _, err := range []error{
		report.HuntText(&a, h, style), report.HuntMarkdown(&b, h), report.HuntJSON(&c, h), report.HuntLog(&d, h, report.Style{Color: style.Color}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return a.String(), b.String(), c.String(), d.String()
}

// TestProgressNamesTheLeastChange: a search may go on for long while it is sure of some change, and not of one that matters.
func TestProgressNamesTheLeastChange(t *testing.T) {
	task := bisect.Task{Commits: bisect.Chain("good", "bad"), Parameters: bisect.Parameters{
		LeastChange: math.Log1p(0.2), Costs: bisect.Costs{ColdBuildSeconds: 1, RunSeconds: 1},
	}}
	s, err := bisect.New(task)
	if err != nil {
		t.Fatal(err)
	}
	for _, commit := range []string{"good", "bad"} {
		if err := s.Apply(bisect.Event{Type: bisect.Built, Commit: commit}); err != nil {
			t.Fatal(err)
		}
	}
	if got := report.HuntProgress(s, report.Hunt{Task: task}); !strings.Contains(got, "whether there is a change of 20% or more; ") {
		t.Error(got)
	}
}
