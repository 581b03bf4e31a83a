package scrape_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/scrape"
)

const page = `communitas_peers_connected_total 7
communitas_peers_connected_max{node="a b"} 9
# HELP communitas_peers_connected Connected peers.
# TYPE communitas_peers_connected gauge
communitas_peers_connected 4.0
# TYPE requests counter
requests{path="/a"} 3
requests{path="/b c"} 4
# TYPE latency histogram
latency_bucket{le="+Inf"} 2
latency_sum 3
latency_count 2
plain 4e0
stamped{at="a b c"} 4 1700000000000
none NaN
most +Inf
debt -4.0
`

// TestFlaw08SeriesIsFoundByItsWholeName: no series is taken for another, none is cut at a space, none of several is picked, and
// a number may be written in every legal way.
func TestFlaw08SeriesIsFoundByItsWholeName(t *testing.T) {
	metrics, err := scrape.ParseMetrics([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"communitas_peers_connected": 4, "communitas_peers_connected_total": 7, "communitas_peers_connected_max": 9, "plain": 4,
		"stamped": 4, "none": math.NaN(), "most": math.Inf(1), "debt": -4,
	} {
		if got, err := metrics.Value(name); err != nil || !cmp.Equal(got, want, cmpopts.EquateNaNs()) {
			t.Errorf("%s = %v, %v, want %v", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"communitas_peers": "it shows communitas_peers_connected",
		"requests":         "2 values under different labels",
		"latency":          "histogram",
	} {
		if got, err := metrics.Value(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s = %v, %v, want an error with %q", name, got, err, want)
		}
	}
	if _, err := metrics.Value("zz"); !errors.Is(err, scrape.ErrNoSeries) {
		t.Errorf("an absent series: %v", err)
	}
}

func TestParseMetricsRefusesOtherPages(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "html": "<html></html>", "text": "all is well", "number": "communitas_peers_connected abc\n",
		"comments": "# nothing\n",
	} {
		if _, err := scrape.ParseMetrics([]byte(body)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParserRemembersTheLastPageAlone(t *testing.T) {
	var parser scrape.Parser
	for i, step := range []struct {
		body string
		want float64
		err  string
	}{
		{"", 0, "no series"}, {"", 0, "no series"}, {"a 1\n", 1, ""}, {"a 1\n", 1, ""}, {"a 2\n", 2, ""}, {"a x\n", 0, "parse metrics"},
		{"a x\n", 0, "parse metrics"}, {"a 2\n", 2, ""}, {"a 2\nb", 0, "parse metrics"},
	} {
		metrics, err := parser.Parse([]byte(step.body))
		if (err == nil) != (step.err == "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Fatalf("page %d: error %v, want %q", i, err, step.err)
		}
		if err != nil {
			continue
		}
		if got, err := metrics.Value("a"); err != nil || got != step.want {
			t.Errorf("page %d: %v, %v, want %v", i, got, err, step.want)
		}
	}
}

func TestGetTellsWhatWentWrong(t *testing.T) {
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("fine")) })
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-release })
	mux.HandleFunc("/announced", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(scrape.MaxPage+1))
		w.Write(make([]byte, scrape.MaxPage+1))
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, scrape.MaxPage+1))
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Write([]byte("short"))
		panic(http.ErrAbortHandler)
	})
	server := httptest.NewServer(mux)
	client := scrape.New()
	defer client.Close()
	got, err := client.Get(t.Context(), server.URL+"/ok")
	if err != nil || string(got.Body) != "fine" || got.Received.Before(got.Sent) {
		t.Errorf("got %+v, %v", got, err)
	}
	for path, want := range map[string]string{
		"/500": "HTTP status 500", "/moved": "HTTP status 302", "/huge": "larger than", "/announced": "larger than", "/cut": "was cut", "/slow": "no answer in time",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if path == "/slow" {
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		}
		page, err := client.Get(ctx, server.URL+path)
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) || page.Body != nil {
			t.Errorf("%s: %v, want an error with %q", path, err, want)
		}
	}
	close(release)
	server.Close()
	if _, err := client.Get(t.Context(), server.URL+"/ok"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed server: %v", err)
	}
}

func FuzzParseMetrics(f *testing.F) {
	f.Add([]byte(page))
	f.Add([]byte("a{b=\"c\"} NaN 3\n"))
	f.Add([]byte("# TYPE x summary\nx{quantile=\"0.5\"} 1\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		metrics, err := scrape.ParseMetrics(body)
		if err != nil {
			return
		}
		if _, err := metrics.Value("a"); err == nil && !strings.Contains(string(body), "a") {
			t.Error("a value out of nothing")
		}
	})
}

// FuzzParser checks that a parser says of a page what ParseMetrics says, whatever it has read before.
func FuzzParser(f *testing.F) {
	f.Add([]byte("a 1\n"), []byte("a 2\n"))
	f.Add([]byte("a 1\n"), []byte("a x\n"))
	f.Add([]byte(""), []byte("a 1"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var parser scrape.Parser
		for _, body := range [][]byte{first, second, second, first} {
			got, gotErr := parser.Parse(body)
			want, wantErr := scrape.ParseMetrics(body)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("%q: error %v, want %v", body, gotErr, wantErr)
			}
			value, valueErr := got.Value("a")
			wanted, wantedErr := want.Value("a")
			if wantErr == nil && (math.Float64bits(value) != math.Float64bits(wanted) || fmt.Sprint(valueErr) != fmt.Sprint(wantedErr)) {
				t.Fatalf("%q: %v, %v, want %v, %v", body, value, valueErr, wanted, wantedErr)
			}
		}
	})
}

func BenchmarkParseMetrics(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scrape.ParseMetrics([]byte(page)); err != nil {
			b.Fatal(err)
		}
	}
}
