package github_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		options github.Options
		want    string
	}{
		"the token in clear":        {github.Options{BaseURL: "http://ghe.example.com/api/v3"}, "is not https"},
		"no host":                   {github.Options{BaseURL: "ghe.example.com"}, "GITHUB_API_URL"},
		"no URL":                    {github.Options{BaseURL: "http://a b/%zz"}, "GITHUB_API_URL"},
		"a password in it":          {github.Options{BaseURL: "https://me:secret@ghe.example.com"}, "leave the rest out"},
		"a line break in the token": {github.Options{Token: "secret\n"}, "line break"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := github.New(test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, and %q was wanted", err, test.want)
			}
		})
	}
	for _, base := range []string{"", "https://ghe.example.com/api/v3", "https://api.github.com/", "http://[::1]:80"} {
		if _, err := github.New(github.Options{BaseURL: base}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestEnterprise(t *testing.T) {
	s, clock := start(t, githubfake.Options{Prefix: "/api/v3"})
	everything(t.Context(), t, client(t, s, clock, appToken), "body", 1)
	one(t, state(t, s), "body", 1)
}

// TestWhoMayNot tells apart what a token may not do, and says the mend.
func TestWhoMayNot(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	check := github.Check{Name: "perfgate", HeadSHA: topicSHA, Conclusion: github.Success}
	for name, test := range map[string]struct {
		token, want string
	}{
		"the token of a fork":   {forkToken, "read-only"},
		"a wrong token":         {"ghs_wrong", "new one in GITHUB_TOKEN"},
		"no token":              {"", "401"},
		"a user and not an app": {userToken, "You must authenticate via a GitHub App."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, s, clock, test.token).PutCheck(t.Context(), repository, check)
			if !errors.Is(err, github.ErrForbidden) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, and %q was wanted", err, test.want)
			}
		})
	}
	if waited := clock.Now().Sub(noon); waited != 0 || len(s.Requests()) != 7 {
		t.Errorf("what is refused was tried again: %d requests and %s of waiting", len(s.Requests()), waited)
	}
	c := client(t, s, clock, appToken)
	check.HeadSHA = as
	if _, err := c.PutCheck(t.Context(), repository, check); !errors.Is(err, github.ErrRefused) || !strings.Contains(err.Error(), "No commit found") {
		t.Errorf("an unknown commit: %v", err)
	}
	if _, err := c.Pull(t.Context(), github.Repository{Owner: "octo", Name: "none"}, 1); !errors.Is(err, github.ErrNotFound) {
		t.Errorf("an unknown repository: %v", err)
	}
	if _, err := c.Pull(t.Context(), github.Repository{Owner: "octo", Name: ".."}, 1); err == nil || len(s.Requests()) == 0 {
		t.Errorf("a repository that leads elsewhere: %v", err)
	}
}

// nth lets one request fail.
func nth(n int, fault githubfake.Fault) githubfake.Faults {
	count := 0
	return func(*http.Request) githubfake.Fault {
		count++
		if count == n {
			return fault
		}
		return githubfake.Fine
	}
}

// TestWaits holds how long each fault is waited out against what GitHub asks for.
func TestWaits(t *testing.T) {
	for name, test := range map[string]struct {
		fault    githubfake.Fault
		from, to time.Duration
	}{
		"no fault":         {githubfake.Fine, 0, 0},
		"500":              {githubfake.ServerError, 500 * time.Millisecond, 1500 * time.Millisecond},
		"502":              {githubfake.BadGateway, 500 * time.Millisecond, 1500 * time.Millisecond},
		"503":              {githubfake.Unavailable, 2 * time.Second, 2 * time.Second},
		"429":              {githubfake.TooMany, 5 * time.Second, 5 * time.Second},
		"secondary limit":  {githubfake.Secondary, 7 * time.Second, 7 * time.Second},
		"in words alone":   {githubfake.SecondaryInWords, time.Minute, time.Minute},
		"nothing left":     {githubfake.Exhausted, 30 * time.Second, 31 * time.Second},
		"reset":            {githubfake.ResetBefore, 500 * time.Millisecond, 1500 * time.Millisecond},
		"broken off":       {githubfake.CutAfter, 500 * time.Millisecond, 1500 * time.Millisecond},
		"502 after effect": {githubfake.BadGatewayAfter, 500 * time.Millisecond, 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := start(t, githubfake.Options{Faults: nth(1, test.fault)})
			c := client(t, s, clock, appToken)
			for range 2 {
				if p, err := c.Pull(t.Context(), repository, 1); err != nil || p.HeadSHA != topicSHA {
					t.Fatalf("%v, %v", p, err)
				}
			}
			if waited := clock.Now().Sub(noon); waited < test.from || waited > test.to {
				t.Errorf("it waited %s, and not from %s to %s", waited, test.from, test.to)
			}
		})
	}
}

