package suite_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

func TestMovedNamesTheSameInAnotherFolder(t *testing.T) {
	s := &suite.Suite{
		Subject: suite.Subject{
			Build: []string{"sh", "-c", "cd /home/me/p && make -C '/home/me/p/sub'"}, Clean: []string{"/home/me/p"}, Binary: "/home/me/p/bin/node",
		},
		Node: suite.Node{
			Args: []string{"--data=/home/me/p/data", "/home/me/p2/data", "/home/me/p.old", "/mnt/home/me/p/data", "relative/p", "{dir}"},
			Env:  map[string]string{"PATH": "/home/me/p/bin:/home/me/p:/usr/bin"}, Config: `root = "/home/me/p"`,
		},
		Scenarios:  []suite.Scenario{{Name: "s", Args: []string{"--genesis", "/home/me/p/genesis"}}},
		Benchmarks: []suite.Benchmark{{Name: "b", Command: []string{"/home/me/p/bench"}}},
	}
	want := &suite.Suite{
		Subject: suite.Subject{Build: []string{"sh", "-c", "cd /tree && make -C '/tree/sub'"}, Clean: []string{"/tree"}, Binary: "/tree/bin/node"},
		Node: suite.Node{
			Args: []string{"--data=/tree/data", "/home/me/p2/data", "/home/me/p.old", "/mnt/home/me/p/data", "relative/p", "{dir}"},
			Env:  map[string]string{"PATH": "/tree/bin:/tree:/usr/bin"}, Config: `root = "/tree"`,
		},
		Scenarios:  []suite.Scenario{{Name: "s", Args: []string{"--genesis", "/tree/genesis"}}},
		Benchmarks: []suite.Benchmark{{Name: "b", Command: []string{"/tree/bench"}}},
	}
	if diff := cmp.Diff(want, s.Moved("/home/me/p", "/tree")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if s.Subject.Binary != "/home/me/p/bin/node" || s.Scenarios[0].Args[1] != "/home/me/p/genesis" || s.Node.Env["PATH"] != "/home/me/p/bin:/home/me/p:/usr/bin" {
		t.Error("the suite itself has moved")
	}
}
