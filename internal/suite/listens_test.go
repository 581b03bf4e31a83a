package suite_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/suite"
)

func TestNodesAreToldWhereToListen(t *testing.T) {
	for _, tc := range []struct {
		name string
		node suite.Node
		want bool
	}{
		{"by an argument", suite.Node{Args: []string{"--metrics", "--listen={listen}"}}, true},
		{"by the port alone", suite.Node{Args: []string{"--port", "{listen_port}"}}, true},
		{"by the configuration", suite.Node{Config: "listen_addrs = [\"{listen}\"]\n"}, true},
		{"by the environment", suite.Node{Env: map[string]string{"QUIC_LISTEN": "{listen}"}}, true},
		{"never", suite.Node{Args: []string{"--listen", "listen", "{control}"}, BootstrapArgs: []string{"{bootstrap}"}}, false},
	} {
		if got := tc.node.Listens(); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
