// Package githubfake is a GitHub in memory, over real HTTP on this machine. It holds whoever speaks to it to the API's
// published description where that is at hand, and to what the description does not say; it holds its own answers to the same
// description; and it fails on request, as networks and services do.
package githubfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Options says what a server is like.
type Options struct {
	// World is what it begins with. The server owns it from then on.
	World *World
	// Contract is what requests and answers are held to; nil holds them to the fake's own rules alone.
	Contract *Contract
	// Prefix is the path of the API, such as /api/v3 of an Enterprise server; "" is GitHub's own.
	Prefix string
	// Faults decides how each request fails; nil lets none fail.
	Faults Faults
	// Now tells the time; nil is the machine's.
	Now func() time.Time
	// StateFile is where the world is written after each change; "" is nowhere.
	StateFile string
	// Address is where to listen; "" is a free port of 127.0.0.1.
	Address string
}

// Server is a running fake.
type Server struct {
	// URL is the base of the API.
	URL string

	options  Options
	routes   *http.ServeMux
	servers  []*http.Server
	blobs    string // base of the place where artifacts are
	serving  sync.WaitGroup
	carrying sync.WaitGroup // requests that are being carried out

	mutex      sync.Mutex // guards what follows
	world      *World
	violations []string
	requests   []Request
	created    []time.Time // when content was created, for the secondary limit
	unmodified int         // answers of 304
}

// Request is one that was carried out.
type Request struct {
	// Method and Path are as they came, without the prefix, the query included.
	Method, Path string
	// Status is that of the answer, whether or not it was delivered.
	Status int
}

// Start makes a server and lets it listen.
func Start(o Options) (*Server, error) {
	if o.World == nil {
		o.World = &World{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := o.World.complete(o.Now()); err != nil {
		return nil, err
	}
	s := &Server{options: o, world: o.World}
	s.routes = http.NewServeMux()
	for _, r := range routes() {
		s.routes.Handle(r.pattern(), s.handler(r))
	}
	s.routes.HandleFunc("/", s.unknown)
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	at, err := s.listen(address, http.StripPrefix(o.Prefix, s.routes))
	if err != nil {
		return nil, err
	}
	s.URL = at + o.Prefix
	if s.blobs, err = s.listen("127.0.0.1:0", http.HandlerFunc(s.serveBlob)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, s.save()
}

func (s *Server) listen(address string, handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	s.servers = append(s.servers, server)
	s.serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.violate("the fake itself: %v", err)
		}
	})
	return "http://" + listener.Addr().String(), nil
}

// Close ends all connections and returns when nothing of the server runs.
func (s *Server) Close() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// Quiet returns when all requests that have come are carried out, also those that nobody waits for any more. Meanwhile nobody
// may send others.
func (s *Server) Quiet() { s.carrying.Wait() }

// Holds tells whether requests are held to GitHub's published description.
func (s *Server) Holds() bool { return s.options.Contract != nil }

// State returns a copy of the world as it is.
func (s *Server) State() (*World, error) {
	s.mutex.Lock()
	text, err := json.Marshal(s.world)
	s.mutex.Unlock()
	if err != nil {
		return nil, err
	}
	w := &World{}
	return w, json.Unmarshal(text, w)
}

// Change lets a test do what other users of GitHub do.
func (s *Server) Change(f func(*World)) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f(s.world)
	return s.save()
}

// Violations are what was wrong with requests and with the fake's own answers so far.
func (s *Server) Violations() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string(nil), s.violations...)
}

// Requests are those that were carried out so far.
func (s *Server) Requests() []Request {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Request(nil), s.requests...)
}

// Unmodified is how many answers were "not modified" so far.
func (s *Server) Unmodified() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.unmodified
}

func (s *Server) violate(format string, values ...any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.violations = append(s.violations, fmt.Sprintf(format, values...))
}

// save writes the world where a story reads it, whole or not at all.
func (s *Server) save() error {
	if s.options.StateFile == "" {
		return nil
	}
	text, err := json.MarshalIndent(s.world, "", "  ")
	if err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(s.options.StateFile), "."+filepath.Base(s.options.StateFile)+".new")
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, s.options.StateFile)
}

func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	s.violate("%s %s: the fake has no such operation", r.Method, r.URL.Path)
	s.write(w, refuse(http.StatusNotFound, "Not Found"), nil)
}

// serveBlob is the place that artifacts are downloaded from: it is not GitHub, and must not see a token.
func (s *Server) serveBlob(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		s.violate("the token was shown to the place that artifacts are downloaded from")
		http.Error(w, "InvalidAuthenticationInfo", http.StatusBadRequest)
		return
	}
	fault := s.fault(r)
	if fault.before(s, w) {
		return
	}
	var id int64
	if _, err := fmt.Sscanf(strings.TrimPrefix(r.URL.Path, "/"), "%d", &id); err != nil || r.URL.Query().Get("signature") == "" {
		http.Error(w, "BlobNotFound", http.StatusNotFound)
		return
	}
	s.mutex.Lock()
	a := s.world.artifact(id)
	s.mutex.Unlock()
	if a == nil {
		http.Error(w, "BlobNotFound", http.StatusNotFound)
		return
	}
	header := http.Header{"Content-Type": {"application/zip"}}
	fault.deliver(s, w, http.StatusOK, header, a.Content)
}

// fault draws what happens to a request.
func (s *Server) fault(r *http.Request) Fault {
	if s.options.Faults == nil {
		return Fine
	}
	return s.options.Faults(r)
}
