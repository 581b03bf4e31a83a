package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/metric"
)

const noAct = "workflows cannot be run on this machine"

// workflowChecks are about act, which runs workflows in containers. Where it is not installed and nobody asks, one says so.
func (e *Examination) workflowChecks() []check {
	act, err := exec.LookPath("act")
	d := &docker{host: e.DockerHost}
	all := []check{{diagnosis.Workflows, "act", together, false, func(context.Context) outcome { return checkAct(act, err, e.Workflows) }}}
	if err != nil && !e.Workflows {
		return all
	}
	return append(all,
		check{diagnosis.Workflows, "docker", together, false, func(ctx context.Context) outcome { return checkDocker(d.ping(ctx), e.Workflows) }},
		check{diagnosis.Workflows, "docker disk", together, true, func(ctx context.Context) outcome { return checkDockerDisk(d.root(ctx)) }},
		check{diagnosis.Workflows, "architecture", together, false, func(context.Context) outcome { return checkArchitecture(runtime.GOARCH) }})
}

func checkAct(path string, err error, asked bool) outcome {
	switch {
	case err == nil:
		return fine(path + "; its -v says more of what it does")
	case asked:
		return broken("act is not installed", noAct, "install it: https://nektosact.com")
	}
	return fine("act is not installed; it is needed only to run workflows on this machine")
}

// checkDocker says whether the daemon answered. It matters to measuring only where somebody asks for workflows.
func checkDocker(err error, asked bool) outcome {
	if err == nil {
		return fine("the daemon answers")
	}
	o := doubtful("the daemon does not answer: "+err.Error(), noAct, "start it: systemctl start docker, or set DOCKER_HOST")
	if errors.Is(err, fs.ErrPermission) {
		o.mend = "join the group docker: usermod -aG docker $USER, and log in again"
	}
	if asked {
		o.severity = diagnosis.Bad
	}
	return o
}

// minDocker is the room that the images of a workflow need.
const minDocker = 5e9

func checkDockerDisk(folder string) outcome {
	free, err := roomAt(folder)
	if err != nil {
		return doubtful(err.Error(), "whether images fit is unknown", "")
	}
	text := fmt.Sprintf("%s free for %s", metric.Format(free, metric.Bytes), folder)
	if free < minDocker {
		return doubtful(text, "images of workflows may not fit", "docker system prune, or make room: 5 GB at least")
	}
	return fine(text)
}

func checkArchitecture(arch string) outcome {
	if arch == "amd64" {
		return fine(arch)
	}
	return doubtful(arch, "actions that are made for amd64 alone do not run", "act --container-architecture linux/amd64")
}

// docker is the daemon at a DOCKER_HOST; "" is the usual socket.
type docker struct{ host string }

const (
	usualSocket = "/var/run/docker.sock"
	usualRoot   = "/var/lib/docker"
	dockerTime  = 2 * time.Second
)

// ping asks the daemon for a sign of life.
func (d *docker) ping(ctx context.Context) error {
	_, err := d.get(ctx, "/_ping")
	return err
}

// root is the folder in which the daemon keeps images; the usual one when it does not say.
func (d *docker) root(ctx context.Context) string {
	var info struct{ DockerRootDir string }
	raw, err := d.get(ctx, "/info")
	if err != nil || json.Unmarshal(raw, &info) != nil || info.DockerRootDir == "" {
		return usualRoot
	}
	return info.DockerRootDir
}

func (d *docker) get(ctx context.Context, path string) ([]byte, error) {
	network, address, err := d.address()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dockerTime)
	defer cancel()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker"+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, plainly(err, network+" "+address)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP status %d at %s", response.StatusCode, address)
	}
	return body, err
}

// address is what to dial.
func (d *docker) address() (network, address string, err error) {
	if d.host == "" {
		return "unix", usualSocket, nil
	}
	u, err := url.Parse(d.host)
	if err != nil {
		return "", "", fmt.Errorf("DOCKER_HOST: %w", err)
	}
	switch u.Scheme {
	case "unix":
		return "unix", u.Path, nil
	case "tcp", "http":
		return "tcp", u.Host, nil
	}
	return "", "", fmt.Errorf("DOCKER_HOST=%s cannot be asked from here: only unix:// and tcp:// can", d.host)
}

// plainly is an error of dialling without what the caller says already.
func plainly(err error, where string) error {
	if errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err) {
		return fmt.Errorf("%s: no answer in time", where)
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		return fmt.Errorf("%s: %w", strings.TrimSpace(where), e.Err)
	}
	return err
}
