package runner

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
)

// teardown stops every node, kills what does not stop, reads the logs, and removes what the nodes left.
func (s *session) teardown(ctx context.Context) {
	s.report(Stopping, s.Suite.Node.StopTimeout)
	s.crashes() // between the last look and now
	if err := s.trace.witness(); err != nil {
		s.Log.Warn("what there is of the run could not be counted", "error", err)
	}
	killed := make([]bool, len(s.nodes))
	var stopping sync.WaitGroup
	for i, n := range s.nodes {
		if n.process == nil {
			n.log.Close()
			continue
		}
		stopping.Go(func() { killed[i] = s.stop(n) })
	}
	stopping.Wait()
	if err := s.trace.erase(ctx); err != nil {
		s.findings = append(s.findings, result.Finding{Kind: result.FindingLeft, Node: -1, Text: err.Error()})
	}
	for i, n := range s.nodes {
		if n.process != nil && !n.crashed {
			s.judgeStop(n, killed[i])
		}
		if err := s.readLog(n); err != nil {
			s.fail(result.FindingUnreadable, i, err.Error())
		}
	}
}

// stop asks a process to end and kills it when it does not in time; whatever is left of its group is killed in any case.
func (s *session) stop(n *node) (killed bool) {
	defer func() { n.process.Kill(); <-n.process.Done() }()
	if err := n.process.Signal(s.Suite.Node.StopSignal); err != nil {
		s.Log.Warn("a node cannot be asked to stop", "node", n.index, "error", err)
		return true
	}
	timer := time.NewTimer(s.Suite.Node.StopTimeout)
	defer timer.Stop()
	select {
	case <-n.process.Done():
		return false
	case <-timer.C:
		return !n.ended() // both may have come while the machine stood still
	}
}

// judgeStop says what there is to say of the end of a node that was asked to end. A signal of its own making, or a panic,
// is a crash like any other.
func (s *session) judgeStop(n *node, killed bool) {
	signal, exit := s.Suite.Node.StopSignal, n.process.Exit()
	words := lastWords(n.logPath)
	note := func(text string) {
		s.findings = append(s.findings, result.Finding{Kind: result.FindingStop, Node: n.index, Text: text})
	}
	switch {
	case killed:
		note(fmt.Sprintf("did not stop within %v of %s and was killed", s.Suite.Node.StopTimeout, signal))
	case exit.Signal == signal, exit.Signal == "" && (exit.Code == 0 || exit.Code == shellCode(signal)):
	case exit.Signal != "", panicked(n.logPath):
		s.fail(result.FindingCrash, n.index, fmt.Sprintf("%s when it was to stop on %s%s", exit, signal, words))
	default:
		note(fmt.Sprintf("%s on %s%s", exit, signal, words))
	}
}

// shellCode is the exit status by which a program says that it ended because of a signal, by the custom of shells.
func shellCode(signal string) int {
	return map[string]int{"SIGHUP": 128 + 1, "SIGINT": 128 + 2, "SIGQUIT": 128 + 3, "SIGTERM": 128 + 15}[signal]
}

func (s *session) readLog(n *node) error {
	file, err := os.Open(n.logPath)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	defer file.Close()
	counts, err := measure.CountLog(file)
	if err != nil {
		return err
	}
	s.network.Nodes[n.index].Log = &counts
	return nil
}
