package github

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const (
	maxCached      = 64      // answers
	maxCachedBytes = 1 << 20 // bytes of one answer
)

// cache asks again for what it has read only whether it changed: such an answer does not count against the rate limit.
type cache struct {
	next http.RoundTripper

	mutex   sync.Mutex
	answers map[string]cached
	order   []string // oldest first
}

type cached struct {
	etag   string
	header http.Header
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (c *cache) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return c.next.RoundTrip(request)
	}
	key := request.Header.Get("Accept") + " " + request.URL.String()
	known, ok := c.get(key)
	if ok {
		request = request.Clone(request.Context())
		request.Header.Set("If-None-Match", known.etag)
	}
	answer, err := c.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if ok && answer.StatusCode == http.StatusNotModified {
		answer.Body.Close()
		answer.StatusCode, answer.Status = http.StatusOK, "200 OK"
		answer.Header = known.header.Clone()
		answer.Body = io.NopCloser(bytes.NewReader(known.body))
		answer.ContentLength = int64(len(known.body))
		return answer, nil
	}
	return c.keep(key, request, answer)
}

// keep remembers an answer that has an ETag, and whose content can not stay as it is when there is more.
func (c *cache) keep(key string, request *http.Request, answer *http.Response) (*http.Response, error) {
	etag := answer.Header.Get("ETag")
	if answer.StatusCode != http.StatusOK || etag == "" {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) <= maxCachedBytes && !fullLastPage(request, answer, body) {
		c.put(key, cached{etag: etag, header: answer.Header.Clone(), body: body})
	}
	return answer, nil
}

// fullLastPage tells whether an answer is the last page of a list, and full. The next thing on the list then makes a page of its own and
// leaves this one as it is, so that "not modified" would hide it: an ETag is that of the content, and where the next page is stands
// in a header.
func fullLastPage(request *http.Request, answer *http.Response, body []byte) bool {
	size, err := strconv.Atoi(request.URL.Query().Get("per_page"))
	if err != nil || strings.Contains(answer.Header.Get("Link"), `rel="next"`) {
		return false
	}
	var list []json.RawMessage
	return json.Unmarshal(body, &list) == nil && len(list) >= size
}

func (c *cache) get(key string) (cached, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	known, ok := c.answers[key]
	return known, ok
}

func (c *cache) put(key string, answer cached) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.answers == nil {
		c.answers = map[string]cached{}
	}
	if _, ok := c.answers[key]; !ok {
		c.order = append(c.order, key)
	}
	c.answers[key] = answer
	if len(c.order) > maxCached {
		delete(c.answers, c.order[0])
		c.order = c.order[1:]
	}
}
