package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attemptTimeout = 30 * time.Second // for one try, answer included
	archiveTimeout = 90 * time.Second // the same for an archive, which may be large, and the line slow
	maxAttempts    = 10               // tries of one request, waits for limits not counted
	maxLimitWaits  = 20               // waits for limits of one request
	firstBackOff   = time.Second
	longestBackOff = 30 * time.Second
	maxAnswer      = 32 << 20 // bytes of one answer of the API
)

// The ways of retrying that a context can ask for.
type contextKey int

const (
	keyRepeatable contextKey = iota // the effect of a request is the same however often it comes
	keyOnce                         // it is not, though its method would suggest so
	keyMost                         // how many bytes an archive may have, int64
)

// repeatable marks a request that may be sent again although nobody knows whether it had its effect.
func repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, keyRepeatable, true)
}

// once marks a request that may not.
func once(ctx context.Context) context.Context { return context.WithValue(ctx, keyOnce, true) }

func mayRepeat(r *http.Request) bool {
	switch {
	case r.Context().Value(keyRepeatable) != nil:
		return true
	case r.Context().Value(keyOnce) != nil:
		return false
	default:
		return r.Method != http.MethodPost
	}
}

// retrier tries a request until there is an answer to be used, no sense in another try, or no time. It reads the answer, so
// that one which breaks off is tried again as well.
type retrier struct {
	next   http.RoundTripper
	client *Client
}

// RoundTrip implements http.RoundTripper.
func (r *retrier) RoundTrip(request *http.Request) (*http.Response, error) {
	attempts, waits := 0, 0
	for {
		if r.client.remaining() <= 0 {
			return nil, r.outOfTime(request, "")
		}
		answer, err := r.try(request)
		if answer != nil && answer.StatusCode < 500 {
			wait, limited := limitOf(answer, r.client.clock.Now(), waits)
			if !limited {
				forgetRate(answer)
				return answer, nil
			}
			waits++
			if err := r.waitForLimit(request, answer, wait, waits); err != nil {
				return nil, err
			}
			continue
		}
		attempts++
		if err := r.again(request, answer, err, attempts); err != nil {
			return nil, err
		}
	}
}

// try sends the request once and reads the whole answer.
func (r *retrier) try(request *http.Request) (*http.Response, error) {
	most, timeout := int64(maxAnswer), attemptTimeout
	if limit, ok := request.Context().Value(keyMost).(int64); ok {
		most, timeout = limit, archiveTimeout
	}
	ctx, cancel := context.WithTimeout(request.Context(), min(timeout, r.client.remaining()))
	defer cancel()
	copied := request.Clone(ctx)
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, err
		}
		copied.Body = body
	}
	answer, err := r.next.RoundTrip(copied)
	if err != nil {
		return nil, err
	}
	body, err := readAll(answer, most)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	return answer, nil
}

// readAll reads and closes an answer that must not be larger than most bytes.
func readAll(answer *http.Response, most int64) ([]byte, error) {
	defer answer.Body.Close()
	if answer.ContentLength > most && answer.StatusCode < 300 {
		return nil, &tooLargeError{most}
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = &tooLargeError{most}
	}
	return body, err
}

// tooLargeError is an answer beyond what is read.
type tooLargeError struct{ most int64 }

func (t *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", t.most)
}

// again waits before the next try after a fault, or says why there is none.
func (r *retrier) again(request *http.Request, answer *http.Response, fault error, attempts int) error {
	given := &gaveUpError{kind: ErrUnavailable, cause: fault, unknown: !notSent(fault)}
	if answer != nil {
		given.status, given.message = answer.StatusCode, said(answer)
	} else {
		given.message = plainText(fault)
	}
	var large *tooLargeError
	switch {
	case request.Context().Err() != nil:
		given.message, given.cause = plainText(request.Context().Err()), request.Context().Err()
		return given
	case errors.As(fault, &large):
		given.kind = ErrRefused
		return given
	case !mayRepeat(request) && given.unknown:
		return given
	case attempts >= maxAttempts:
		given.message += fmt.Sprintf(" (%d times)", attempts)
		return given
	}
	wait := backOff(attempts)
	if answer != nil {
		if asked, ok := retryAfter(answer); ok && asked > 0 {
			wait = asked
		}
	}
	if wait >= r.client.remaining() {
		return r.outOfTime(request, given.message)
	}
	r.client.log.Debug("GitHub did not answer as it should, trying again", "what", r.client.redact(given.message), "status", given.status, "wait", wait)
	return r.pause(request, wait)
}

func (r *retrier) waitForLimit(request *http.Request, answer *http.Response, wait time.Duration, waits int) error {
	if wait >= r.client.remaining() || waits > maxLimitWaits {
		return &gaveUpError{
			kind: ErrLimited, status: answer.StatusCode, message: said(answer),
			hint: fmt.Sprintf("the rate limit ends in %s, which is too late: try again then", wait.Round(time.Second)),
		}
	}
	r.client.log.Warn("GitHub's rate limit is reached", "wait", wait.Round(time.Second))
	return r.pause(request, wait)
}

func (r *retrier) pause(request *http.Request, wait time.Duration) error {
	if err := r.client.clock.Wait(request.Context(), wait); err != nil {
		return &gaveUpError{kind: ErrUnavailable, message: plainText(err), cause: err}
	}
	return nil
}

func (r *retrier) outOfTime(request *http.Request, last string) error {
	message := "the time for GitHub is over"
	if last != "" {
		message += "; its last word: " + last
	}
	return &gaveUpError{kind: ErrUnavailable, message: message, cause: context.DeadlineExceeded, unknown: last != "" && !mayRepeat(request)}
}

// remaining is how much of the client's time is left. It runs from when it is first asked for, which a first request does.
func (c *Client) remaining() time.Duration {
	now := c.clock.Now()
	c.begin.Do(func() { c.deadline = now.Add(c.limit) })
	return c.deadline.Sub(now)
}

// notSent tells whether a fault came before anything was sent: then nothing can have happened.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// said is the message of an answer that is an error, in at most 200 characters.
func said(answer *http.Response) string {
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil {
		return ""
	}
	return messageOf(body)
}

// backOff doubles with each attempt, and is spread by a half either way so that jobs do not meet again.
func backOff(attempts int) time.Duration {
	wait := min(firstBackOff<<min(attempts-1, 10), longestBackOff)
	return wait/2 + rand.N(wait)
}

// signer adds the token to what goes to the API, and to nothing else.
type signer struct {
	next  http.RoundTripper
	base  *url.URL
	token string
}

// RoundTrip implements http.RoundTripper.
func (s *signer) RoundTrip(request *http.Request) (*http.Response, error) {
	copied := request.Clone(request.Context())
	copied.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if s.token != "" && request.URL.Host == s.base.Host && request.URL.Scheme == s.base.Scheme {
		copied.Header.Set("Authorization", "Bearer "+s.token)
	}
	return s.next.RoundTrip(copied)
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// withinAPI follows what GitHub does when a repository was renamed, and nothing that leads elsewhere.
func withinAPI(base *url.URL) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, before []*http.Request) error {
		within := next.URL.Host == base.Host && next.URL.Scheme == base.Scheme && strings.HasPrefix(next.URL.Path, base.Path)
		if !within || len(before) > 3 {
			return http.ErrUseLastResponse
		}
		return nil
	}
}
