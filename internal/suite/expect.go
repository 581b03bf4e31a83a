package suite

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseExpectation reads full_mesh, connected or min_peers=K.
func ParseExpectation(text string) (Expectation, error) {
	graph, number, hasNumber := strings.Cut(text, "=")
	switch Graph(graph) {
	case FullMesh, Connected:
		if !hasNumber {
			return Expectation{Graph: Graph(graph)}, nil
		}
	case MinPeers:
		if k, err := strconv.Atoi(number); err == nil {
			return Expectation{Graph: MinPeers, Min: k}, nil
		}
	}
	return Expectation{}, fmt.Errorf("%q is no expectation", text)
}

// String is the expectation as it is written in perfgate.toml.
func (e Expectation) String() string {
	if e.Graph == MinPeers {
		return fmt.Sprintf("%s=%d", e.Graph, e.Min)
	}
	return string(e.Graph)
}
