// Package scrape fetches the pages that a node shows on its control address and reads the numbers on them. What cannot
// be fetched or read is an error, never a zero.
package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// MaxPage is the largest page that is read, in bytes.
const MaxPage = 4 << 20

// Client fetches pages. It keeps one connection to each node alive and is safe for concurrent use.
type Client struct {
	http *http.Client
}

// New makes a client. Proxies of the environment are not used: nodes are on this machine.
func New() *Client {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}
	return &Client{http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Page is an answer with status 200, and when it was asked for and had come in full.
type Page struct {
	Body           []byte
	Sent, Received time.Time
}

// StatusError is an answer with another status than 200.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("HTTP status %d %s", e.Code, http.StatusText(e.Code))
}

// Get fetches a page with status 200 within the context's time. Larger pages than MaxPage are an error.
func (c *Client) Get(ctx context.Context, url string) (Page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Page{}, fmt.Errorf("scrape %s: %w", url, err)
	}
	page := Page{Sent: time.Now()}
	response, err := c.http.Do(request)
	if err != nil {
		return Page{}, fmt.Errorf("scrape %s: %w", url, plain(err))
	}
	defer response.Body.Close()
	page.Body, err = read(response)
	page.Received = time.Now()
	switch {
	case response.StatusCode != http.StatusOK:
		return Page{}, fmt.Errorf("scrape %s: %w", url, &StatusError{Code: response.StatusCode})
	case err != nil:
		return Page{}, fmt.Errorf("scrape %s: %w", url, plain(err))
	case len(page.Body) > MaxPage:
		return Page{}, fmt.Errorf("scrape %s: the page is larger than %d MiB", url, MaxPage>>20)
	}
	return page, nil
}

// read reads a body up to one byte more than is allowed, at once where its length was announced.
func read(response *http.Response) ([]byte, error) {
	if length := response.ContentLength; 0 <= length && length <= MaxPage {
		body := make([]byte, length)
		_, err := io.ReadFull(response.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(response.Body, MaxPage+1))
}

// plain cuts the address and the verb out of network errors: the caller names the page once.
func plain(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.Is(err, syscall.ECONNREFUSED):
		return syscall.ECONNREFUSED
	case errors.Is(err, syscall.ECONNRESET):
		return syscall.ECONNRESET
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the answer was cut")
	}
	return err
}
