package measure_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// moment is a sample of a machine of two cores with everything at a value.
func moment(mark string, at float64, change func(*result.MachineSample)) result.MachineSample {
	s := result.MachineSample{
		Mark: mark, MonotonicSeconds: at, Cores: 2, IdleSeconds: new(2 * at), InterruptSeconds: new(4.0), StealSeconds: new(1.0), NodesCPUSeconds: new(0.0), OwnCPUSeconds: new(3.0),
		ThrottledSeconds: new(7.0), ThrottledPeriods: new(70.0), ThermalThrottles: new(2.0),
		CPUSomeSeconds: new(10.0), MemorySomeSeconds: new(20.0), MemoryFullSeconds: new(5.0), IOSomeSeconds: new(40.0), IOFullSeconds: new(30.0),
		WallOffsetSeconds: new(1.7e9), SuspendedSeconds: new(50.0),
	}
	if change != nil {
		change(&s)
	}
	return s
}

// use lets programs take CPU time, in seconds since the start, of a machine that is idle otherwise.
func use(s *result.MachineSample, nodes, own, others float64) {
	*s.NodesCPUSeconds, *s.OwnCPUSeconds = *s.NodesCPUSeconds+nodes, *s.OwnCPUSeconds+own
	*s.IdleSeconds -= nodes + own + others
}

// lose takes time away from all programs.
func lose(s *result.MachineSample, from *float64, seconds float64) {
	*from += seconds
	*s.IdleSeconds -= seconds
}

// run is a formation of 2 s and a steady window of 10 s, whose end is changed.
func run(formed, end func(*result.MachineSample)) []result.MachineSample {
	return []result.MachineSample{
		moment(result.MarkStart, 1000, nil), moment("", 1001, nil), moment(result.MarkSteady, 1002, formed), moment("", 1003, formed),
		moment(result.MarkEnd, 1012, func(s *result.MachineSample) {
			if formed != nil {
				formed(s)
			}
			if end != nil {
				end(s)
			}
		}), moment("", 1013, nil), // taken while the nodes stop
	}
}

