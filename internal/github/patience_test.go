package github_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// patient notes until when each request may take.
type patient struct {
	deadlines []time.Time
}

func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	if deadline, ok := r.Context().Deadline(); ok {
		p.deadlines = append(p.deadlines, deadline)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// An archive may be large, and the line to it slow: it has longer than other answers.
func TestAnArchiveHasTime(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // its type is documented
	seen := &patient{}
	c, err := github.New(github.Options{BaseURL: s.URL, Token: appToken, Clock: clock, Limit: time.Hour, Transport: seen})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := c.Download(t.Context(), repository, 70, 100); err != nil {
		t.Fatal(err)
	}
	if n := len(seen.deadlines); n != 2 || seen.deadlines[1].Sub(begun) < time.Minute {
		t.Errorf("%d requests, begun at %s, until %v", n, begun, seen.deadlines)
	}
}
