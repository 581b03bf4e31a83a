package suite_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/suite"
)

func TestNodesAreToldWhereToListen(t *testing.T) {
	for _, tc := range []struct {
		name string
		node suite.Node
		args []string // of the scenario
		want bool
	}{
		{"by an argument", suite.Node{Args: []string{"--metrics", "--listen={listen}"}}, nil, true},
		{"by the port alone", suite.Node{Args: []string{"--port", "{listen_port}"}}, nil, true},
		{"by the configuration", suite.Node{Config: "listen_addrs = [\"{listen}\"]\n"}, nil, true},
		{"by the environment", suite.Node{Env: map[string]string{"QUIC_LISTEN": "{listen}"}}, nil, true},
		{"by an argument of the scenario", suite.Node{}, []string{"--listen", "{listen}"}, true},
		{"never", suite.Node{Args: []string{"--listen", "listen", "{control}"}, BootstrapArgs: []string{"{bootstrap}"}}, []string{"--fast"}, false},
	} {
		if got := tc.node.Listens(suite.Scenario{Args: tc.args}); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
