package github_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// TestSchedules posts everything while requests fail as a seed decides: by one job, by one that is told twice, by two at the
// same time, and by one that is ended in the midst and started again. Whatever happens, there is one of each in the end.
func TestSchedules(t *testing.T) {
	count := uint64(1000)
	if testing.Short() {
		count = 60
	}
	if description, err := contract(); err != nil {
		t.Fatal(err)
	} else if description == nil {
		t.Log("PERFGATE_GITHUB_CONTRACT is not set: requests are not held to GitHub's published description")
	}
	for seed := range count {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { schedule(t, seed) })
	}
}

func schedule(t *testing.T, seed uint64) {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 1))
	faults := githubfake.Seeded(seed, 0.1+0.3*chance.Float64(), 30)
	doomed, end := context.WithCancel(t.Context())
	defer end()
	var left atomic.Int64
	left.Store(int64(1 + chance.IntN(25)))
	begun := world()
	if chance.IntN(2) == 0 {
		begun.Repositories[0].Checks = []*githubfake.Check{{
			ID: 1, By: "github-actions[bot]", Name: "perfgate", ExternalID: "pr-1#BEGUN", HeadSHA: topicSHA, Status: "in_progress", Text: "measuring",
		}}
	}
	s, clock := start(t, githubfake.Options{World: begun, Faults: func(r *http.Request) githubfake.Fault {
		if left.Add(-1) == 0 {
			end()
		}
		return faults(r)
	}})
	count := []int{0, 1, 50, 51, 120}[chance.IntN(5)]
	post := func(ctx context.Context) error {
		c, err := github.New(github.Options{BaseURL: s.URL, Token: appToken, Clock: clock, Limit: 24 * time.Hour})
		if err != nil {
			return err
		}
		defer c.Close()
		return postAll(ctx, c, "body", count)
	}
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	switch seed % 4 {
	case 0:
		must(post(t.Context()))
	case 1: // a duplicate delivery
		must(post(t.Context()))
		must(post(t.Context()))
	case 2: // a race
		var jobs sync.WaitGroup
		for range 2 {
			jobs.Go(func() { must(post(t.Context())) })
		}
		jobs.Wait()
	case 3: // ended in the midst
		if err := post(doomed); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		s.Quiet() // its last request may still have its effect
		must(post(t.Context()))
	}
	r := state(t, s)
	one(t, r, "body", count)
	if seed%4 != 2 {
		neverTwo(t, s, r, seed%4 != 3 || count <= 50)
	}
}

// neverTwo wants more than the end: without a rival nothing was ever made twice, for people are told of each.
func neverTwo(t *testing.T, s *githubfake.Server, r *githubfake.Repository, checks bool) {
	t.Helper()
	made := map[string]int{}
	for _, request := range s.Requests() {
		if request.Method == http.MethodPost && request.Status == http.StatusCreated {
			made[path.Base(request.Path)]++
		}
	}
	got := []int{made["comments"], made["issues"], made["pulls"], len(r.Statuses)}
	if diff := cmp.Diff([]int{1, 1, 1, 1}, got); diff != "" {
		t.Errorf("comments, issues, pull requests and statuses that were made (-want +got):\n%s", diff)
	}
	// One that was ended between two batches of annotations cannot be told from one that others annotate.
	if checks && len(r.Checks) != 1 {
		t.Errorf("%d checks were made", len(r.Checks))
	}
}