func TestMachineSaysWhatHappenedInEachPhase(t *testing.T) {
	got := measure.Machine(run(func(s *result.MachineSample) {
		use(s, 0.8, 0.2, 1)
		*s.ThrottledSeconds, *s.ThermalThrottles = 7.1, 5
	}, func(s *result.MachineSample) {
		use(s, 5, 0, 5)
		lose(s, s.StealSeconds, 1)
		lose(s, s.InterruptSeconds, 2)
		*s.MemoryFullSeconds, *s.IOFullSeconds = 6, 35
		*s.WallOffsetSeconds, *s.SuspendedSeconds = 1.7e9-3600, 50.5
	}))
	none := func(p result.MachinePhase) *result.MachinePhase {
		for _, value := range []**float64{
			&p.OthersRatio, &p.NodesRatio, &p.OwnRatio, &p.StealRatio, &p.ThrottledRatio, &p.ThermalThrottles, &p.CPUSomeRatio,
			&p.MemorySomeRatio, &p.MemoryFullRatio, &p.IOSomeRatio, &p.IOFullRatio, &p.ClockStepSeconds, &p.SuspendedSeconds,
		} {
			if *value == nil {
				*value = new(0.0)
			}
		}
		return &p
	}
	want := result.Machine{
		Forming: none(result.MachinePhase{
			Seconds: 2, Cores: 2, OthersRatio: new(0.25), NodesRatio: new(0.2), OwnRatio: new(0.05), ThrottledRatio: new(0.05), ThermalThrottles: new(3.0),
		}),
		Steady: none(result.MachinePhase{
			Seconds: 10, Cores: 2, OthersRatio: new(0.25), NodesRatio: new(0.25), StealRatio: new(0.05), MemoryFullRatio: new(0.1), IOFullRatio: new(0.5),
			ClockStepSeconds: new(-3600.0), SuspendedSeconds: new(0.5),
		}),
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMachineWithoutAWindowOrANumber(t *testing.T) {
	samples := run(nil, nil)
	samples[2].Mark = ""
	if m := measure.Machine(samples); m.Steady != nil || m.Forming == nil || m.Forming.Seconds != 12 {
		t.Errorf("a run that did not form: %+v", m)
	}
	if m := measure.Machine(samples[:4]); m.Forming != nil || m.Steady != nil {
		t.Errorf("a run without an end: %+v", m)
	}
	if measure.Between(samples[0], samples[0]) != nil {
		t.Error("no time is a phase")
	}
	blind := moment("", 1001, func(s *result.MachineSample) { *s = result.MachineSample{MonotonicSeconds: 1001, Cores: 2} })
	if diff := cmp.Diff(&result.MachinePhase{Seconds: 1, Cores: 2}, measure.Between(samples[0], blind)); diff != "" {
		t.Errorf("what was not read: -want +got\n%s", diff)
	}
	backwards := moment("", 1001, func(s *result.MachineSample) { *s.IdleSeconds, *s.StealSeconds = 2010, 0 })
	if p := measure.Between(samples[0], backwards); *p.OthersRatio != 0 || *p.StealRatio != 0 {
		t.Errorf("counters that fall: others %v, steal %v", *p.OthersRatio, *p.StealRatio)
	}
}

func TestWhatDisturbsARun(t *testing.T) {
	type change = func(*result.MachineSample)
	for name, test := range map[string]struct {
		formed, end change
		want        string
	}{
		"nothing":                {nil, nil, ""},
		"others, just within":    {nil, func(s *result.MachineSample) { use(s, 0, 0, 1.9) }, ""},
		"others":                 {nil, func(s *result.MachineSample) { use(s, 0, 0, 9.6) }, "other processes took 48 % of the machine in the steady window"},
		"others while it formed": {func(s *result.MachineSample) { use(s, 1, 0, 2) }, nil, "other processes took 50 % of the machine while the network formed"},
		"the nodes themselves":   {nil, func(s *result.MachineSample) { use(s, 19, 0, 1) }, ""},
		"their traffic":          {nil, func(s *result.MachineSample) { lose(s, s.InterruptSeconds, 10) }, ""},
		"perfgate itself":        {nil, func(s *result.MachineSample) { use(s, 1, 6, 0) }, "perfgate itself took 30 % of the machine in the steady window"},
		"steal":                  {nil, func(s *result.MachineSample) { lose(s, s.StealSeconds, 3) }, "the hypervisor took 15 % of the machine in the steady window"},
		"steal, just within":     {nil, func(s *result.MachineSample) { lose(s, s.StealSeconds, 1.9) }, ""},
		"a quota": {
			func(s *result.MachineSample) { *s.ThrottledSeconds += 0.2 }, nil, "a quota throttled the processors for 10 % of the time while the network formed",
		},
		"memory":                    {nil, func(s *result.MachineSample) { *s.MemoryFullSeconds += 2 }, "everything waited for memory for 20 % of the time in the steady window"},
		"a clock set back":          {nil, func(s *result.MachineSample) { *s.WallOffsetSeconds -= 2 }, "the wall clock was set by -2.0s in the steady window"},
		"a clock that is slewed":    {nil, func(s *result.MachineSample) { *s.WallOffsetSeconds += 0.4 }, ""},
		"a sleep":                   {nil, func(s *result.MachineSample) { *s.SuspendedSeconds += 30 }, "the machine was suspended for 30.0s in the steady window"},
		"pressure that nodes cause": {nil, func(s *result.MachineSample) { *s.CPUSomeSeconds, *s.IOFullSeconds, *s.MemorySomeSeconds = 20, 40, 30 }, ""},
		"heat":                      {nil, func(s *result.MachineSample) { *s.ThermalThrottles += 100 }, ""},
		"both, the formation first": {
			func(s *result.MachineSample) { lose(s, s.StealSeconds, 2) }, func(s *result.MachineSample) { use(s, 0, 0, 15) },
			"the hypervisor took 50 % of the machine while the network formed",
		},
		"what could not be read": {
			nil, func(s *result.MachineSample) {
				*s = result.MachineSample{Mark: s.Mark, MonotonicSeconds: s.MonotonicSeconds}
			}, "",
		},
		"nodes that cannot be read": {nil, func(s *result.MachineSample) { use(s, 0, 0, 20); s.NodesCPUSeconds = nil }, ""},
		"a core that went":          {nil, func(s *result.MachineSample) { *s.IdleSeconds, s.Cores = 1000, 1 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := measure.Disturbed(measure.Machine(run(test.formed, test.end))); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestLoadIsAPhaseOfItsOwn has others at work in the loaded half of the window alone: 8 % of the window, 16 % of the load.
func TestLoadIsAPhaseOfItsOwn(t *testing.T) {
	samples := run(nil, func(s *result.MachineSample) { use(s, 4, 1, 1.6) })
	loaded := append(slices.Clone(samples[:4]), moment(result.MarkLoad, 1007, nil))
	got := measure.Machine(append(loaded, samples[4:]...))
	if m := measure.Machine(samples); m.Load != nil || measure.Disturbed(m) != "" {
		t.Errorf("without a load: %+v, %q", m.Load, measure.Disturbed(m))
	}
	if got.Load == nil || got.Load.Seconds != 5 || !near(got.Load.NodesRatio, 0.4) || !near(got.Load.OwnRatio, 0.1) || !near(got.Steady.OwnRatio, 0.05) {
		t.Errorf("load %+v in the window %+v", got.Load, got.Steady)
	}
	if want := "other processes took 16 % of the machine under load"; measure.Disturbed(got) != want {
		t.Errorf("%q, want %q", measure.Disturbed(got), want)
	}
	if m := measure.Machine(loaded); m.Load != nil {
		t.Errorf("a load without an end: %+v", m.Load)
	}
}

func near(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-6 }

// TestALoadThatBeginsAfterTheEndIsNone: a node may crash in the moment in which the load begins, and the sample of that moment
// then comes behind the one that ends the run.
func TestALoadThatBeginsAfterTheEndIsNone(t *testing.T) {
	for _, between := range [][]result.MachineSample{nil, {moment("", 1012.1, nil)}} {
		late := append(append(run(nil, nil)[:5], between...), moment(result.MarkLoad, 1012.2, nil))
		if m := measure.Machine(late); m.Load != nil || m.Steady == nil || m.Steady.Seconds != 10 {
			t.Errorf("after %d samples: %+v", len(between), m)
		}
	}
}

// TestAShortPhaseIsNotJudgedByAFewTicks has a formation of 80 ms on two cores: 16 ticks.
func TestAShortPhaseIsNotJudgedByAFewTicks(t *testing.T) {
	for _, test := range []struct {
		ticks float64
		want  string
	}{{2, ""}, {4, ""}, {7, "other processes took 44 % of the machine"}} {
		p := measure.Between(moment("", 1000, nil), moment("", 1000.08, func(s *result.MachineSample) { use(s, 0, 0, test.ticks/100) }))
		got := measure.Disturbed(result.Machine{Forming: p})
		if got != test.want && got != test.want+" while the network formed" {
			t.Errorf("%v ticks: %q, want %q", test.ticks, got, test.want)
		}
		if restless := measure.Restless(p); !strings.HasPrefix(restless, "other processes took") {
			t.Errorf("%v ticks before a launch: %q", test.ticks, restless)
		}
	}
	if measure.Restless(nil) != "" {
		t.Error("nothing is restless")
	}
}

func TestDisturbKeepsEveryFigureOutOfStatistics(t *testing.T) {
	m, _ := metric.Lookup("formation_time")
	lied := result.Value(m, 4)
	lied.Invalid = "gauge_invalid"
	measurements := []result.Measurement{result.Value(m, 1), lied, result.Failure(m, "did not form"), result.Unmeasurable(m, "offers L0")}
	for _, test := range []struct {
		fault bool
		want  []string // what is said of each
	}{
		{false, []string{"busy", "gauge_invalid", "busy", "offers L0"}},
		{true, []string{"busy", "gauge_invalid", "did not form", "offers L0"}},
	} {
		var got []string
		for _, d := range measure.Disturb(measurements, "busy", test.fault) {
			got = append(got, d.Invalid+d.Reason)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	if measurements[0].Invalid != "" {
		t.Error("the measurements that were given are changed")
	}
}
