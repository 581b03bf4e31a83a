// Package probe speaks the probe API of a node, docs/PROBE.md: at contract level L2 who knows whom, at L3 work on request.
// It believes no answer that the protocol does not allow.
package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/scrape"
)

// Peers is a node's answer to GET {probe}/peers.
type Peers struct {
	ID    string   `json:"id"`
	Peers []string `json:"peers"`
	// Sent and Received bound the moment that the answer speaks of.
	Sent     time.Time `json:"-"`
	Received time.Time `json:"-"`
}

// GetPeers asks a node for its id and the ids of its peers. Base is the URL of the probe API.
func GetPeers(ctx context.Context, client *scrape.Client, base string) (Peers, error) {
	page, err := client.Get(ctx, strings.TrimSuffix(base, "/")+"/peers")
	if err != nil {
		return Peers{}, err
	}
	answer, err := ParsePeers(page.Body)
	if err != nil {
		return Peers{}, fmt.Errorf("probe %s/peers: %w", base, err)
	}
	answer.Sent, answer.Received = page.Sent, page.Received
	return answer, nil
}

// ParsePeers reads an answer: an id that is not empty, and a list of other ids, each once.
func ParsePeers(body []byte) (Peers, error) {
	var answer Peers
	if err := json.Unmarshal(body, &answer); err != nil {
		return Peers{}, fmt.Errorf("parse peers: %w", err)
	}
	if answer.ID == "" {
		return Peers{}, errors.New("parse peers: no id")
	}
	if answer.Peers == nil {
		return Peers{}, errors.New("parse peers: no list of peers")
	}
	sorted := slices.Sorted(slices.Values(answer.Peers))
	if len(slices.Compact(slices.Clone(sorted))) != len(sorted) {
		return Peers{}, errors.New("parse peers: a peer is listed twice")
	}
	if _, self := slices.BinarySearch(sorted, answer.ID); self {
		return Peers{}, errors.New("parse peers: the node lists itself")
	}
	answer.Peers = sorted
	return answer, nil
}
