package doctor

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

func TestLoopbackIsTriedOnThePortsOfTheNodes(t *testing.T) {
	e := &Examination{Suite: &suite.Suite{Scenarios: []suite.Scenario{{Nodes: 2}}}}
	says(t, e.checkPorts(), diagnosis.OK, "2 nodes can have ports, TCP and UDP: perfgate chooses them", "", "")
	says(t, e.checkLoopback(t.Context()), diagnosis.OK, "TCP and UDP pass on 127.0.0.1:2", "", "")
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, text, _ := net.SplitHostPort(taken.LocalAddr().String())
	port, _ := strconv.Atoi(text)
	e := &Examination{BasePort: port, Suite: &suite.Suite{Scenarios: []suite.Scenario{{Nodes: 1}}}}
	says(t, e.checkPorts(), diagnosis.Bad, "port "+text+" for node 0 is taken", "cannot listen", "BASE_PORT")
	says(t, e.checkLoopback(t.Context()), diagnosis.Warn, "not tried: port "+text, "unknown", "free the ports")
}

// What does not arrive is an error.
func TestPassNoticesWhatIsLost(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	go func() { far.Close() }()
	if err := pass(t.Context(), near, far); err == nil {
		t.Error("a closed connection passes")
	}
	near, taker := net.Pipe()
	giver, far := net.Pipe()
	defer taker.Close()
	defer giver.Close()
	go io.Copy(io.Discard, taker)
	go giver.Write([]byte("perfgone"))
	if err := pass(t.Context(), near, far); !errors.Is(err, errGarbled) {
		t.Errorf("something else that arrives: %v", err)
	}
}

func TestDocker(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	none := &docker{host: "unix://" + socket}
	says(t, checkDocker(none.ping(t.Context()), false), diagnosis.Warn, "no such file", noAct, "systemctl start docker")
	says(t, checkDocker(none.ping(t.Context()), true), diagnosis.Bad, "no such file", noAct, "systemctl")
	if got := none.root(t.Context()); got != usualRoot {
		t.Errorf("root %q", got)
	}

	status := http.StatusOK
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_ping", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"DockerRootDir": "/srv/docker"}`)) })
	server := httptest.NewUnstartedServer(mux)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip("no sockets of this kind here")
	}
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	says(t, checkDocker(none.ping(t.Context()), true), diagnosis.OK, "answers", "", "")
	if got := none.root(t.Context()); got != "/srv/docker" {
		t.Errorf("root %q", got)
	}
	status = http.StatusInternalServerError
	says(t, checkDocker(none.ping(t.Context()), false), diagnosis.Warn, "HTTP status 500", noAct, "systemctl")
	says(t, checkDocker((&docker{host: "ssh://there"}).ping(t.Context()), false), diagnosis.Warn, "DOCKER_HOST=ssh://there", noAct, "systemctl")
	says(t, checkDocker(&os.SyscallError{Syscall: "connect", Err: os.ErrPermission}, false), diagnosis.Warn, "permission", noAct, "usermod")
}

func TestDockerOverTCP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	d := &docker{host: "tcp://" + server.Listener.Addr().String()}
	says(t, checkDocker(d.ping(t.Context()), false), diagnosis.OK, "answers", "", "")
}

func TestAct(t *testing.T) {
	says(t, checkAct("/bin/act", nil, false), diagnosis.OK, "/bin/act", "", "")
	says(t, checkAct("", os.ErrNotExist, false), diagnosis.OK, "not installed; it is needed only", "", "")
	says(t, checkAct("", os.ErrNotExist, true), diagnosis.Bad, "not installed", noAct, "install it")
	says(t, checkArchitecture("arm64"), diagnosis.Warn, "arm64", "amd64 alone", "--container-architecture linux/amd64")
	says(t, checkArchitecture("amd64"), diagnosis.OK, "amd64", "", "")
}

func TestBootstrap(t *testing.T) {
	run := func(failure string, findings ...result.Finding) runner.Run {
		return runner.Run{Run: result.Run{Failure: failure, Findings: findings}}
	}
	says(t, judgeBootstrap(run("node 0: not ready within 1s: HTTP status 503")), diagnosis.Bad, "the first node is not ready within 1s", noBootstrap, "--launch-timeout")
	says(t, judgeBootstrap(run("node 0: killed by SIGSEGV")), diagnosis.Bad, "the first node: killed by SIGSEGV", noBootstrap, "by hand")
	says(t, judgeBootstrap(run("", result.Finding{Kind: result.FindingGaugeInvalid, Node: -1, Text: "4 peers of 0"})), diagnosis.Bad, "is ready, but 4 peers of 0", "cannot be measured", "[node]")
	says(t, judgeBootstrap(run("", result.Finding{Kind: result.FindingStop, Text: "did not stop within 5s of SIGINT and was killed"})), diagnosis.Warn, "it did not stop", "ends later", "stop_timeout")
	says(t, judgeBootstrap(run("")), diagnosis.OK, "its pages can be read", "", "")
}
