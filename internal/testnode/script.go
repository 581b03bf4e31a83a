package testnode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Script says what each scripted node of a network does. All times are milliseconds since the start of the node's own
// process. The zero Script is a node that is ready at once, has no peers and lives until it is stopped.
//
// As JSON:
//
//	{"defaults": {"peers": [{"at_ms": 200, "peers": 4}]},
//	 "nodes": {"2": {"end": {"at_ms": 900, "signal": "SIGSEGV"}}}}
type Script struct {
	// LifetimeMS is when a node ends itself whatever happens, so that nothing leaks. 0: ten minutes. At most one hour.
	LifetimeMS int64 `json:"lifetime_ms,omitzero"`
	// Size is the number of nodes from which peer ids are derived. 0: one more than the node has peers.
	Size int `json:"size,omitzero"`
	// Together lets the times of Peers count from the instant at which Size nodes run, as the nodes tell one another over
	// --listen and --bootstrap (TCP) before anything else: then no gauge counts a node that was not launched.
	Together bool `json:"together,omitzero"`
	// Requests has every request written down as [EventRequest]. A node that is asked often uses more CPU and disk then.
	Requests bool `json:"requests,omitzero"`
	// Defaults hold for every node.
	Defaults Node `json:"defaults,omitzero"`
	// Nodes are exceptions by index. A group (a field of Node) that is set replaces the default's group as a whole; an
	// empty list that is not nil takes the default's list away.
	Nodes map[int]Node `json:"nodes,omitzero"`
}

// Node is what one node does, in groups. A group that is absent leaves the harmless behaviour.
type Node struct {
	Start   *Start   `json:"start,omitzero"`
	Gauge   *Gauge   `json:"gauge,omitzero"`
	Peers   []Peers  `json:"peers,omitzero"` // 0 before the first
	Pages   []Page   `json:"pages,omitzero"` // PageMetrics before the first
	Probe   *Probe   `json:"probe,omitzero"`
	Links   []Link   `json:"links,omitzero"` // nil: none, and --listen is UDP; not nil: --listen is TCP alone
	Work    *Work    `json:"work,omitzero"`
	End     *End     `json:"end,omitzero"`
	Signals *Signals `json:"signals,omitzero"`
	Child   *Child   `json:"child,omitzero"`
	Memory  *Memory  `json:"memory,omitzero"`
	CPU     *CPU     `json:"cpu,omitzero"`
	Writes  []Write  `json:"writes,omitzero"`
	Log     []Line   `json:"log,omitzero"`
}

// Start is how a node comes up.
type Start struct {
	ListenAfterMS int64  `json:"listen_after_ms,omitzero"` // connections to the control address are refused before
	ReadyAfterMS  int64  `json:"ready_after_ms,omitzero"`  // /health answers 503 before
	Never         bool   `json:"never,omitzero"`           // never ready
	Body          string `json:"body,omitzero"`            // of /health instead of its JSON, as it is
}

// Gauge is how the peer count stands on the metrics page.
type Gauge struct {
	Series string `json:"series,omitzero"` // "": communitas_peers_connected; may have labels
	Absent bool   `json:"absent,omitzero"` // a page without it
	Extra  string `json:"extra,omitzero"`  // further text of the page, before the gauge, as it is
}

// Peers changes the peer count.
type Peers struct {
	AtMS  int64 `json:"at_ms,omitzero"`
	Peers Value `json:"peers"`
	// IDs is what /probe/peers then lists. nil: derived from the count, the same way by every node, so that j is in i's
	// list whenever i is in j's if all have the same count. A count that is no whole number keeps the list before it.
	IDs []string `json:"ids,omitzero"`
}

// Value is the text of the gauge: a number as it is written ("4", "4.0", "4e0") or anything at all ("NaN", "abc").
// In JSON it is a number, whose spelling is kept, or a string.
type Value string

// UnmarshalJSON takes a number or a string.
func (v *Value) UnmarshalJSON(data []byte) error {
	var number json.Number
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(v))
	}
	if bytes.Equal(data, []byte("null")) {
		return errors.New("peers is null; write a number or a string")
	}
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	*v = Value(number)
	return nil
}

// Count returns the value's number of peers, and whether it is one: a whole number from 0 to 10000.
func (v Value) Count() (int, bool) {
	number, err := strconv.ParseFloat(string(v), 64)
	if err != nil || number < 0 || number > 10000 || number != float64(int(number)) {
		return 0, false
	}
	return int(number), true
}

// Page changes what the metrics page does.
type Page struct {
	AtMS int64 `json:"at_ms,omitzero"`
	Mode Mode  `json:"mode"`
}

// Mode is a behaviour of the metrics page.
type Mode string

// Behaviours of the metrics page. Each but the first is a fault that must not be read as a peer count.
const (
	PageMetrics   Mode = "metrics"    // the page as it should be
	PageEmpty     Mode = "empty"      // 200 and no byte
	PageHTML      Mode = "html"       // 200 and a web page
	PageHuge      Mode = "huge"       // ten MiB of other series, the gauge at the very end
	PageDrip      Mode = "drip"       // one byte every 100 ms
	PageStatus500 Mode = "status_500" // the right page, with HTTP 500
	PageReset     Mode = "reset"      // the connection is reset
	PageTruncated Mode = "truncated"  // ends before the length that it announced
	PageHang      Mode = "hang"       // accepted and never answered
)

