package runner

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// offering is the work of a load that begins then, at nodes that say that they offer L3 once wait has returned.
func offering(t *testing.T, nodes int, begin time.Time, wait func(node int)) *work {
	t.Helper()
	w := &work{session: &session{Runner: &Runner{Suite: &suite.Suite{}}}, client: probe.NewClient(), begin: begin}
	w.scenario.Workloads = everything()
	t.Cleanup(w.client.Close)
	for i := range nodes {
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			wait(i)
			fmt.Fprintf(out, `{"level": "L3", "id": "n%d", "operations": ["publish", "dht", "send", "connect", "traffic"], "now_ns": %d}`, i, probe.NowNS())
		}))
		t.Cleanup(server.Close)
		w.session.nodes = append(w.session.nodes, &node{index: i, control: strings.TrimPrefix(server.URL, "http://")})
	}
	return w
}

// TestSlowNodesAreAskedTogetherWhatTheyOffer: one that takes its time to say so does not keep the others from being asked.
func TestSlowNodesAreAskedTogetherWhatTheyOffer(t *testing.T) {
	t.Parallel()
	const nodes = 4
	var all sync.WaitGroup
	all.Add(nodes)
	var first [nodes]sync.Once // one that is asked again counts once
	w := offering(t, nodes, time.Now().Add(20*time.Second), func(node int) {
		first[node].Do(all.Done)
		all.Wait()
	})

	level, told, unanswered := w.describe(t.Context())

	if level != metric.L3 || len(told) > 0 || unanswered != "" || fmt.Sprint(w.ids) != "[n0 n1 n2 n3]" {
		t.Errorf("level %d, findings %v, unanswered %q, ids %v", level, told, unanswered, w.ids)
	}
	for i := range nodes { // let those answer that were never asked
		first[i].Do(all.Done)
	}
}

// TestNoLoadBeginsLate: nodes that say only after it was due what they offer get none, since all of it would come at once.
func TestNoLoadBeginsLate(t *testing.T) {
	t.Parallel()
	w := offering(t, 2, time.Now(), func(int) {})

	_, told, unanswered := w.describe(t.Context())

	if !strings.HasPrefix(unanswered, "probe node 0: describe: no answer in time") || len(told) != 1 ||
		told[0] != (result.Finding{Kind: result.FindingUnreadable, Node: 0, Text: unanswered}) {
		t.Errorf("unanswered %q, findings %v", unanswered, told)
	}
}
