package scrape

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metrics are the numbers of one metrics page.
type Metrics struct {
	families map[string]*dto.MetricFamily
}

// ErrNoSeries says that a page does not show a series.
var ErrNoSeries = errors.New("not on the page")

// ParseMetrics reads a page in the Prometheus text format. A page without any series is an error.
func ParseMetrics(body []byte) (Metrics, error) {
	if trimmed := bytes.TrimSpace(body); bytes.HasPrefix(trimmed, []byte("<")) {
		return Metrics{}, errors.New("parse metrics: the page is HTML, not Prometheus text")
	}
	if len(body) > 0 && body[len(body)-1] != '\n' {
		body = append(bytes.Clone(body), '\n')
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return Metrics{}, fmt.Errorf("parse metrics: %w", err)
	}
	if len(families) == 0 {
		return Metrics{}, errors.New("parse metrics: the page shows no series")
	}
	return Metrics{families: families}, nil
}

// Parser reads the pages of one node, one after the other: a page that is byte for byte the one before gives what that gave,
// be it an error, and is not read again. The zero Parser has seen none. It is not safe for concurrent use.
type Parser struct {
	seen    bool
	body    []byte
	metrics Metrics
	err     error
}

// Parse is [ParseMetrics] with a memory. The body must not be changed afterwards.
func (p *Parser) Parse(body []byte) (Metrics, error) {
	if !p.seen || !bytes.Equal(p.body, body) {
		p.seen, p.body = true, body
		p.metrics, p.err = ParseMetrics(body)
	}
	return p.metrics, p.err
}

// Value returns the one value of a counter, gauge or untyped series. A series that is absent is ErrNoSeries and the error
// names its likes; one with several label sets, and a histogram or summary, have no one value.
func (m Metrics) Value(name string) (float64, error) {
	family := m.families[name]
	if family == nil {
		return 0, fmt.Errorf("series %s: %w%s", name, ErrNoSeries, m.likes(name))
	}
	if n := len(family.Metric); n != 1 {
		return 0, fmt.Errorf("series %s: %d values under different labels where one is wanted", name, n)
	}
	one := family.Metric[0]
	switch {
	case one.Gauge != nil:
		return one.Gauge.GetValue(), nil
	case one.Counter != nil:
		return one.Counter.GetValue(), nil
	case one.Untyped != nil:
		return one.Untyped.GetValue(), nil
	}
	return 0, fmt.Errorf("series %s: a %s has no one value", name, strings.ToLower(family.GetType().String()))
}

// likes lists the series whose names share a word with the one that is missing.
func (m Metrics) likes(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' })
	var found []string
	for _, other := range slices.Sorted(maps.Keys(m.families)) {
		if slices.ContainsFunc(words, func(w string) bool { return len(w) > 3 && strings.Contains(other, w) }) {
			found = append(found, other)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return " (it shows " + strings.Join(found[:min(5, len(found))], ", ") + ")"
}
