package suite

import (
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// WorkloadKind is what nodes are asked to do under load.
type WorkloadKind string

// The kinds of workload.
const (
	Publish  WorkloadKind = "publish"  // a message to all nodes
	DHT      WorkloadKind = "dht"      // a record put at one node, and got at it and at another
	Transfer WorkloadKind = "transfer" // a stream of bytes from one node to another, one at a time
	Connect  WorkloadKind = "connect"  // a fresh connection from one node to another
)

// Arrival is how operations follow one another.
type Arrival string

// The arrivals.
const (
	Constant Arrival = "constant" // at equal distances
	Poisson  Arrival = "poisson"  // each moment as likely as any other
)

// Workload is one stream of operations, in the second half of the steady window. The operations are due at moments that do
// not depend on how fast nodes answer (an open loop), so that a node that stalls cannot hide it.
type Workload struct {
	Kind WorkloadKind
	// Rate is the number of operations per second of the whole network, above 0.
	Rate float64
	// Size is the bytes of a message, record or transfer; 0 for Connect.
	Size    int64
	Arrival Arrival
	// Warmup is how long operations are done and not counted at first, 0 for not at all.
	Warmup time.Duration
	// Seed makes the moments and the nodes; the same seed makes the same for the same number of nodes and run.
	Seed uint64
}

// wireWorkload is [[scenario.workload]].
type wireWorkload struct {
	Kind    string   `toml:"kind" example:"\"publish\""`
	Rate    *float64 `toml:"rate" example:"10.0"`
	Size    *string  `toml:"size" example:"\"1KiB\""`
	Arrival *string  `toml:"arrival"`
	Warmup  *string  `toml:"warmup" example:"\"1s\""`
	Seed    *int64   `toml:"seed"`
}

const (
	defaultWorkloadWarmup = time.Second
	defaultSeed           = 1
	maxRate               = 10_000
)

// WorkloadKinds returns the kinds.
func WorkloadKinds() []string {
	return []string{string(Publish), string(DHT), string(Transfer), string(Connect)}
}

// defaultRate is one that five nodes on two cores serve without effort, maxSize what a node may be asked to take at once.
func (k WorkloadKind) defaultRate() float64 {
	switch k {
	case Transfer:
		return 1
	case Connect:
		return 5
	default:
		return 10
	}
}

func (k WorkloadKind) defaultSize() int64 {
	switch k {
	case Transfer:
		return 16 << 20
	case Connect:
		return 0
	default:
		return 1 << 10
	}
}

// minSize is what a message or record needs at least: docs/PROBE.md.
func (k WorkloadKind) minSize() int64 {
	if k == Publish {
		return 128
	}
	return 1
}

func (k WorkloadKind) maxSize() int64 {
	switch k {
	case Transfer:
		return 4 << 30
	case Connect:
		return 0
	default:
		return 512 << 10
	}
}

func (r *resolver) workloads(wire []wireWorkload, at tomlfile.Path) []Workload {
	var all []Workload
	for i, w := range wire {
		all = append(all, r.workload(w, at.Index(i)))
	}
	return all
}

func (r *resolver) workload(wire wireWorkload, at tomlfile.Path) Workload {
	kind := WorkloadKind(wire.Kind)
	r.oneOf(wire.Kind, WorkloadKinds(), at.Key("kind"))
	w := Workload{
		Kind: kind, Rate: or(wire.Rate, kind.defaultRate()), Size: r.size(wire.Size, kind.defaultSize(), at.Key("size")),
		Arrival: Arrival(or(wire.Arrival, string(Constant))), Warmup: defaultWorkloadWarmup, Seed: defaultSeed,
	}
	if wire.Warmup != nil {
		w.Warmup = r.duration(wire.Warmup, defaultWorkloadWarmup, at.Key("warmup"))
	}
	if wire.Seed != nil {
		w.Seed = uint64(max(*wire.Seed, 0))
		if *wire.Seed < 0 {
			r.problems.Add(at.Key("seed"), "a whole number from 0 on", "%d", *wire.Seed)
		}
	}
	r.oneOf(string(w.Arrival), []string{string(Constant), string(Poisson)}, at.Key("arrival"))
	if slices.Contains(WorkloadKinds(), wire.Kind) {
		r.checkWorkload(w, wire, at)
	}
	return w
}

func (r *resolver) checkWorkload(w Workload, wire wireWorkload, at tomlfile.Path) {
	if !(w.Rate > 0 && w.Rate <= maxRate) { // NaN is neither
		r.problems.Add(at.Key("rate"), fmt.Sprintf("operations per second of the whole network, above 0 and at most %d", maxRate), "%v", w.Rate)
	}
	switch {
	case w.Kind == Connect && wire.Size != nil:
		r.problems.Add(at.Key("size"), "leave it out", "a connection has no size")
	case w.Kind != Connect && (w.Size < w.Kind.minSize() || w.Size > w.Kind.maxSize()):
		r.problems.Add(at.Key("size"), fmt.Sprintf("from %dB to %s", w.Kind.minSize(), metric.Format(float64(w.Kind.maxSize()), metric.Bytes)), "%d bytes", w.Size)
	}
	if w.Warmup < 0 {
		r.problems.Add(at.Key("warmup"), "a length of time from 0 on", "%v", w.Warmup)
	}
}

// size reads a number of bytes such as "1KiB". What is none is a problem and gives the default.
func (r *resolver) size(text *string, absent int64, at tomlfile.Path) int64 {
	if text == nil {
		return absent
	}
	bytes, err := metric.Parse(*text, metric.Bytes)
	if err != nil || bytes != float64(int64(bytes)) {
		r.problems.Add(at, "write a number and a unit: 512B, 1KiB, 8MiB", "%q is no number of bytes", *text)
		return absent
	}
	return int64(bytes)
}

// Load is how long the network is under load: the second half of the steady window, 0 without a workload.
func (s Scenario) Load() time.Duration {
	if len(s.Workloads) == 0 {
		return 0
	}
	return s.Duration / 2
}

// workloadProblems are those that need the whole scenario.
func (s Scenario) workloadProblems() []problem {
	var all []problem
	for _, w := range s.Workloads {
		switch {
		case s.Nodes < 2:
			all = append(all, problem{"workload", "a workload needs two nodes", "give the network more nodes"})
		case w.Warmup >= s.Load():
			all = append(all, problem{"workload", fmt.Sprintf("a warm-up of %v leaves nothing of a load of %v, the second half of the steady window", w.Warmup, s.Load()), "shorten warmup or lengthen duration"})
		}
	}
	return all
}
