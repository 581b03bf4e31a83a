package main

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

const (
	hugePage     = 10 << 20
	dripInterval = 100 * time.Millisecond
)

func (n *node) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", n.serveHealth)
	mux.HandleFunc("GET /metrics", n.serveMetrics)
	mux.HandleFunc("GET /probe/peers", n.servePeers)
	if n.does.Work != nil {
		newWorker(n).routes(mux)
	}
	if !n.options.script.Requests {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.truth.write(testnode.EventRequest, r.URL.Path)
		mux.ServeHTTP(w, r)
	})
}

// schedulePages puts in the changes of what the pages show.
func (n *node) schedulePages() {
	timeline := &n.timeline
	if n.options.script.Together {
		timeline = &n.together
	}
	for _, peers := range n.does.Peers {
		timeline.at(peers.AtMS, func() {
			n.change(testnode.EventPeers, string(peers.Peers), func(s *state) {
				s.peers, s.ids = peers.Peers, n.list(s.ids, peers)
			})
		})
	}
	for _, page := range n.does.Pages {
		n.timeline.at(page.AtMS, func() {
			n.change(testnode.EventPage, string(page.Mode), func(s *state) { s.mode = page.Mode })
		})
	}
}

func (n *node) serveMetrics(w http.ResponseWriter, r *http.Request) {
	shown := n.now()
	page := n.exposition(shown.peers)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	switch shown.mode {
	case testnode.PageEmpty:
		w.WriteHeader(http.StatusOK)
	case testnode.PageHTML:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html>\n<html><body><h1>It works!</h1></body></html>\n")
	case testnode.PageHuge:
		serveHuge(w, page)
	case testnode.PageDrip:
		serveDrip(w, r, page)
	case testnode.PageStatus500:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, page)
	case testnode.PageReset:
		reset(w)
	case testnode.PageTruncated:
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		fmt.Fprint(w, page[:max(0, len(page)-2)]) // without the last digit; the server then closes the connection
	case testnode.PageHang:
		<-r.Context().Done()
	default:
		fmt.Fprint(w, page)
	}
}

// exposition is the page in the Prometheus text format, except for what the script makes of it.
func (n *node) exposition(value testnode.Value) string {
	var gauge testnode.Gauge
	if n.does.Gauge != nil {
		gauge = *n.does.Gauge
	}
	if gauge.Absent {
		return gauge.Extra
	}
	series := cmp.Or(gauge.Series, "communitas_peers_connected")
	name, _, _ := strings.Cut(series, "{")
	return fmt.Sprintf("%s# HELP %s Number of connected peers\n# TYPE %s gauge\n%s %s\n", gauge.Extra, name, name, series, value)
}

func serveHuge(w http.ResponseWriter, page string) {
	var filler bytes.Buffer
	for i := 0; filler.Len() < hugePage; i++ {
		fmt.Fprintf(&filler, "filler_total{series=\"%d\"} 1\n", i)
	}
	_, _ = filler.WriteTo(w) // who asked may hang up before the end
	fmt.Fprint(w, page)
}

func serveDrip(w http.ResponseWriter, r *http.Request, page string) {
	flusher := http.NewResponseController(w)
	tick := time.NewTicker(dripInterval)
	defer tick.Stop()
	for i := range len(page) {
		if _, err := w.Write([]byte{page[i]}); err != nil {
			return
		}
		if err := flusher.Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// reset closes the connection so that the client sees a reset and no end of file.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
