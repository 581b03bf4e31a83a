package githubfake

import (
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is what happens to one request.
type Fault int

// The faults. Those that say "after" let the request have its effect first, so that nobody on the other side knows.
const (
	// Fine lets all be well.
	Fine Fault = iota
	// ServerError is 500 without an effect.
	ServerError
	// BadGateway is 502 with a page that is no JSON, without an effect.
	BadGateway
	// Unavailable is 503 with Retry-After, without an effect.
	Unavailable
	// TooMany is 429 with Retry-After.
	TooMany
	// Secondary is 403 with Retry-After.
	Secondary
	// SecondaryInWords is 403 that says so in its message alone.
	SecondaryInWords
	// Exhausted is 403 with an allowance of none, and when it is renewed.
	Exhausted
	// ResetBefore breaks the connection off, as a time-out does, without an effect.
	ResetBefore
	// ResetAfter breaks the connection off, as a time-out does, after the effect.
	ResetAfter
	// CutAfter breaks the answer off in its midst, after the effect.
	CutAfter
	// BadGatewayAfter is 502 after the effect.
	BadGatewayAfter

	faults = iota
)

// Faults decides how a request fails. It is asked in the order in which requests come, by many at once.
type Faults func(*http.Request) Fault

// Seeded lets requests fail with the given probability, in a way that the seed decides; after most faults no more.
func Seeded(seed uint64, probability float64, most int) Faults {
	var mutex sync.Mutex
	chance := rand.New(rand.NewPCG(seed, 0))
	return func(*http.Request) Fault {
		mutex.Lock()
		defer mutex.Unlock()
		if most == 0 || chance.Float64() >= probability {
			return Fine
		}
		most--
		return Fault(1 + chance.IntN(faults-1))
	}
}

// before carries out what comes before any effect, and tells whether that was all.
func (f Fault) before(s *Server, w http.ResponseWriter) bool {
	header := http.Header{}
	status, message := http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	switch f {
	case ServerError:
		status, message = http.StatusInternalServerError, "Server Error"
	case BadGateway:
		f.page(w)
		return true
	case Unavailable:
		status, message = http.StatusServiceUnavailable, "Service Unavailable"
		header.Set("Retry-After", "2")
	case TooMany:
		status, message = http.StatusTooManyRequests, "API rate limit exceeded"
		header.Set("Retry-After", "5")
	case Secondary:
		header.Set("Retry-After", "7")
	case SecondaryInWords:
	case Exhausted:
		message = "API rate limit exceeded for installation."
		s.rateHeaders(header)
		header.Set("X-RateLimit-Remaining", "0")
		header.Set("X-RateLimit-Reset", strconv.FormatInt(s.options.Now().Add(30*time.Second).Unix(), 10))
		text, _ := encode(refuse(status, message))
		Fine.deliver(s, w, status, header, text)
		return true
	case ResetBefore:
		reset(w)
		return true
	default:
		return false
	}
	s.write(w, refuse(status, message), header)
	return true
}

// deliver sends the answer, or what becomes of it.
func (f Fault) deliver(_ *Server, w http.ResponseWriter, status int, header http.Header, body []byte) {
	switch f {
	case ResetAfter:
		reset(w)
		return
	case BadGatewayAfter:
		f.page(w)
		return
	default:
	}
	maps.Copy(w.Header(), header)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if f == CutAfter && len(body) > 1 {
		w.Write(body[:len(body)/2]) //nolint:errcheck // it is about to break off
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		reset(w)
		return
	}
	w.Write(body) //nolint:errcheck // the other side may have gone
}

// page is what stands before GitHub when that does not answer.
func (f Fault) page(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	w.Write([]byte("<html><h1>Unicorn!</h1></html>")) //nolint:errcheck // the other side may have gone
}

// reset breaks the connection off without a farewell.
func reset(w http.ResponseWriter) {
	taker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	connection, _, err := taker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // then it ends politely
	}
	connection.Close() //nolint:errcheck // it was broken off
}
