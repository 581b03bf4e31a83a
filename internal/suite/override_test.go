package suite_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

func TestOverrideChangesWhatIsGiven(t *testing.T) {
	zero := 0
	for _, tc := range []struct {
		name   string
		give   suite.Overrides
		change func(*suite.Suite)
		texts  []string
	}{
		{"nothing", suite.Overrides{}, func(*suite.Suite) {}, nil},
		{"nodes", suite.Overrides{Nodes: 7}, func(s *suite.Suite) {
			s.Scenarios[0].Nodes, s.Scenarios[1].Nodes = 7, 7
		}, []string{"--nodes 7"}},
		{"duration", suite.Overrides{Duration: 90 * time.Second}, func(s *suite.Suite) {
			s.Scenarios[0].Duration, s.Scenarios[1].Duration = 90*time.Second, 90*time.Second
		}, []string{"--duration 1m30s"}},
		{"what holds already", suite.Overrides{Duration: 2 * time.Minute}, func(*suite.Suite) {}, nil},
		{"runs and warm-up measure the same, more often", suite.Overrides{Runs: 9, Warmup: &zero}, func(s *suite.Suite) {
			for i := range 2 {
				s.Scenarios[i].Runs, s.Scenarios[i].Warmup = 9, 0
				s.Benchmarks[i].Runs, s.Benchmarks[i].Warmup = 9, 0
			}
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, want := parse(t, whole), parse(t, whole)
			tc.change(want)
			got, texts, err := before.Override(tc.give)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(tc.texts, texts); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(parse(t, whole), before); diff != "" {
				t.Errorf("the suite itself changed: %s", diff)
			}
		})
	}
}

func TestOverrideRefusesWhatCannotBe(t *testing.T) {
	minus := -1
	for _, tc := range []struct {
		name string
		give suite.Overrides
		want string
	}{
		{"fewer nodes than peers", suite.Overrides{Nodes: 3}, "scenario standard: expect: min_peers=3 cannot hold among 3 nodes (K from 1 to 2)"},
		{"negative nodes", suite.Overrides{Nodes: -1}, "scenario quick: nodes: -1 nodes are no network (from 1 to 1000)"},
		{"negative duration", suite.Overrides{Duration: -time.Second}, "scenario quick: duration: -1s (a length of time above 0)"},
		{"negative runs", suite.Overrides{Runs: -2}, "benchmark codec: runs: -2 runs (from 1 to 1000)"},
		{"negative warm-up", suite.Overrides{Warmup: &minus}, "benchmark hash: warmup: -1 runs (from 0 to 1000)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, texts, err := parse(t, whole).Override(tc.give)
			if err == nil || got != nil || texts != nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v, %v\nwant %s", got, texts, err, tc.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	s := parse(t, head+"[[scenario]]\nname = \"mesh\"\nnodes = 21\n[[scenario]]\nname = \"sparse\"\nnodes = 100\nexpect = \"connected\"\n"+
		"[[scenario]]\nname = \"hasty\"\nnodes = 20\nduration = \"4s\"\n[[scenario]]\nname = \"tight\"\nnodes = 20\nduration = \"5s\"\n")
	want := []string{
		"scenario mesh: expect full_mesh among 21 nodes means 210 connections: above 20 nodes, connected or min_peers=K is more sensible",
		"scenario hasty: a quiet period of 5s does not fit into a steady window of 4s: topology_convergence_time cannot be measured",
	}
	if diff := cmp.Diff(want, s.Warnings()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
