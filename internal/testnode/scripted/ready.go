package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// scheduleReady puts in when the control address begins to answer, and when /health says that the node is ready.
func (n *node) scheduleReady() {
	var start testnode.Start
	if n.does.Start != nil {
		start = *n.does.Start
	}
	if !start.Never {
		n.timeline.at(max(start.ReadyAfterMS, start.ListenAfterMS), func() {
			n.change(testnode.EventReady, "", func(s *state) { s.ready = true })
		})
	}
	if n.options.metrics {
		n.timeline.at(start.ListenAfterMS, n.listen)
	}
}

// listen begins to serve the control address. Without it the node is of no use, so an address that is taken ends the program.
func (n *node) listen() {
	n.truth.write(testnode.EventListening, n.options.metricsAddr)
	listener, err := net.Listen("tcp", n.options.metricsAddr)
	if err != nil {
		os.Exit(report(n.stderr, fmt.Errorf("bind --metrics-addr: %w", err)))
	}
	if err := n.joinMesh(listener.Addr().String()); err != nil {
		os.Exit(report(n.stderr, err))
	}
	fmt.Fprintf(n.stderr, "INFO scripted: control server listening addr=%s index=%d\n", listener.Addr(), n.options.index)
	server := &http.Server{Handler: n.pages(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until the program ends
}

func (n *node) serveHealth(w http.ResponseWriter, _ *http.Request) {
	ready := n.now().ready
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, `{"status":"starting"}`)
		return
	}
	if n.does.Start != nil && n.does.Start.Body != "" {
		fmt.Fprint(w, n.does.Start.Body)
		return
	}
	fmt.Fprintf(w, `{"status":"healthy","version":"scripted","uptime":%d}`+"\n", time.Now().Unix())
}
