package hunt

import (
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
)

// TestNoMoreIsBuiltAtATimeThanThereAreBuilders: what is asked for waits for what is being built ahead, and is then asked for anew.
func TestNoMoreIsBuiltAtATimeThanThereAreBuilders(t *testing.T) {
	task := bisect.Task{Commits: bisect.Chain("good", "a", "b", "bad"), Parameters: bisect.Parameters{
		Costs: bisect.Costs{ColdBuildSeconds: 1, RunSeconds: 1},
	}}
	path := filepath.Join(t.TempDir(), journalFile)
	if err := writeHeader(path, task); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(filepath.Dir(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	search, err := bisect.New(task)
	if err != nil {
		t.Fatal(err)
	}
	h := &hunt{folder: &folder{}}
	h.record.Builders = 1
	s := &searching{hunt: h, target: Target{Metric: "formation_time", Scenario: "pair"}, journal: j, search: search, layouts: map[string]int{}, builds: newBuilds()}
	ahead := job{"a", 0}
	s.builds.flight[ahead] = true
	go func() { s.builds.done <- built{job: ahead, made: made{Reason: "does not compile"}} }()
	if err := s.build(t.Context(), search.Next()); err != nil {
		t.Fatal(err)
	}
	if len(s.builds.flight) != 0 || len(h.builders) != 0 || len(j.events) != 1 || j.events[0].Commit != "a" {
		t.Errorf("being built: %v by %d builders; events: %+v", s.builds.flight, len(h.builders), j.events)
	}
}
