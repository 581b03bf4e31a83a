package runner

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

func TestEveryKeepsToItsSchedule(t *testing.T) {
	for name, test := range map[string]struct {
		start time.Duration
		busy  []time.Duration // how long each call takes
		want  []time.Duration
	}{
		"no time at all":            {0, []time.Duration{0, 0, 0}, []time.Duration{0, 10, 20}},
		"some time":                 {0, []time.Duration{3, 9, 3}, []time.Duration{0, 10, 20}},
		"too long, once":            {0, []time.Duration{3, 25, 3, 3}, []time.Duration{0, 10, 40, 50}},
		"exactly as long":           {0, []time.Duration{10, 10, 0}, []time.Duration{0, 20, 40}},
		"a start that is to come":   {7, []time.Duration{0, 0}, []time.Duration{7, 17}},
		"a start that has passed":   {-34, []time.Duration{0, 0, 0}, []time.Duration{0, 6, 16}},
		"a start that passed just":  {-10, []time.Duration{2, 0, 0}, []time.Duration{0, 10, 20}},
		"a start for ever to come":  {1 << 40, nil, nil},
		"a call that never returns": {0, []time.Duration{1 << 40}, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				begin := time.Now()
				var got []time.Duration
				every(ctx, schedule{start: begin.Add(test.start * time.Millisecond), period: always(10 * time.Millisecond)}, func() bool {
					got = append(got, time.Since(begin)/time.Millisecond)
					select {
					case <-time.After(test.busy[len(got)-1] * time.Millisecond):
					case <-ctx.Done():
					}
					return len(got) < len(test.busy)
				})
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		})
	}
}

func TestEveryStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		time.AfterFunc(25*time.Millisecond, func() { close(stop) })
		begin, calls := time.Now(), 0
		every(t.Context(), schedule{start: begin, period: always(10 * time.Millisecond), stop: stop}, func() bool { calls++; return true })
		if calls != 3 || time.Since(begin) != 25*time.Millisecond {
			t.Errorf("%d calls in %v", calls, time.Since(begin))
		}
	})
}

func TestEveryHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hurry := make(chan struct{}, 1)
		time.AfterFunc(14*time.Millisecond, func() { hurry <- struct{}{} })
		begin := time.Now()
		var got []time.Duration
		every(t.Context(), schedule{start: begin, period: always(10 * time.Millisecond), hurry: hurry}, func() bool {
			got = append(got, time.Since(begin)/time.Millisecond)
			return len(got) < 5
		})
		if diff := cmp.Diff([]time.Duration{0, 10, 14, 20, 30}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestEveryTakesAPeriodThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var got []time.Duration
		period := func() time.Duration {
			if len(got) < 2 {
				return 40 * time.Millisecond
			}
			return 10 * time.Millisecond
		}
		every(t.Context(), schedule{start: begin, period: period}, func() bool {
			got = append(got, time.Since(begin)/time.Millisecond)
			return len(got) < 4
		})
		if diff := cmp.Diff([]time.Duration{0, 40, 50, 60}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if !until(t.Context(), begin.Add(time.Second)) || time.Since(begin) != time.Second {
			t.Errorf("waited %v", time.Since(begin))
		}
		if !until(t.Context(), begin) || time.Since(begin) != time.Second {
			t.Error("waited for what had passed")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if until(ctx, begin.Add(time.Hour)) || time.Since(begin) != 2*time.Second {
			t.Errorf("waited %v", time.Since(begin))
		}
	})
}

// TestSweepsHaveTimesOfTheirOwn checks that no two sweeps of a window share a whole second, wherever it begins and however
// long it is.
func TestSweepsHaveTimesOfTheirOwn(t *testing.T) {
	for _, length := range []time.Duration{time.Millisecond, 900 * time.Millisecond, time.Second, 1500 * time.Millisecond, 3 * time.Second, 3001 * time.Millisecond} {
		for offset := time.Duration(0); offset < time.Second; offset += 50 * time.Millisecond {
			s := &session{from: time.Unix(1000, 0).Add(offset)}
			s.to = s.from.Add(length)
			seen := map[int64]bool{}
			for moment := s.from; ; moment = moment.Add(sweepPeriod) {
				if moment.After(s.to) {
					moment = s.to
				}
				stamp := s.timestamp(moment)
				if seen[stamp] || stamp < moment.Unix() || stamp > moment.Unix()+1 {
					t.Errorf("window of %v from %v on: %v has the time %d", length, offset, moment.Sub(s.from), stamp)
				}
				seen[stamp] = true
				if moment.Equal(s.to) {
					break
				}
			}
		}
	}
}

func TestNextSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &session{from: time.Now()}
		s.to = s.from.Add(3500 * time.Millisecond)
		for _, step := range []struct{ now, want, turn, at time.Duration }{
			{0, 1000, 1000, 1700}, {3, 1000, 1000, 1700}, {999, 1000, 1000, 1700}, {1000, 2000, 1000, 1700}, {1700, 2000, 2000, 2700},
			{2500, 3000, 2000, 2700}, {2750, 3000, 3500, 3500}, {3001, 3500, 3500, 3500}, {3500, 3500, 3500, 3500}, {9000, 3500, 3500, 3500},
		} {
			time.Sleep(time.Until(s.from.Add(step.now * time.Millisecond)))
			first, at := s.nextSweep(0)
			turn, later := s.nextSweep(700 * time.Millisecond)
			if got, want := []time.Duration{first.Sub(s.from), at.Sub(s.from), turn.Sub(s.from), later.Sub(s.from)},
				[]time.Duration{step.want, step.want, step.turn, step.at}; !cmp.Equal(want, scaled(got)) {
				t.Errorf("after %d ms: the next sweeps are at %v, want %d", step.now, got, want)
			}
		}
	})
}

// scaled are times in milliseconds.
func scaled(all []time.Duration) []time.Duration {
	for i := range all {
		all[i] /= time.Millisecond
	}
	return all
}

// TestTurns checks that few nodes are looked at together, and many one after the other before the next sweep.
func TestTurns(t *testing.T) {
	for _, test := range []struct {
		nodes  int
		window time.Duration
		want   []time.Duration
	}{
		{1, 20, []time.Duration{0}}, {20, 20, []time.Duration{0, 0, 0}}, {25, 20, []time.Duration{0, 40, 80}}, {100, 10, []time.Duration{0, 10, 20}},
		{100, 3, []time.Duration{0, 3, 6}},
	} {
		scenario := suite.Scenario{Nodes: test.nodes, Duration: test.window * time.Second}
		var got []time.Duration
		for i := range test.want {
			got = append(got, turnOf(i, scenario))
		}
		if last := turnOf(test.nodes-1, scenario); !cmp.Equal(test.want, scaled(got)) || last >= sweepPeriod {
			t.Errorf("%+v: %d ms; the last has its turn after %v", test, got, last)
		}
	}
}

func TestLargeNetworksAreLookedAtLessOften(t *testing.T) {
	for _, nodes := range []int{1, 2, 20, 21, 50, 100, suite.MaxNodes} {
		if total := int64(nodes) * int64(time.Second) / int64(waitingPeriod(int64(nodes))); nodes > fewNodes && total > waitingLooksPerSecond {
			t.Errorf("%d nodes are looked at %d times a second while they form", nodes, total)
		}
		steady := time.Second / gaugePeriod(nodes)
		if steady > 10 || int(steady)*nodes > looksPerSecond {
			t.Errorf("%d nodes: %d looks a second at each", nodes, steady)
		}
	}
	for waiting, want := range map[int64]time.Duration{0: 8, 1: 8, 20: 8, 50: 40, 100: 80} {
		if got := waitingPeriod(waiting) / time.Millisecond; got != want {
			t.Errorf("%d nodes that are waited for are looked at every %d ms, want %d", waiting, got, want)
		}
	}
	if few, many := otherPeriod(20), otherPeriod(21); few != 8*time.Millisecond || many != gaugePeriod(21) {
		t.Errorf("nodes that are not waited for are looked at every %v among 20, and every %v among 21", few, many)
	}
	if got := gaugePeriod(100); got != 100*time.Millisecond {
		t.Errorf("the gauges of a hundred nodes are looked at every %v", got)
	}
}
