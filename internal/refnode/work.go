package refnode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// maxCalls is how many calls of the probe API are worked on at the same time. None waits for another: one more is
	// refused at once, so that an open loop sees an overload instead of being slowed down by it.
	maxCalls = 512
	// maxRequestBytes bounds a request's body: a value of maxRecordBytes in base64 and some more.
	maxRequestBytes = 128 << 10
)

// description is the answer to GET /probe.
type description struct {
	Level      string   `json:"level"`
	ID         string   `json:"id"`
	NowNS      int64    `json:"now_ns"`
	Operations []string `json:"operations"`
	Limits     limits   `json:"limits"`
}

// limits say how much the node can be asked for.
type limits struct {
	Calls        int   `json:"calls"` // at the same time
	MessageBytes int   `json:"message_bytes"`
	ValueBytes   int   `json:"value_bytes"`
	SendBytes    int64 `json:"send_bytes"`
	Received     int   `json:"received"` // messages remembered
	AheadMS      int64 `json:"ahead_ms"` // how long before its instant a call may come
}

func (n *Node) serveDescription(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, description{
		Level: "L3", ID: n.ID(), NowNS: monotonicNS(),
		Operations: []string{"publish", "dht", "send", "connect", "traffic"},
		Limits: limits{
			Calls: maxCalls, MessageBytes: maxMessageBytes, ValueBytes: maxRecordBytes,
			SendBytes: maxSendBytes, Received: inboxSize, AheadMS: maxAhead.Milliseconds(),
		},
	})
}

// workRoutes are the calls that make the node work, docs/PROBE.md.
func (n *Node) workRoutes(mux *http.ServeMux) {
	page := func(f http.HandlerFunc) http.Handler { return n.whenReady(n.counted(f)) }
	mux.Handle("GET /probe", page(n.serveDescription))
	mux.Handle("GET /probe/received", page(n.serveReceived))
	mux.Handle("GET /probe/traffic", page(n.serveTraffic))
	mux.Handle("POST /probe/publish", page(call(n.publish)))
	mux.Handle("POST /probe/dht/put", page(call(n.dhtPut)))
	mux.Handle("POST /probe/dht/get", page(call(n.dhtGet)))
	mux.Handle("POST /probe/send", page(call(n.send)))
	mux.Handle("POST /probe/connect", page(call(n.connectFresh)))
}

// counted bounds the calls under way, and has Close wait for them.
func (n *Node) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !n.enter() {
			refuse(w, http.StatusServiceUnavailable, errors.New("node is ending"))
			return
		}
		defer n.running.Done()
		defer n.calls.Add(-1)
		if n.calls.Add(1) > maxCalls {
			refuse(w, http.StatusServiceUnavailable, fmt.Errorf("%d calls are under way already", maxCalls))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// enter has Close wait for one more running.Done. It is false, and nothing waits, when the node is ending.
func (n *Node) enter() bool {
	n.starting.Lock()
	defer n.starting.Unlock()
	if n.ending {
		return false
	}
	n.running.Add(1)
	return true
}

// call serves a call: do works on a request, for as long as it takes and the client waits. An error of do is a request
// that cannot be meant; work that fails is an answer like any other.
func call[Request interface{ check() error }, Answer any](do func(context.Context, Request) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
		if err != nil {
			code := http.StatusBadRequest
			if _, large := errors.AsType[*http.MaxBytesError](err); large {
				code = http.StatusRequestEntityTooLarge
			}
			refuse(w, code, fmt.Errorf("read request: %w", err))
			return
		}
		var request Request
		if err := json.Unmarshal(body, &request); err != nil {
			refuse(w, http.StatusBadRequest, fmt.Errorf("read request: %w", err))
			return
		}
		if err := request.check(); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		// The server's time-out for writing is for those who read slowly, and not for work that takes long.
		if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		answer, err := do(r.Context(), request)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

// refuse answers a request that is not worked on.
func refuse(w http.ResponseWriter, code int, why error) {
	writeJSON(w, code, map[string]string{"error": why.Error()})
}

// outcome is what every timed piece of work answers.
type outcome struct {
	OK        bool   `json:"ok"`
	StartedNS int64  `json:"started_ns"`
	DoneNS    int64  `json:"done_ns"`
	Error     string `json:"error,omitempty"`
}

// finish ends a piece of work that began at started.
func finish(started int64, err error) outcome {
	if err != nil {
		return outcome{StartedNS: started, DoneNS: monotonicNS(), Error: err.Error()}
	}
	return outcome{OK: true, StartedNS: started, DoneNS: monotonicNS()}
}
