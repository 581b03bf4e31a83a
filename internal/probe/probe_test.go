package probe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/scrape"
)

func TestGetPeersReadsARealAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/probe/peers" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(`{"id": "a", "peers": ["c", "b"], "more": 1}`))
	}))
	defer server.Close()
	client := scrape.New()
	defer client.Close()
	got, err := probe.GetPeers(t.Context(), client, server.URL+"/probe/")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b", "c"}, got.Peers); diff != "" || got.ID != "a" || got.Received.Before(got.Sent) {
		t.Errorf("%+v; -want +got\n%s", got, diff)
	}
	if _, err := probe.GetPeers(t.Context(), client, server.URL+"/other"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("another path: %v", err)
	}
}

func TestParsePeersRefusesWhatCannotBe(t *testing.T) {
	for name, body := range map[string]string{
		"no id":   `{"peers": []}`,
		"no list": `{"id": "a"}`,
		"twice":   `{"id": "a", "peers": ["b", "b"]}`,
		"itself":  `{"id": "a", "peers": ["a"]}`,
		"json":    `{`,
		"type":    `{"id": 3}`,
	} {
		if got, err := probe.ParsePeers([]byte(body)); err == nil || got.ID != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzParsePeers(f *testing.F) {
	f.Add([]byte(`{"id": "a", "peers": ["b"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, err := probe.ParsePeers(body); (err == nil) == (got.ID == "") {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
