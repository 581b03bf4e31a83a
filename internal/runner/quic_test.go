package runner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

// TestListenPortsThatSpeakNoQUIC: a node without QUIC is measured in everything else, and nothing of it has failed.
func TestListenPortsThatSpeakNoQUIC(t *testing.T) {
	t.Parallel()
	silent := scripted(t, 2, mesh(2, 0)) // it binds the port and never reads
	closed := shell(t, 2, `trap "exit 0" INT; while :; do sleep 0.01; done`)
	closed.Suite.Node.Args = append(closed.Suite.Node.Args, "{listen}")
	silent.scenario().Duration, closed.scenario().Duration = 3*time.Second, 3*time.Second // there is time for a look on a busy machine
	untold := shell(t, 1, `trap "exit 0" INT; while :; do sleep 0.01; done`)
	for _, tc := range []struct {
		name  string
		bench *bench
		want  string
	}{
		{"silent", silent, "no node's listen port speaks QUIC: no answer"},
		{"closed", closed, "no node's listen port speaks QUIC: the port is closed"},
		{"untold", untold, "no argument tells the nodes where to listen: there is no {listen}"},
	} {
		run := tc.bench.one()
		if wrong := isMeasured(run); tc.bench == silent && wrong != "" {
			t.Errorf("%s: %s", tc.name, wrong)
		}
		for _, name := range []string{"quic_reachable", "quic_response_time"} {
			if m := run.named(t, name); m.Status != result.NotMeasurable || m.Reason != tc.want {
				t.Errorf("%s: %s: %s %q, want %q", tc.name, name, m.Status, m.Reason, tc.want)
			}
		}
	}
}

func TestListenPortsAreAskedBetweenTheOtherLooks(t *testing.T) {
	for _, tc := range []struct {
		window time.Duration
		want   []time.Duration
	}{
		{10 * time.Second, []time.Duration{1050, 3050, 5050, 7050, 9050}},
		{2 * time.Second, []time.Duration{250, 650, 1050, 1450, 1850}},
		{time.Second, []time.Duration{150, 350, 550, 750, 950}},
		{300 * time.Millisecond, []time.Duration{30, 90, 150, 210, 270}},
	} {
		var got []time.Duration
		for k := range quicLooks {
			got = append(got, quicMoment(tc.window, k)/time.Millisecond)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("window %v: -want +got, in ms\n%s", tc.window, diff)
		}
	}
}
