// Package github says to GitHub what perfgate found, and asks it what perfgate has to know: checks, comments, statuses,
// issues, pull requests, artifacts and files. Whatever it makes, it makes once, also when an answer is lost on the way or
// another job does the same at the same time. It waits out faults and limits, within a total time, and keeps the token to
// itself.
package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	api "github.com/google/go-github/v60/github"
)

// DefaultBaseURL is GitHub's own; an Enterprise server says its in GITHUB_API_URL.
const DefaultBaseURL = "https://api.github.com"

// DefaultLimit is how long all that a client does may take.
const DefaultLimit = 5 * time.Minute

// Options says with whom a client speaks, and how long.
type Options struct {
	// BaseURL is where the API is, such as https://ghe.example.com/api/v3; "" is DefaultBaseURL. Without TLS it has to be
	// this machine.
	BaseURL string
	// Token goes into the header of each request to BaseURL, and nowhere else. "" asks as nobody.
	Token string
	// UserAgent names the program, with its version; "" is "perfgate".
	UserAgent string
	// Limit bounds all that the client does, waits included, from its first request on; 0 is DefaultLimit.
	Limit time.Duration
	// Log hears of retries and waits; nil tells nobody.
	Log *slog.Logger
	// Transport carries the requests; nil is one of the client's own that honours the proxies of the environment.
	Transport http.RoundTripper
	// Clock tells the time and waits; nil is the machine's.
	Clock Clock
}

// Clock is the time that a client lives in.
type Clock interface {
	// Now is the present moment.
	Now() time.Time
	// Wait returns after d, or earlier with the context's error when that ends.
	Wait(ctx context.Context, d time.Duration) error
}

// Client speaks with one GitHub as one user or app. It may be used by many goroutines.
type Client struct {
	api   *api.Client
	plain *http.Client // without the token: for where GitHub redirects to
	clock Clock
	log   *slog.Logger
	token string

	limit    time.Duration
	begin    sync.Once
	deadline time.Time // set by begin

	close func()

	once  sync.Mutex
	login *string // nil until somebody asked
}

// Close ends the connections that are not in use.
func (c *Client) Close() { c.close() }

// New makes a client; it sends nothing. It errs on a URL that cannot be one, or that would show the token to the network.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the GitHub token has a space or a character that no token has: look for a line break at its end")
	}
	c := &Client{clock: o.Clock, log: o.Log, token: o.Token, limit: cmp.Or(o.Limit, DefaultLimit)}
	if c.clock == nil {
		c.clock = wallClock{}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	transport := o.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // its type is documented
		own.ResponseHeaderTimeout = attemptTimeout
		transport = own
	}
	agent := o.UserAgent
	if agent == "" {
		agent = "perfgate"
	}
	retries := &retrier{next: transport, client: c}
	c.close = (&http.Client{Transport: transport}).CloseIdleConnections
	c.plain = &http.Client{Transport: retries, CheckRedirect: noRedirect}
	c.api = api.NewClient(&http.Client{
		Transport:     &cache{next: &signer{next: retries, base: base, token: o.Token}},
		CheckRedirect: withinAPI(base),
	})
	c.api.BaseURL = base
	c.api.UserAgent = agent
	return c, nil
}

// parseBase makes the URL that go-github resolves its paths against: it ends with a slash.
func parseBase(text string) (*url.URL, error) {
	if text == "" {
		text = DefaultBaseURL
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" {
		return nil, errors.New("the URL of GitHub's API cannot be read: GITHUB_API_URL has to be like " + DefaultBaseURL)
	}
	switch {
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("the URL of GitHub's API on %s has more than scheme, host and path: leave the rest out", base.Host)
	case base.Scheme == "https":
	case base.Scheme == "http" && isLoopback(base.Hostname()):
	default:
		return nil, fmt.Errorf("the URL of GitHub's API, %s, is not https: the token would be readable on the way", base)
	}
	base.Path = strings.TrimRight(base.Path, "/") + "/"
	return base, nil
}

func isLoopback(host string) bool {
	return host == "127.0.0.1" || host == "::1" || host == "localhost"
}

// Repository is one by its two names.
type Repository struct {
	// Owner is the login of a user or an organisation.
	Owner string
	// Name is the repository's, without the owner.
	Name string
}

// ParseRepository reads OWNER/NAME.
func ParseRepository(text string) (Repository, error) {
	owner, name, _ := strings.Cut(text, "/")
	r := Repository{Owner: owner, Name: name}
	if err := r.check(); err != nil {
		return Repository{}, err
	}
	return r, nil
}

func (r Repository) String() string { return r.Owner + "/" + r.Name }

// check keeps what is no name out of the paths of requests.
func (r Repository) check() error {
	if !isName(r.Owner, "-_") || strings.ContainsAny(r.Owner[:1], "-_") || !isName(r.Name, "-_.") || r.Name == "." || r.Name == ".." {
		return fmt.Errorf("%.200q is no repository of GitHub: name it OWNER/NAME", r.String())
	}
	return nil
}

// isName tells whether a text is of letters, digits and the marks alone, from 1 to 100 of them.
func isName(text, marks string) bool {
	strange := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(marks, r)
	}
	return text != "" && len(text) <= 100 && !strings.ContainsFunc(text, strange)
}

// Posted is what was made or brought up to date.
type Posted struct {
	// ID is GitHub's for a check, comment or status, and 0 for an issue or a pull request.
	ID int64
	// Number is that of an issue or a pull request, else 0.
	Number int
	// URL is the page for people; "" where GitHub told none.
	URL string
	// Created says that it did not exist before.
	Created bool
}

// self is the login behind the token, or "" where the token is that of an app, which may not ask.
func (c *Client) self(ctx context.Context) (string, error) {
	c.once.Lock()
	defer c.once.Unlock()
	if c.login != nil {
		return *c.login, nil
	}
	user, _, err := c.api.Users.Get(ctx, "")
	login := user.GetLogin()
	if err := c.wrap("ask whose the token is", err); err != nil {
		if !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrNotFound) {
			return "", err
		}
		login = ""
	}
	c.login = &login
	return login, nil
}

// ours tells whether a user is the one behind the token. The token of an app does not say which app it is: there, what any
// app has written counts as ours, since a person cannot write as one.
func (c *Client) ours(ctx context.Context, user *api.User) (bool, error) {
	login, err := c.self(ctx)
	if err != nil {
		return false, err
	}
	if login == "" {
		return user.GetType() == "Bot", nil
	}
	return strings.EqualFold(user.GetLogin(), login), nil
}

// CheckSHA errs on what is no whole commit, and so keeps it out of the paths of requests.
func CheckSHA(sha string) error {
	if !isSHA(sha) {
		return fmt.Errorf("%.100q is no whole commit SHA: 40 lower-case hexadecimal digits are wanted", sha)
	}
	return nil
}

func isSHA(text string) bool {
	if len(text) != 40 && len(text) != 64 {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}