// TestGivesUp ends when the time is over, and before a wait that would be longer than what is left of it.
func TestGivesUp(t *testing.T) {
	for name, test := range map[string]struct {
		fault githubfake.Fault
		limit time.Duration
		kind  error
		want  string
	}{
		"a limit that ends too late": {githubfake.Exhausted, 10 * time.Second, github.ErrLimited, "the rate limit ends in 31s, which is too late"},
		"a fault that stays":         {githubfake.BadGateway, 10 * time.Second, github.ErrUnavailable, "the time for GitHub is over"},
		"a fault that stays longer":  {githubfake.ServerError, time.Hour, github.ErrUnavailable, "GitHub answered 500 Internal Server Error: Server Error (10 times)"},
		"a limit that stays":         {githubfake.TooMany, time.Hour, github.ErrLimited, "429"},
		"resets":                     {githubfake.ResetBefore, time.Hour, github.ErrUnavailable, "(10 times)"},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := start(t, githubfake.Options{Faults: func(*http.Request) githubfake.Fault { return test.fault }})
			c, err := github.New(github.Options{BaseURL: s.URL, Token: appToken, Clock: clock, Limit: test.limit})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Pull(t.Context(), repository, 1)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, and %q was wanted", err, test.want)
			}
			if waited := clock.Now().Sub(noon); waited > test.limit {
				t.Errorf("it waited %s, longer than %s", waited, test.limit)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, clock := start(t, githubfake.Options{Faults: func(*http.Request) githubfake.Fault {
		cancel()
		return githubfake.ServerError
	}})
	if _, err := client(t, s, clock, appToken).Pull(ctx, repository, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestUnreachable is a machine without a way to GitHub: nothing was sent, so that creating is tried again as well.
func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	clock := githubfake.NewClock(noon)
	c, err := github.New(github.Options{BaseURL: server.URL, Token: appToken, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.PutCheck(t.Context(), repository, github.Check{Name: "perfgate", HeadSHA: topicSHA})
	if !errors.Is(err, github.ErrUnavailable) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %v", err)
	}
}

// TestTokenStaysSecret lets a hostile server say the token back in every way, and looks for it in errors and the log.
func TestTokenStaysSecret(t *testing.T) {
	const secret = "ghs_se+cret/token=="
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token was sent elsewhere")
		}
	}))
	defer elsewhere.Close()
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		echo := r.Header.Get("Authorization") + " " + r.URL.RawQuery
		switch count {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
			w.Write([]byte(`{"message": "` + echo + `"}`))
		case 2:
			http.Redirect(w, r, elsewhere.URL+"/?access_token=ghs_se%2Bcret%2Ftoken%3D%3D", http.StatusMovedPermanently)
		default:
			w.WriteHeader(http.StatusUnprocessableEntity)
			w.Write([]byte(`{"message": "` + echo + ` ghs_se%2Bcret%2Ftoken%3D%3D", "errors": [{"message": "` + echo + `"}]}`))
		}
	}))
	defer server.Close()
	var log strings.Builder
	c, err := github.New(github.Options{
		BaseURL: server.URL, Token: secret, Clock: githubfake.NewClock(noon),
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		_, err := c.Pull(t.Context(), repository, 1)
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range []string{err.Error(), log.String()} {
			if strings.Contains(text, "cret") {
				t.Errorf("the token shows: %s", text)
			}
		}
		t.Log(err)
	}
	if !strings.Contains(log.String(), "[token]") {
		t.Errorf("the log has no word of what was answered: %s", log.String())
	}
}

// TestNotModified reads twice what did not change, and notices what did.
func TestNotModified(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, appToken)
	for range 3 {
		if p, err := c.Pull(t.Context(), repository, 1); err != nil || p.HeadSHA != topicSHA {
			t.Fatalf("%v, %v", p, err)
		}
	}
	if s.Unmodified() != 2 {
		t.Errorf("%d answers were 304, and not 2", s.Unmodified())
	}
	if err := s.Change(func(w *githubfake.World) { w.Repositories[0].Branches["topic"] = mainSHA }); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Pull(t.Context(), repository, 1); err != nil || p.HeadSHA != mainSHA {
		t.Errorf("%v, %v", p, err)
	}
}

// TestWhatCameBehindAFullPageIsSeen loses the answer to a comment that begins a second page: the first page stays as it was.
func TestWhatCameBehindAFullPageIsSeen(t *testing.T) {
	w := world()
	for i := range 100 {
		w.Repositories[0].Comments = append(w.Repositories[0].Comments, &githubfake.Comment{ID: int64(i + 1), Number: 1, By: "octo", Body: "hello"})
	}
	var lost atomic.Bool
	s, clock := start(t, githubfake.Options{World: w, Faults: func(r *http.Request) githubfake.Fault {
		if r.Method == http.MethodPost && lost.CompareAndSwap(false, true) {
			return githubfake.ResetAfter
		}
		return githubfake.Fine
	}})
	c := client(t, s, clock, appToken)
	m, err := github.NewMarker("pr")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutComment(t.Context(), repository, 1, m, "body"); err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, request := range s.Requests() {
		if request.Method == http.MethodPost {
			made++
		}
	}
	if got := len(state(t, s).Comments); got != 101 || made != 1 {
		t.Errorf("there are %d comments, of which %d were made now", got, made)
	}
}

// A client may be made long before it has something to say, so that what is wrong with it is known before an hour of measuring.
func TestTheTimeRunsFromTheFirstRequestOn(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, err := github.New(github.Options{BaseURL: s.URL, Token: appToken, Clock: clock, Limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := clock.Wait(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), repository, 1); err != nil {
		t.Errorf("after an hour: %v", err)
	}
	if err := clock.Wait(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), repository, 1); !errors.Is(err, github.ErrUnavailable) {
		t.Errorf("an hour after the first request: %v", err)
	}
}
