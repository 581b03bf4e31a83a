package githubfake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object of an answer.
type object = map[string]any

// answer is what an operation comes to.
type answer struct {
	status int
	body   any // nil has none
	header http.Header
}

// call is one request on its way through an operation; the world is locked meanwhile.
type call struct {
	server  *Server
	request *http.Request
	account *Account // nil asks as nobody
	repo    *Repository
	body    []byte
}

// operation is one of the API's.
type operation struct {
	method   string
	template string // as in GitHub's description
	subject  string // what a token has to be allowed to write; "" for reading
	do       func(*call) answer
}

// pattern is that of a ServeMux: a last parameter that may hold slashes takes all the rest.
func (o operation) pattern() string {
	path := o.template
	for _, last := range []string{"{ref}", "{path}", "{basehead}"} {
		if strings.HasSuffix(path, last) && !strings.HasSuffix(path, "/commits/{ref}") {
			path = strings.TrimSuffix(path, "}") + "...}"
		}
	}
	return o.method + " " + path
}

// handler carries out an operation: what may go wrong before it, who asks, whether the request is one, the operation itself,
// whether the answer is one, and what may go wrong on the way back.
func (s *Server) handler(o operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.carrying.Add(1)
		defer s.carrying.Done()
		fault := s.fault(r)
		if fault.before(s, w) {
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			return // the other side has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if wrong := s.options.Contract.request(o, r); wrong != nil {
			s.violate("%s %s: %v", r.Method, r.URL.Path, wrong)
			s.write(w, refuse(http.StatusUnprocessableEntity, "Invalid request."), nil)
			return
		}
		got := s.carryOut(o, r, body)
		text, etag := encode(got)
		if wrong := s.options.Contract.answer(o, r, got, text); wrong != nil {
			s.violate("the fake's own answer to %s %s: %v", r.Method, r.URL.Path, wrong)
		}
		header := got.header.Clone()
		if header == nil {
			header = http.Header{}
		}
		s.rateHeaders(header)
		if r.Method == http.MethodGet && got.status == http.StatusOK {
			header.Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				got.status, text = http.StatusNotModified, nil
				s.mutex.Lock()
				s.unmodified++
				s.mutex.Unlock()
			}
		}
		fault.deliver(s, w, got.status, header, text)
	})
}

func (s *Server) carryOut(o operation, r *http.Request, body []byte) answer {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c := &call{server: s, request: r, body: body}
	got := c.admit(o)
	if got.status == 0 {
		got = o.do(c)
	}
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.RequestURI(), Status: got.status})
	if r.Method != http.MethodGet {
		if err := s.save(); err != nil {
			s.violations = append(s.violations, err.Error())
		}
	}
	return got
}

