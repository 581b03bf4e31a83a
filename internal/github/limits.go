package github

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// limitOf tells whether an answer says that a rate limit is reached, and how long to wait. GitHub says it in three ways: with
// Retry-After, with an allowance of none and when it is renewed, or with words alone, and then a minute is its advice, and
// longer each time.
func limitOf(answer *http.Response, now time.Time, waits int) (time.Duration, bool) {
	if answer.StatusCode != http.StatusForbidden && answer.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	if wait, ok := retryAfter(answer); ok {
		return max(wait, time.Second), true // "at once" would use up the tries at once
	}
	if answer.Header.Get("X-Ratelimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(answer.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return max(time.Unix(reset, 0).Sub(now), 0) + time.Second, true
		}
	}
	if answer.StatusCode == http.StatusTooManyRequests || saysLimit(strings.ToLower(peek(answer))) {
		return time.Minute << min(waits, 5), true
	}
	return 0, false
}

// saysLimit tells whether words are those of a limit on how fast something is asked or made: "abuse detection" is what older Enterprise
// servers call it.
func saysLimit(message string) bool {
	return strings.Contains(message, "secondary rate limit") || strings.Contains(message, "abuse detection")
}

// retryAfter reads the header of that name, which has seconds at GitHub. What it does not say in whole seconds up to a day is
// not believed.
func retryAfter(answer *http.Response) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(answer.Header.Get("Retry-After"), 10, 64)
	if err != nil || seconds < 0 || seconds > 86400 {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}

// forgetRate takes out what would make the library refuse the next request by itself: waiting is the retrier's.
func forgetRate(answer *http.Response) {
	for name := range answer.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			answer.Header.Del(name)
		}
	}
}

// peek is the message of an answer that stays to be read.
func peek(answer *http.Response) string {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return ""
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return messageOf(body)
}

// messageOf is what GitHub says in an error's body. Of what is not its JSON, such as a proxy's page, nothing is repeated.
func messageOf(body []byte) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	return truncate(said.Message, 200)
}
