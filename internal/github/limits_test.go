package github_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// TestOddWordsOfALimit are those of older servers, and of proxies before them: "at once" is not believed, since all tries would be over at once.
func TestOddWordsOfALimit(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		retryAfter string
		message    string
		least      time.Duration
	}{
		"at once":         {http.StatusTooManyRequests, "0", "", time.Second},
		"a fault at once": {http.StatusServiceUnavailable, "0", "", 500 * time.Millisecond},
		"abuse":           {http.StatusForbidden, "", "You have triggered an abuse detection mechanism. Please wait.", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tries++; tries > 1 {
					w.Write([]byte(`{"number": 1, "state": "open"}`))
					return
				}
				if c.retryAfter != "" {
					w.Header().Set("Retry-After", c.retryAfter)
				}
				w.WriteHeader(c.status)
				w.Write([]byte(`{"message": "` + c.message + `"}`))
			}))
			defer server.Close()
			clock := githubfake.NewClock(noon)
			client, err := github.New(github.Options{BaseURL: server.URL, Token: appToken, Clock: clock, Limit: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := client.Pull(t.Context(), repository, 1); err != nil || tries != 2 {
				t.Errorf("after %d tries: %v", tries, err)
			}
			if waited := clock.Now().Sub(noon); waited < c.least {
				t.Errorf("it waited %s, and not %s at least", waited, c.least)
			}
		})
	}
}
