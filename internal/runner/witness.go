package runner

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
)

// MachineFile is the name of the file of a run that keeps what the machine did meanwhile.
const MachineFile = "machine.jsonl"

// Disturbed says what becomes of a run during which the machine was busy with something else.
type Disturbed string

// The ways to treat disturbed runs.
const (
	Retry Disturbed = ""     // no figure of it counts, and it is measured again, up to a bound
	Keep  Disturbed = "keep" // its figures count, with a remark
)

// witness looks at the machine while a run goes on. It belongs to the goroutine of the session.
type witness struct {
	watch *host.Watch
	// nodesCPU is the CPU time of all nodes so far, with that of nodes that have ended.
	nodesCPU func() (time.Duration, error)
	samples  []result.MachineSample
	missing  []string
}

// look takes a sample; mark says which moment it is, "" for none.
func (w *witness) look(mark string) {
	sample := w.watch.Read()
	sample.Mark = mark
	if cpu, err := w.nodesCPU(); err == nil {
		seconds := cpu.Seconds()
		sample.NodesCPUSeconds = &seconds
	} else if len(w.missing) == 0 {
		w.missing = []string{"the CPU time of the nodes: " + err.Error()}
	}
	w.samples = append(w.samples, sample)
}

// machine is what all samples say.
func (w *witness) machine() *result.Machine {
	m := measure.Machine(w.samples)
	m.Missing = append(w.watch.Missing(), w.missing...)
	return &m
}

// write keeps the samples in a folder.
func (w *witness) write(dir string) error {
	return store.WriteFile(filepath.Join(dir, MachineFile), func(out io.Writer) error {
		lines := bufio.NewWriter(out)
		encoder := json.NewEncoder(lines)
		for _, sample := range w.samples {
			if err := encoder.Encode(sample); err != nil {
				return err
			}
		}
		return lines.Flush()
	})
}

// witnessPeriod is the time between two looks at the machine within a phase.
const witnessPeriod = time.Second

// watchMachine lets the session look at the machine, and at what nodes make of its disk, until the context ends.
func (s *session) watchMachine(ctx context.Context) {
	every(ctx, schedule{start: time.Now().Add(witnessPeriod), period: always(witnessPeriod)}, func() bool {
		s.send(ctx, func(s *session) {
			s.witness.look("")
			s.boundLogs()
		})
		return true
	})
}

// mostLogged is how many bytes a node may write to its log in one run: far more than anybody reads. One that prints in a loop writes
// that in seconds, and would fill the disk in minutes.
const mostLogged = 256_000_000

// boundLogs ends the run when a node floods its log.
func (s *session) boundLogs() {
	most := cmp.Or(s.mostLog, mostLogged)
	for _, n := range s.nodes {
		if info, err := os.Stat(n.logPath); err == nil && info.Size() > most && s.network.Failure == "" {
			s.fail(result.FindingLogFlood, n.index, fmt.Sprintf("it has written %s to its log, and %s is the most in one run: let it say less (env = { RUST_LOG = \"warn\" })",
				metric.Format(float64(info.Size()), metric.Bytes), metric.Format(float64(most), metric.Bytes)))
		}
	}
}

// cpuOf adds up the CPU time of processes. One that has ended counts with what was last seen of it.
type cpuOf struct {
	last map[int]time.Duration // by node
}

func (c *cpuOf) sum(nodes []*node) time.Duration {
	var sum time.Duration
	for _, n := range nodes {
		if n.process == nil {
			continue
		}
		if used, err := proc.ReadCPU(n.process.PID()); err == nil && !n.ended() {
			c.last[n.index] = used
		}
		sum += c.last[n.index]
	}
	return sum
}

// newWitness makes the witness of a session, whose nodes are yet to come. A cell knows the CPU time of all that nodes have
// started as well; where it does not tell, that of the nodes has to do.
func newWitness(s *session) *witness {
	seen := cpuOf{last: map[int]time.Duration{}}
	return &witness{watch: host.NewWatch(), nodesCPU: func() (time.Duration, error) {
		if used, known := s.trace.cell.CPU(); known {
			return used, nil
		}
		return seen.sum(s.nodes), nil
	}}
}
