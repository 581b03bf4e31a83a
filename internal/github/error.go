package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/google/go-github/v60/github"
)

// What an error of this package may be, for errors.Is.
var (
	// ErrForbidden: the token may not do this, or there is none.
	ErrForbidden = errors.New("not permitted")
	// ErrNotFound: there is no such thing, or the token may not see it.
	ErrNotFound = errors.New("not found")
	// ErrRefused: GitHub understood and says no; the same request would be refused again.
	ErrRefused = errors.New("refused")
	// ErrLimited: a rate limit ends after the client's time does.
	ErrLimited = errors.New("rate limit")
	// ErrUnavailable: no answer that could be used came within the tries or the time.
	ErrUnavailable = errors.New("no answer")
)

// Error is a request that did not succeed.
type Error struct {
	// Op says what was tried, such as "create check".
	Op string
	// Status is that of the answer, and 0 without one.
	Status int
	// Message is what GitHub or the network said, without secrets.
	Message string
	// Kind is one of the errors above.
	Kind error
	// Hint is what to do about it; "" where there is nothing to say.
	Hint string

	unknown bool // it may have had its effect nevertheless
	cause   error
}

func (e *Error) Error() string {
	text := e.Op + ": "
	if e.Status != 0 {
		text += fmt.Sprintf("GitHub answered %d %s", e.Status, http.StatusText(e.Status))
		if e.Message != "" {
			text += ": " + e.Message
		}
	} else {
		text += e.Message
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns the kind, and where the context ended its error.
func (e *Error) Unwrap() []error {
	all := []error{e.Kind}
	if errors.Is(e.cause, context.Canceled) {
		all = append(all, context.Canceled)
	}
	if errors.Is(e.cause, context.DeadlineExceeded) {
		all = append(all, context.DeadlineExceeded)
	}
	return all
}

// unknownOutcome tells whether a request may have had its effect although it ended with this error.
func unknownOutcome(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.unknown
}

// wrap makes an Error of what a call of the library returned; nil stays nil.
func (c *Client) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if own := (*Error)(nil); errors.As(err, &own) {
		return err
	}
	e := &Error{Op: op, Kind: ErrUnavailable, cause: err}
	var gave *gaveUpError
	var refused *api.ErrorResponse
	switch {
	case errors.As(err, &gave):
		gave.fill(e)
	case errors.As(err, &refused) && refused.Response != nil:
		fillFromAnswer(e, refused)
	default:
		e.Message = plainText(err)
		e.unknown = unreadable(err)
	}
	e.Message = c.redact(e.Message)
	return e
}

// unreadable tells whether there was an answer that cannot be understood, such as the page of something that stands between.
func unreadable(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.ErrUnexpectedEOF)
}

func fillFromAnswer(e *Error, refused *api.ErrorResponse) {
	e.Status = refused.Response.StatusCode
	e.Message = describe(refused)
	switch e.Status {
	case http.StatusUnauthorized:
		e.Kind, e.Hint = ErrForbidden, "the token is wrong or has expired: give a new one in GITHUB_TOKEN"
	case http.StatusForbidden:
		e.Kind, e.Hint = ErrForbidden, "give the job the permission it needs; on a pull request from a fork the token is read-only"
	case http.StatusNotFound:
		e.Kind, e.Hint = ErrNotFound, "there is no such thing, or the token may not see it"
	case http.StatusGone:
		e.Kind = ErrNotFound
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		e.Kind, e.Hint = ErrRefused, "it leads out of the API, where the token must not go: is GITHUB_API_URL right?"
	default:
		e.Kind = ErrRefused
	}
}

// describe is what GitHub said, the details of its validation included, in at most 500 characters.
func describe(refused *api.ErrorResponse) string {
	parts := []string{refused.Message}
	for _, detail := range refused.Errors {
		text := detail.Message
		if text == "" {
			text = strings.Trim(strings.Join([]string{detail.Resource, detail.Field, detail.Code}, " "), " ")
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return truncate(strings.Join(parts, ": "), 500)
}

// plainText leaves out the method and URL that net/http puts around an error: Op says what was tried, and a URL may be signed.
func plainText(err error) string {
	for {
		var around *url.Error
		if !errors.As(err, &around) {
			break
		}
		err = around.Err
	}
	return truncate(err.Error(), 500)
}

// redact takes the token out of a text, also where it was escaped for a URL.
func (c *Client) redact(text string) string {
	if c.token == "" {
		return text
	}
	for _, secret := range []string{c.token, url.QueryEscape(c.token), url.PathEscape(c.token)} {
		text = strings.ReplaceAll(text, secret, "[token]")
	}
	return text
}

// gaveUpError is the retrier's word that it will not try again.
type gaveUpError struct {
	kind    error
	status  int
	message string
	unknown bool
	hint    string
	cause   error
}

func (g *gaveUpError) Error() string { return g.message }

func (g *gaveUpError) Unwrap() error { return g.cause }

func (g *gaveUpError) fill(e *Error) {
	e.Kind, e.Status, e.Message, e.unknown, e.Hint = g.kind, g.status, g.message, g.unknown, g.hint
}

func truncate(text string, characters int) string {
	count := 0
	for i := range text {
		if count == characters {
			return text[:i] + "…"
		}
		count++
	}
	return text
}

// wallClock is the machine's.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
