package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Sizes that the client keeps to.
const (
	// MaxAnswer is the largest answer that is read, in bytes.
	MaxAnswer = 4 << 20
	// idleConns is how many connections to one node are kept for the next calls.
	idleConns = 64
)

// Client asks nodes over the probe API. It keeps connections alive, limits nothing and repeats nothing: a call is one
// request, sent at once, and the node gets it once at most. It is safe for concurrent use.
type Client struct {
	http *http.Client
}

// NewClient makes a client. Proxies of the environment are not used: nodes are on this machine.
func NewClient() *Client {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdleConns:        0, // for each node alone
		MaxIdleConnsPerHost: idleConns,
		IdleConnTimeout:     30 * time.Second, // before the node closes it
		DisableCompression:  true,
	}
	return &Client{http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Node returns a node to ask. Name is what errors call it; base is the URL of its probe API.
func (c *Client) Node(name, base string) *Node {
	return &Node{Name: name, base: strings.TrimSuffix(base, "/"), client: c}
}

// Node is a node that is asked over the probe API. Each call ends with its context: a node that does not answer, or
// answers what the protocol does not allow, is a *CallError. Work that a node could not do is no error but an answer.
type Node struct {
	// Name is what errors call the node.
	Name   string
	base   string
	client *Client
	due    int64
}

// Due returns the same node to be asked for one piece of work that is due at an instant, in nanoseconds of CLOCK_MONOTONIC:
// it gets the call before, and begins then. Only a node that keeps at_ns ([Description.Ahead]) may be asked so; work that began
// before its time is a violation. 0 is work that is due at once.
func (n *Node) Due(atNS int64) *Node {
	due := *n
	due.due = atNS
	return &due
}

// CallError is a call that brought no answer that counts.
type CallError struct {
	// Node is its name, and Call what was asked of it: "publish".
	Node, Call string
	// Err is a *ViolationError, a *RefusedError, an error of the network, or the end of the context.
	Err error
}

func (e *CallError) Error() string { return fmt.Sprintf("probe %s: %s: %v", e.Node, e.Call, e.Err) }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// RefusedError is an answer with another status than 200.
type RefusedError struct {
	// Code is the HTTP status.
	Code int
	// Text is what the node said, shortened; "" for nothing.
	Text string
}

func (e *RefusedError) Error() string {
	text := fmt.Sprintf("HTTP status %d %s", e.Code, http.StatusText(e.Code))
	if e.Text != "" {
		text += ": " + e.Text
	}
	return text
}

// ViolationError is an answer that the protocol does not allow.
type ViolationError struct {
	// Section is the one of docs/PROBE.md with the rule.
	Section Section
	// Text says what is wrong.
	Text string
}

func (v *ViolationError) Error() string { return v.Text }

// Section is a section of docs/PROBE.md, by its heading.
type Section string

// The sections that have rules.
const (
	SectionGround   Section = "Ground rules"
	SectionDescribe Section = "GET {probe}"
	SectionPeers    Section = "GET {probe}/peers"
	SectionPublish  Section = "POST {probe}/publish"
	SectionReceived Section = "GET {probe}/received"
	SectionPut      Section = "POST {probe}/dht/put"
	SectionGet      Section = "POST {probe}/dht/get"
	SectionSend     Section = "POST {probe}/send"
	SectionConnect  Section = "POST {probe}/connect"
	SectionTraffic  Section = "GET {probe}/traffic"
	SectionOther    Section = "Levels L0 to L2"
)

// Window bounds a call, in nanoseconds of CLOCK_MONOTONIC: what the node did for it lies between both.
type Window struct {
	// SentNS is just before the request is sent, AnsweredNS just after the answer has come in full.
	SentNS, AnsweredNS int64
	// DueNS is the instant before which the node was not to begin; 0 for at once.
	DueNS int64
}

// done looks at the instants of work that a node did, or did not: what failed may have failed before it was due.
func (w Window) done(ok bool, section Section, names string, instants ...int64) error {
	err := w.check(section, names, instants...)
	if early := w.DueNS - instants[0]; err == nil && ok && early > 0 {
		err = &ViolationError{SectionGround, fmt.Sprintf("%s: begins %v before at_ns; a node that offers limits.ahead_ms must wait", names, time.Duration(early))}
	}
	return err
}

// check looks at instants that a node told, in the order in which they must have been.
func (w Window) check(section Section, names string, instants ...int64) error {
	last := w.SentNS
	for i, at := range append(instants, w.AnsweredNS) {
		switch {
		case at >= last:
		case i == 0:
			return &ViolationError{section, fmt.Sprintf("%s: told %v before the call was sent; it must be CLOCK_MONOTONIC in nanoseconds", names, time.Duration(last-at))}
		case i == len(instants):
			return &ViolationError{section, fmt.Sprintf("%s: lies %v after the answer; it must be CLOCK_MONOTONIC in nanoseconds", names, time.Duration(last-at))}
		default:
			return &ViolationError{section, fmt.Sprintf("%s: goes back by %v", names, time.Duration(last-at))}
		}
		last = at
	}
	return nil
}

// get makes a call without a body.
func (n *Node) get(ctx context.Context, call, path string) ([]byte, Window, error) {
	return n.do(ctx, http.MethodGet, call, path, nil)
}

// post makes a call with a body in JSON.
func (n *Node) post(ctx context.Context, call string, request map[string]any) ([]byte, Window, error) {
	if n.due > 0 {
		request["at_ns"] = n.due
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, Window{}, n.failed(call, err)
	}
	return n.do(ctx, http.MethodPost, call, "/"+call, body)
}

func (n *Node) do(ctx context.Context, method, call, path string, body []byte) (answer []byte, w Window, err error) {
	request, err := http.NewRequestWithContext(ctx, method, n.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, w, n.failed(call, err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	w.SentNS, w.DueNS = NowNS(), n.due
	response, err := n.client.http.Do(request)
	if err != nil {
		return nil, w, n.failed(call, plain(err))
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, MaxAnswer+1))
	w.AnsweredNS = NowNS()
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, w, n.failed(call, &RefusedError{Code: response.StatusCode, Text: complaint(answer)})
	case err != nil:
		return nil, w, n.failed(call, plain(err))
	case len(answer) > MaxAnswer:
		return nil, w, n.failed(call, &ViolationError{SectionGround, fmt.Sprintf("the answer has more than %d MiB", MaxAnswer>>20)})
	}
	return answer, w, nil
}

// failed names the node and the call in an error.
func (n *Node) failed(call string, err error) error {
	if err == nil {
		return nil
	}
	return &CallError{Node: n.Name, Call: call, Err: err}
}

// complaint is what a refusal says, on one line.
func complaint(body []byte) string {
	const most = 200
	var said struct {
		Error string `json:"error"`
	}
	text := string(body)
	if json.Unmarshal(body, &said) == nil && said.Error != "" {
		text = said.Error
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// plain cuts the address and the verb out of network errors: the node is named once.
func plain(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, syscall.ECONNREFUSED):
		return syscall.ECONNREFUSED
	case errors.Is(err, syscall.ECONNRESET):
		return syscall.ECONNRESET
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the answer was cut")
	}
	return err
}