// Probe is how /probe/peers lies.
type Probe struct {
	ID        string   `json:"id,omitzero"`         // of this node; "": node-INDEX
	Phantom   []string `json:"phantom,omitzero"`    // ids listed in addition that nobody has
	KeepStale bool     `json:"keep_stale,omitzero"` // peers that were lost stay listed
	Absent    bool     `json:"absent,omitzero"`     // answers 404: a node of level L1
}

// Link is real TCP connections to the node at --bootstrap, which for the bootstrap itself are none: a star whatever the gauges
// say. Those of the time 0 are there before nodes are Together.
type Link struct {
	AtMS    int64 `json:"at_ms,omitzero"`
	UntilMS int64 `json:"until_ms,omitzero"` // 0: until the node ends
	Count   int   `json:"count,omitzero"`    // 0: one; at most 100
}

// End makes the node end by itself: before anything else when AtMS is 0.
type End struct {
	AtMS   int64  `json:"at_ms,omitzero"`
	Code   int    `json:"code,omitzero"`   // exit code, 0 to 255
	Signal string `json:"signal,omitzero"` // or the signal that it dies of, like SIGSEGV
}

// Signals is how the node takes SIGINT and SIGTERM. By default SIGINT ends it with 0 and it dies of SIGTERM.
type Signals struct {
	IgnoreINT   bool  `json:"ignore_int,omitzero"`
	IgnoreTERM  bool  `json:"ignore_term,omitzero"`
	StopAfterMS int64 `json:"stop_after_ms,omitzero"` // from SIGINT until the end
}

// Child makes the node start a process that outlives it.
type Child struct {
	AtMS int64     `json:"at_ms,omitzero"`
	Kind ChildKind `json:"kind"`
	// LifetimeMS is when the child ends itself. 0: one minute. At most ten minutes.
	LifetimeMS int64 `json:"lifetime_ms,omitzero"`
	Stubborn   bool  `json:"stubborn,omitzero"` // ignores SIGINT, SIGTERM and SIGHUP
}

// ChildKind is how a child is started.
type ChildKind string

// Kinds of children.
const (
	ChildPlain  ChildKind = "plain"  // in the node's process group, with the node's stderr held open
	ChildDaemon ChildKind = "daemon" // forked twice, in a session of its own, without the node's stderr
)

// Memory is memory that the node holds: every page of it is written to.
type Memory struct {
	AtMS             int64 `json:"at_ms,omitzero"`
	MiB              int   `json:"mib,omitzero"`
	GrowKiBPerSecond int   `json:"grow_kib_per_second,omitzero"` // from AtMS on, without end
}

// CPU is CPU time that the node uses.
type CPU struct {
	FromMS  int64   `json:"from_ms,omitzero"`
	UntilMS int64   `json:"until_ms,omitzero"` // 0: without end
	Cores   float64 `json:"cores"`             // above 0, at most 64; 0.25 is a quarter of one core
}

// Write is a file in storage that is written and synced.
type Write struct {
	AtMS  int64 `json:"at_ms,omitzero"`
	Bytes int64 `json:"bytes"`
}

// Line is a line on stderr.
type Line struct {
	AtMS   int64  `json:"at_ms,omitzero"`
	Text   string `json:"text"`
	Repeat int    `json:"repeat,omitzero"` // how often; 0: once
}

// ParseScript reads a script. Unknown keys, impossible times and unknown names are errors.
func ParseScript(data []byte) (Script, error) {
	var script Script
	if err := decodeStrictly(data, &script); err != nil {
		return Script{}, fmt.Errorf("parse script: %w", err)
	}
	if err := script.check(); err != nil {
		return Script{}, fmt.Errorf("parse script: %w", err)
	}
	return script, nil
}

// JSON returns the script as JSON. It panics when the script is wrong, since it was written in a test.
func (s Script) JSON() string {
	if err := s.check(); err != nil {
		panic(fmt.Sprintf("testnode: %v", err))
	}
	data, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("testnode: %v", err))
	}
	return string(data)
}

// Env returns the environment variables, as "NAME=value", that give a node the script and its index. It panics like JSON.
func (s Script) Env(index int) []string {
	return []string{ScriptVariable + "=" + s.JSON(), IndexVariable + "=" + strconv.Itoa(index)}
}

// Node returns what the node of that index does: the defaults with its exceptions.
func (s Script) Node(index int) Node {
	base, own := s.Defaults, s.Nodes[index]
	return Node{
		Start:   cmp.Or(own.Start, base.Start),
		Gauge:   cmp.Or(own.Gauge, base.Gauge),
		Peers:   orList(own.Peers, base.Peers),
		Pages:   orList(own.Pages, base.Pages),
		Probe:   cmp.Or(own.Probe, base.Probe),
		Links:   orList(own.Links, base.Links),
		Work:    cmp.Or(own.Work, base.Work),
		End:     cmp.Or(own.End, base.End),
		Signals: cmp.Or(own.Signals, base.Signals),
		Child:   cmp.Or(own.Child, base.Child),
		Memory:  cmp.Or(own.Memory, base.Memory),
		CPU:     cmp.Or(own.CPU, base.CPU),
		Writes:  orList(own.Writes, base.Writes),
		Log:     orList(own.Log, base.Log),
	}
}

func orList[E any](own, base []E) []E {
	if own != nil {
		return own
	}
	return base
}
