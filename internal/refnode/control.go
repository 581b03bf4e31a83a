package refnode

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// controlServer is the HTTP server on the control address.
type controlServer struct {
	addr   netip.AddrPort
	server *http.Server
	done   chan struct{} // closed when the server has ended
}

// serveControl binds the control address of n and serves it at once; until n is ready, /health says so with 503.
func serveControl(n *Node) (*controlServer, error) {
	listener, err := net.Listen("tcp", n.opts.Control.String())
	if err != nil {
		return nil, fmt.Errorf("control address: %w", err)
	}
	c := &controlServer{
		addr: addrPortOf(listener.Addr()),
		server: &http.Server{
			Handler:           n.routes(),
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      10 * time.Second,
			IdleTimeout:       60 * time.Second,
			MaxHeaderBytes:    16 << 10,
			ErrorLog:          slog.NewLogLogger(n.log.Handler(), slog.LevelWarn),
		},
		done: make(chan struct{}),
	}
	go func() {
		defer close(c.done)
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.log.Error("control server ended", "err", err)
		}
	}()
	return c, nil
}

// routes are what the node offers by HTTP.
func (n *Node) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", n.serveHealth)
	mux.Handle("GET /metrics", n.whenReady(metricsHandler(n)))
	mux.Handle("GET /probe/peers", n.whenReady(http.HandlerFunc(n.servePeers)))
	n.workRoutes(mux)
	return mux
}

func (c *controlServer) close() error {
	err := c.server.Close()
	<-c.done
	return err
}

// health is the answer to GET /health.
type health struct {
	Status  string `json:"status"` // healthy, or starting with code 503
	Version string `json:"version"`
	Uptime  int64  `json:"uptime"` // whole seconds since the start of the node
}

func (n *Node) serveHealth(w http.ResponseWriter, _ *http.Request) {
	state := health{Status: "healthy", Version: n.opts.Version, Uptime: int64(time.Since(n.started).Seconds())}
	code := http.StatusOK
	if !n.ready.Load() {
		state.Status, code = "starting", http.StatusServiceUnavailable
	}
	writeJSON(w, code, state)
}

// peerList is the answer to GET /probe/peers.
type peerList struct {
	ID    string   `json:"id"`
	Peers []string `json:"peers"`
}

func (n *Node) servePeers(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, peerList{ID: n.ID(), Peers: n.Peers()})
}

// whenReady keeps requests from a node that is not there yet, or no longer.
func (n *Node) whenReady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !n.ready.Load() {
			http.Error(w, "node is not ready", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The only error left is a client that went away.
	_ = json.NewEncoder(w).Encode(value)
}
