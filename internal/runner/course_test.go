package runner

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

// TestCoursesTakeTurns measures two scenarios in turns, as two sides of a trial are: whoever drives them counts over both, and
// each gets its controls, in the folder of its run.
func TestCoursesTakeTurns(t *testing.T) {
	b := shell(t, 1, "exec sleep 60")
	s := b.scenario()
	s.Duration, s.Quiet, s.Runs = 20*time.Millisecond, 10*time.Millisecond, 2
	other := *s
	other.Name = "other"
	order := 40
	b.Next = func() int { order++; return order }
	var folders []string
	b.Controls = func(_ context.Context, dir string) *result.Controls {
		folders = append(folders, filepath.Join(filepath.Base(filepath.Dir(dir)), filepath.Base(dir)))
		return &result.Controls{Spin: new(float64(len(folders)))}
	}
	one, two := b.Course(*s), b.Course(other)
	type got struct {
		Scenario   string
		Run, Order int
		Spin       float64
	}
	var runs []got
	for _, turn := range []struct {
		course *Course
		number int
	}{{one, 1}, {two, 1}, {two, 2}, {one, 2}} {
		again, err := turn.course.Run(t.Context(), Turn{Number: turn.number, Attempt: 1}, func(r Run) error {
			if r.Controls == nil {
				t.Fatalf("run %d has no controls", r.Run.Run)
			}
			runs = append(runs, got{r.Scenario, r.Run.Run, r.Order, *r.Controls.Spin})
			return nil
		})
		if err != nil || again {
			t.Fatalf("again %v, %v", again, err)
		}
	}
	if diff := cmp.Diff([]got{{"quick", 1, 41, 1}, {"other", 1, 42, 2}, {"other", 2, 43, 3}, {"quick", 2, 44, 4}}, runs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"quick/run-01", "other/run-01", "other/run-02", "quick/run-02"}, folders); diff != "" {
		t.Errorf("folders: -want +got\n%s", diff)
	}
	b.nothingIsLeft()
}

// TestACourseIsGivenUpByItself: what fails in one scenario, or on one side, says nothing of the other.
func TestACourseIsGivenUpByItself(t *testing.T) {
	b := shell(t, 1, "exit 3")
	s := b.scenario()
	s.Duration, s.Quiet = 20*time.Millisecond, 10*time.Millisecond
	one, two := b.Course(*s), b.Course(*s)
	var orders []int
	keep := func(r Run) error { orders = append(orders, r.Order); return nil }
	for number := range 4 {
		if _, err := one.Run(t.Context(), Turn{Number: number + 1, Attempt: 1}, keep); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := two.Run(t.Context(), Turn{Number: 5, Attempt: 1}, keep); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 0, 4}, orders); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