// admit finds out who asks, of which repository, and whether that is allowed; the zero answer says yes.
func (c *call) admit(o operation) answer {
	if c.request.UserAgent() == "" {
		return refuse(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")
	}
	if token := strings.TrimPrefix(c.request.Header.Get("Authorization"), "Bearer "); token != "" {
		at := slices.IndexFunc(c.server.world.Accounts, func(a Account) bool { return a.Token == token })
		if at < 0 {
			return refuse(http.StatusUnauthorized, "Bad credentials")
		}
		c.account = &c.server.world.Accounts[at]
	}
	if owner := c.request.PathValue("owner"); owner != "" {
		if c.repo = c.server.world.Repository(owner + "/" + c.request.PathValue("repo")); c.repo == nil {
			return refuse(http.StatusNotFound, "Not Found")
		}
	}
	if o.subject == "" {
		return answer{}
	}
	switch {
	case c.account == nil:
		return refuse(http.StatusUnauthorized, "Requires authentication")
	case c.account.ReadOnly || slices.Contains(c.account.Denied, o.subject):
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	case o.method == http.MethodPost && c.server.floods():
		return answer{status: http.StatusForbidden, body: refuse(0, "You have exceeded a secondary rate limit.").body, header: http.Header{"Retry-After": {"60"}}}
	}
	return answer{}
}

// floods keeps GitHub's limit of 80 creations of content a minute.
func (s *Server) floods() bool {
	now := s.options.Now()
	s.created = slices.DeleteFunc(s.created, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(s.created) >= 80 {
		return true
	}
	s.created = append(s.created, now)
	return false
}

func (s *Server) rateHeaders(header http.Header) {
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("X-RateLimit-Limit", "1000")
	header.Set("X-RateLimit-Remaining", "900")
	header.Set("X-RateLimit-Used", "100")
	header.Set("X-RateLimit-Reset", strconv.FormatInt(s.options.Now().Add(time.Hour).Unix(), 10))
}

// asked reads what a request wants. Where it is nothing, or what GitHub refuses although its description allows it, the answer is that refusal;
// else it is the zero answer.
func (c *call) asked(request interface{ wrong() string }, resource string) answer {
	if !c.decode(request) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	if wrong := request.wrong(); wrong != "" {
		return invalid(resource, "", "custom", wrong)
	}
	return answer{}
}

// decode reads the body; false when it is no JSON of that form.
func (c *call) decode(into any) bool { return json.Unmarshal(c.body, into) == nil }

func (c *call) number(name string) int64 {
	n, err := strconv.ParseInt(c.request.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// url is an address of the API below the repository.
func (c *call) url(format string, values ...any) string {
	return fmt.Sprintf("%s/repos/%s/%s", c.server.URL, c.repo.Owner, c.repo.Name) + fmt.Sprintf(format, values...)
}

// page is the address of a page for people.
func (c *call) page(format string, values ...any) string {
	return fmt.Sprintf("https://github.example/%s/%s", c.repo.Owner, c.repo.Name) + fmt.Sprintf(format, values...)
}

// list gives one page of all, with the links to the others. Asking for more than 100 a page gives 100.
func list[T any](c *call, all []T, show func(T) object) ([]object, http.Header) {
	query := c.request.URL.Query()
	size, page := 30, 1
	if n, err := strconv.Atoi(query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		page = n
	}
	shown := []object{}
	for _, x := range all[min((page-1)*size, len(all)):min(page*size, len(all))] {
		shown = append(shown, show(x))
	}
	header := http.Header{}
	last := (len(all) + size - 1) / size
	var links []string
	link := func(to int, name string) {
		q := maps.Clone(query)
		q.Set("page", strconv.Itoa(to))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel=%q`, c.server.URL, c.request.URL.EscapedPath(), q.Encode(), name))
	}
	if page > 1 {
		link(page-1, "prev")
	}
	if page < last {
		link(page+1, "next")
		link(last, "last")
	}
	if len(links) > 0 {
		header.Set("Link", strings.Join(links, ", "))
	}
	return shown, header
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func created(body object) answer {
	at, isText := body["url"].(string)
	if !isText {
		at = ""
	}
	return answer{status: http.StatusCreated, body: body, header: http.Header{"Location": {at}}}
}

// refuse is an error as GitHub words it.
func refuse(status int, message string, details ...object) answer {
	body := object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)}
	if len(details) > 0 {
		body["errors"] = details
	}
	return answer{status: status, body: body}
}

func notFound() answer { return refuse(http.StatusNotFound, "Not Found") }

func invalid(resource, field, code, message string) answer {
	detail := object{"resource": resource, "code": code}
	if field != "" {
		detail["field"] = field
	}
	if message != "" {
		detail["message"] = message
	}
	return refuse(http.StatusUnprocessableEntity, "Validation Failed", detail)
}

func encode(a answer) (text []byte, etag string) {
	if a.body == nil {
		return nil, `""`
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		return nil, `""`
	}
	sum := sha256.Sum256(text)
	return text, `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *Server) write(w http.ResponseWriter, a answer, header http.Header) {
	text, _ := encode(a)
	if header == nil {
		header = http.Header{}
	}
	s.rateHeaders(header)
	Fine.deliver(s, w, a.status, header, text)
}
