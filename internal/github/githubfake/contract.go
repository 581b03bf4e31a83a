package githubfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Contract is GitHub's published description of its API, as far as the fake has operations. It may serve many servers.
type Contract struct {
	document *openapi3.T
}

// LoadContract reads the description from the folder of GitHub's packages, node_modules/@octokit. All that the fake's operations
// do not need is dropped before it is parsed: the whole is a hundred times as large.
func LoadContract(folder string) (*Contract, error) {
	path := filepath.Join(folder, "openapi", "generated", "api.github.com.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("GitHub's description of its API: %w", err)
	}
	trimmed, err := trim(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	document, err := openapi3.NewLoader().LoadFromData(trimmed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, item := range document.Paths.Map() {
		for _, o := range item.Operations() {
			if o.RequestBody != nil {
				for _, media := range o.RequestBody.Value.Content {
					closed(media.Schema)
				}
			}
		}
	}
	return &Contract{document: document}, nil
}

// trim keeps the fake's operations and what they refer to.
func trim(text []byte) ([]byte, error) {
	var whole struct {
		OpenAPI    string                                `json:"openapi"`
		Info       json.RawMessage                       `json:"info"`
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	paths, components := map[string]map[string]json.RawMessage{}, map[string]map[string]json.RawMessage{}
	var open []json.RawMessage
	for _, o := range routes() {
		item, ok := whole.Paths[o.template][strings.ToLower(o.method)]
		if !ok {
			return nil, fmt.Errorf("it does not know %s %s", o.method, o.template)
		}
		if paths[o.template] == nil {
			paths[o.template] = map[string]json.RawMessage{}
		}
		paths[o.template][strings.ToLower(o.method)] = item
		open = append(open, item)
	}
	for len(open) > 0 {
		next := open[len(open)-1]
		open = open[:len(open)-1]
		for _, reference := range references(next) {
			kind, name, _ := strings.Cut(strings.TrimPrefix(reference, "#/components/"), "/")
			if _, have := components[kind][name]; have {
				continue
			}
			if components[kind] == nil {
				components[kind] = map[string]json.RawMessage{}
			}
			components[kind][name] = whole.Components[kind][name]
			open = append(open, whole.Components[kind][name])
		}
	}
	delete(components, "examples") // they are of no use here, and some break the description's own rules
	return json.Marshal(map[string]any{
		"openapi": whole.OpenAPI, "info": whole.Info, "servers": []any{map[string]string{"url": "/"}}, "paths": withoutExamples(paths), "components": withoutExamples(components),
	})
}

// references are those of a piece of the description.
func references(piece json.RawMessage) []string {
	var found []string
	for _, part := range strings.Split(string(piece), `"$ref":`)[1:] {
		opening := strings.Index(part, `"`)
		ending := strings.Index(part[opening+1:], `"`)
		found = append(found, part[opening+1:opening+1+ending])
	}
	return found
}

// withoutExamples drops the members named examples of media types.
func withoutExamples(piece any) any {
	text, err := json.Marshal(piece)
	if err != nil {
		return piece
	}
	var plain any
	if json.Unmarshal(text, &plain) != nil {
		return piece
	}
	var walk func(any)
	walk = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			if _, isMedia := x["schema"]; isMedia {
				delete(x, "examples")
			}
			for _, y := range x {
				walk(y)
			}
		case []any:
			for _, y := range x {
				walk(y)
			}
		}
	}
	walk(plain)
	return plain
}

// closed lets a request have only what the description names: GitHub drops the rest in silence, and the sender believes that
// it was heard.
func closed(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	s := ref.Value
	if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		no := false
		s.AdditionalProperties.Has = &no
	}
	for _, property := range s.Properties {
		closed(property)
	}
	closed(s.Items)
}

func (k *Contract) route(o operation) *routers.Route {
	item := k.document.Paths.Find(o.template)
	return &routers.Route{Spec: k.document, Path: o.template, PathItem: item, Method: o.method, Operation: item.GetOperation(o.method)}
}

func (k *Contract) input(o operation, r *http.Request) *openapi3filter.RequestValidationInput {
	parameters := map[string]string{}
	for part := range strings.SplitSeq(o.template, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			parameters[name] = r.PathValue(name)
		}
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, QueryParams: r.URL.Query(), Route: k.route(o),
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
}

// request says what is wrong with a request, or nil.
func (k *Contract) request(o operation, r *http.Request) error {
	if k == nil {
		return nil
	}
	in := k.input(o, r)
	var known []string
	for _, list := range []openapi3.Parameters{in.Route.Operation.Parameters, in.Route.PathItem.Parameters} {
		for _, p := range list {
			known = append(known, p.Value.In+" "+p.Value.Name)
		}
	}
	for name := range in.QueryParams {
		if !slices.Contains(known, "query "+name) {
			return fmt.Errorf("it has a parameter %q, which the operation does not know", name)
		}
	}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		return errors.New(firstLines(err.Error()))
	}
	return nil
}

// answer says what is wrong with an answer, or nil. An operation's description does not list all of its errors.
func (k *Contract) answer(o operation, r *http.Request, got answer, text []byte) error {
	if k == nil {
		return nil
	}
	in := k.input(o, r)
	if in.Route.Operation.Responses.Status(got.status) == nil {
		if got.status < 400 {
			return fmt.Errorf("%d is none of its answers", got.status)
		}
		return nil
	}
	header := got.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	err := openapi3filter.ValidateResponse(context.WithoutCancel(r.Context()), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: got.status, Header: header, Body: io.NopCloser(bytes.NewReader(text)), Options: in.Options,
	})
	if err != nil {
		return errors.New(firstLines(err.Error()))
	}
	return nil
}

// firstLines keeps an error readable: most hold the whole schema.
func firstLines(text string) string {
	text, _, _ = strings.Cut(text, "\nSchema:")
	if len(text) > 600 {
		return text[:600] + "…"
	}
	return text
}
