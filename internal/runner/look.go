package runner

import (
	"context"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/scrape"
)

// wantedPage is a page that a sweep reads once and the series that it takes from it.
type wantedPage struct {
	path   string
	series []string
	names  []string // of the custom metric that each series gives, "" for the peer gauge
}

// wantedPages lists the pages of a sweep; the one with the peer gauge comes first.
func (r *Runner) wantedPages() []wantedPage {
	var pages []wantedPage
	want := func(path, series, name string) {
		i := slices.IndexFunc(pages, func(p wantedPage) bool { return p.path == path })
		if i < 0 {
			i, pages = len(pages), append(pages, wantedPage{path: path})
		}
		pages[i].series, pages[i].names = append(pages[i].series, series), append(pages[i].names, name)
	}
	if r.level() >= 1 {
		want(r.Suite.Node.Metrics, r.Suite.Node.Peers, "")
	}
	for _, c := range r.Suite.Node.Custom {
		want(c.Path, c.Series, c.Metric.Name)
	}
	return pages
}

func (s *session) get(ctx context.Context, n *node, path string) (scrape.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return s.client.Get(ctx, "http://"+n.control+path)
}

// readSeries reads several series of one page. Each has its own error when it is not there.
func (s *session) readSeries(ctx context.Context, n *node, path string, names ...string) []measure.Reading {
	sent := time.Now()
	page, err := s.get(ctx, n, path)
	var metrics scrape.Metrics
	if err == nil {
		metrics, err = n.parser(path).Parse(page.Body)
	} else {
		page.Sent, page.Received = sent, time.Now()
	}
	readings := make([]measure.Reading, len(names))
	for i, name := range names {
		value, valueErr := 0.0, err
		if err == nil {
			value, valueErr = metrics.Value(name)
		}
		readings[i] = measure.Reading{Sent: s.since(page.Sent), Received: s.since(page.Received), Value: value, Err: text(valueErr)}
	}
	return readings
}

// askPeers asks a node whom it knows.
func (s *session) askPeers(ctx context.Context, n *node) measure.Knowledge {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	sent := time.Now()
	answer, err := probe.GetPeers(ctx, s.client, "http://"+n.control+s.Suite.Node.Probe)
	if err != nil {
		answer.Sent, answer.Received = sent, time.Now()
	}
	return measure.Knowledge{Sent: s.since(answer.Sent), Received: s.since(answer.Received), ID: answer.ID, Peers: answer.Peers, Err: text(err)}
}

// keepKnown keeps an answer. One that says the same as the one before shares its list.
func (s *session) keepKnown(n *node, k measure.Knowledge) {
	seen := &s.network.Nodes[n.index]
	if len(seen.Known) > 0 {
		if last := seen.Known[len(seen.Known)-1]; slices.Equal(last.Peers, k.Peers) {
			k.Peers = last.Peers
		}
	}
	seen.Known = append(seen.Known, k)
	s.tracker.Know(n.index, k)
}

// page is the body of a page as JSON: as it is when it is JSON, as a string when not, null when it could not be had.
func (s *session) page(ctx context.Context, n *node, path string) []byte {
	page, err := s.get(ctx, n, path)
	if err != nil {
		return []byte("null")
	}
	return asJSON(page.Body)
}
