package runner

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/scrape"
	"github.com/communitas/perfgate/internal/suite"
)

// node is one node of a run and its process.
type node struct {
	index   int
	dir     string
	logPath string
	log     *os.File // open until the process has its own
	command proc.Command
	listen  string // IP:PORT
	control string // IP:PORT
	process *proc.Process
	// parsers are those of its pages by path, for its watcher alone.
	parsers map[string]*scrape.Parser
	// hurry asks its watcher for a look at once, while the network forms.
	hurry chan struct{}
	// unready is why the last look at its readiness failed, "" before the first.
	unready string
	// crashed says that its end was noted.
	crashed bool
}

const loopback = "127.0.0.1"

// name is what errors call the node.
func (n *node) name() string { return fmt.Sprintf("node %d", n.index) }

// ended tells whether the process was started and is over.
func (n *node) ended() bool {
	if n.process == nil {
		return false
	}
	select {
	case <-n.process.Done():
		return true
	default:
		return false
	}
}

func (n *node) parser(path string) *scrape.Parser {
	if n.parsers[path] == nil {
		n.parsers[path] = &scrape.Parser{}
	}
	return n.parsers[path]
}

// setup makes the nodes' folders, configurations and command lines; nothing runs yet.
func (s *session) setup(dir string, addresses []address) error {
	for i, a := range addresses {
		n, err := s.newNode(i, filepath.Join(dir, fmt.Sprintf("node-%d", i)), a, addresses[0])
		if err != nil {
			return errors.Join(fmt.Errorf("set up node %d: %w", i, err), s.closeLogs())
		}
		s.nodes = append(s.nodes, n)
	}
	return nil
}

// closeLogs closes the logs of nodes that will not be started.
func (s *session) closeLogs() error {
	var errs []error
	for _, n := range s.nodes {
		errs = append(errs, n.log.Close())
	}
	return errors.Join(errs...)
}

func (s *session) newNode(index int, dir string, own, bootstrap address) (*node, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	values := map[string]string{
		suite.PlaceholderDir:         dir,
		suite.PlaceholderListen:      join(own.listen),
		suite.PlaceholderListenPort:  strconv.Itoa(own.listen),
		suite.PlaceholderControl:     join(own.control),
		suite.PlaceholderControlPort: strconv.Itoa(own.control),
		suite.PlaceholderBootstrap:   join(bootstrap.listen),
		suite.PlaceholderIndex:       strconv.Itoa(index),
		suite.PlaceholderBinary:      s.Binary,
	}
	config := s.Suite.Node
	if config.Config != "" {
		text := suite.Expand(config.Config, values)
		if err := os.WriteFile(filepath.Join(dir, contain.ConfigFile), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(dir, contain.LogFile))
	if err != nil {
		return nil, err
	}
	args := append(slices.Clip(config.Args), s.scenario.Args...)
	if index > 0 {
		args = append(args, config.BootstrapArgs...)
	}
	n := &node{
		index: index, dir: dir, control: join(own.control), logPath: log.Name(), log: log, parsers: map[string]*scrape.Parser{}, hurry: make(chan struct{}, 1),
	}
	n.listen = join(own.listen)
	n.command = proc.Command{Path: s.Binary, Dir: cmp.Or(s.Project, dir), Log: log, Hold: s.trace.cell.Hold}
	for _, arg := range args {
		n.command.Args = append(n.command.Args, suite.Expand(arg, values))
	}
	environment := map[string]string{}
	for name, value := range config.Env {
		environment[name] = suite.Expand(value, values)
	}
	n.command.Env = suite.Environ(os.Environ(), environment)
	return n, nil
}

func join(port int) string { return loopback + ":" + strconv.Itoa(port) }
