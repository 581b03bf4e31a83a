package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// version is that of the original whose contract this is.
const version = "0.1.17"

// servePages binds the address and serves it until the program ends.
func servePages(address string, peers *peers, log *rustLog) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("bind metrics address: %w", err)
	}
	log.info("Metrics server listening", "addr", listener.Addr())
	server := &http.Server{Handler: pages(peers), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return nil
}

func pages(peers *peers) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":"healthy","version":"%s","uptime":%d}`, version, time.Now().Unix())
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(w, "# HELP communitas_peers_connected Number of connected peers\n"+
			"# TYPE communitas_peers_connected gauge\ncommunitas_peers_connected %d\n", peers.count())
	})
	return mux
}
