// Package workload plans what nodes are asked to do under load: which operation is due when, at which node. It knows no clock
// and no network: the same workload, nodes and run give the same plan.
package workload

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// Kind is what one operation does.
type Kind string

// The kinds of operation.
const (
	Publish  Kind = "publish"   // a message of Bytes from Node to all
	Put      Kind = "put"       // a record of Bytes, put at Node
	Get      Kind = "get"       // that record, got at Node, which may not answer from its own store
	GetLocal Kind = "get_local" // that record, got at Node, where it was put
	Transfer Kind = "transfer"  // Bytes from Node to To
	Connect  Kind = "connect"   // a fresh connection from Node to To
)

// Operation is one thing that is asked of a node.
type Operation struct {
	// At is when it is due, from the beginning of the load.
	At   time.Duration
	Kind Kind
	// Node is the index of the node that is asked, To that of the other node of a transfer or connection.
	Node, To int
	// Key names the message or the record, once in all runs of all workloads.
	Key string
	// Bytes is the size of the message, record or transfer.
	Bytes int64
	// Warmup says that the operation is done and not counted.
	Warmup bool
}

// transferWarmup is the part of a transfer, one in so many bytes, that goes before it and is not measured: the connection
// finds its rate meanwhile.
const transferWarmup = 8

// WarmupBytes is what goes over the stream of a transfer before the bytes that are measured.
func (o Operation) WarmupBytes() int64 {
	if o.Kind != Transfer {
		return 0
	}
	return o.Bytes / transferWarmup
}

// settle is how long after a record was due to be put it is got: long enough for it to have reached other nodes, and both
// have their moments from the same plan, however long the put takes.
const settle = time.Second

// Plan returns the operations of a scenario's workloads in the order in which they are due. Run tells runs apart: each has
// moments and nodes of its own, and those of the same number are the same on every machine and for every subject.
func Plan(s suite.Scenario, run int) []Operation {
	var all []Operation
	for i, w := range s.Workloads {
		p := planner{
			workload: w, nodes: s.Nodes, load: s.Load(), name: fmt.Sprintf("%s-%d-%d", w.Kind, i, run),
			random: rand.New(rand.NewPCG(w.Seed, uint64(run)<<16|uint64(i))),
		}
		all = append(all, p.plan()...)
	}
	slices.SortStableFunc(all, func(a, b Operation) int { return cmp.Compare(a.At, b.At) })
	return all
}

type planner struct {
	workload suite.Workload
	nodes    int
	load     time.Duration
	name     string
	random   *rand.Rand
}

// plan makes the operations of one workload.
func (p planner) plan() []Operation {
	var all []Operation
	for i, at := range p.moments() {
		o := Operation{
			At: at, Node: p.random.IntN(p.nodes), Key: fmt.Sprintf("%s-%d", p.name, i), Bytes: p.workload.Size,
			Warmup: at < p.workload.Warmup,
		}
		o.To = (o.Node + 1 + p.random.IntN(p.nodes-1)) % p.nodes // another one, each as likely
		switch p.workload.Kind {
		case suite.Publish:
			o.Kind = Publish
		case suite.Transfer:
			o.Kind = Transfer
		case suite.Connect:
			o.Kind = Connect
		case suite.DHT:
			all = append(all, p.record(o)...)
			continue
		}
		all = append(all, o)
	}
	return all
}

// record puts a record, and gets it where it was put and at another node, as far as the load lasts.
func (p planner) record(put Operation) []Operation {
	put.Kind = Put
	there, here := put, put
	there.Kind, there.Node, here.Kind = Get, put.To, GetLocal
	there.At, here.At = put.At+settle, put.At+settle
	there.To, here.To, put.To = 0, 0, 0
	if there.At >= p.load {
		return []Operation{put}
	}
	return []Operation{put, there, here}
}

// moments are when the operations are due, before the load ends. Those of a Poisson process have exponential distances
// (Kingman, Poisson Processes, 1993, section 4.1); constant ones begin half a distance after the load does.
func (p planner) moments() []time.Duration {
	mean := float64(time.Second) / p.workload.Rate
	var all []time.Duration
	next := mean / 2
	if p.workload.Arrival == suite.Poisson {
		next = mean * p.random.ExpFloat64()
	}
	for next < float64(p.load) {
		all = append(all, time.Duration(next))
		if p.workload.Arrival == suite.Poisson {
			next += mean * p.random.ExpFloat64()
			continue
		}
		next = mean * (float64(len(all)) + 0.5)
	}
	return all
}
