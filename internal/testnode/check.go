package testnode

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"time"
)

// Longest lifetimes, so that nothing that a test forgot stays.
const (
	maxLifetime      = time.Hour
	maxChildLifetime = 10 * time.Minute
	maxLinks         = 100 // of one entry
)

// Signals that a node may die of by script.
var endSignals = map[string]syscall.Signal{
	"SIGABRT": syscall.SIGABRT,
	"SIGBUS":  syscall.SIGBUS,
	"SIGKILL": syscall.SIGKILL,
	"SIGSEGV": syscall.SIGSEGV,
	"SIGTERM": syscall.SIGTERM,
}

// Number returns the signal that the end names, or 0 when it names none.
func (e End) Number() syscall.Signal {
	return endSignals[e.Signal]
}

// check returns what is wrong with the script, all of it.
func (s Script) check() error {
	var wrong complaints
	wrong.unless(0 <= s.LifetimeMS && s.LifetimeMS <= maxLifetime.Milliseconds(),
		"lifetime_ms %d: from 0 to %d", s.LifetimeMS, maxLifetime.Milliseconds())
	wrong.unless(s.Size >= 0, "size %d: not below 0", s.Size)
	wrong.unless(!s.Together || s.Size > 0, "together: needs size, the number of nodes")
	wrong.in("defaults", s.Defaults.check())
	for _, index := range slices.Sorted(maps.Keys(s.Nodes)) {
		wrong.unless(index >= 0, "nodes: index %d: not below 0", index)
		wrong.in(fmt.Sprintf("nodes.%d", index), s.Nodes[index].check())
	}
	return errors.Join(wrong...)
}

func (n Node) check() error {
	var wrong complaints
	wrong.in("start", n.Start.check())
	for _, peers := range n.Peers {
		wrong.time("peers", peers.AtMS)
	}
	for _, page := range n.Pages {
		wrong.time("pages", page.AtMS)
		wrong.unless(page.Mode.known(), "pages: mode %q: unknown", page.Mode)
	}
	for _, link := range n.Links {
		wrong.time("links", link.AtMS)
		wrong.unless(link.UntilMS == 0 || link.UntilMS > link.AtMS, "links: until_ms %d: 0 or after at_ms", link.UntilMS)
		wrong.unless(0 <= link.Count && link.Count <= maxLinks, "links: count %d: from 0 to %d", link.Count, maxLinks)
	}
	wrong.in("work", n.Work.check())
	wrong.in("end", n.End.check())
	if n.Signals != nil {
		wrong.time("signals", n.Signals.StopAfterMS)
	}
	wrong.in("child", n.Child.check())
	wrong.in("memory", n.Memory.check())
	wrong.in("cpu", n.CPU.check())
	for _, write := range n.Writes {
		wrong.time("writes", write.AtMS)
		wrong.unless(0 < write.Bytes && write.Bytes <= 1<<30, "writes: bytes %d: from 1 to 2^30", write.Bytes)
	}
	for _, line := range n.Log {
		wrong.time("log", line.AtMS)
		wrong.unless(line.Repeat >= 0, "log: repeat %d: not below 0", line.Repeat)
	}
	return errors.Join(wrong...)
}

func (s *Start) check() error {
	if s == nil {
		return nil
	}
	var wrong complaints
	wrong.time("listen_after_ms", s.ListenAfterMS)
	wrong.time("ready_after_ms", s.ReadyAfterMS)
	return errors.Join(wrong...)
}

func (e *End) check() error {
	if e == nil {
		return nil
	}
	var wrong complaints
	wrong.time("at_ms", e.AtMS)
	wrong.unless(0 <= e.Code && e.Code <= 255, "code %d: from 0 to 255", e.Code)
	wrong.unless(e.Signal == "" || e.Code == 0, "code and signal: one of them")
	wrong.unless(e.Signal == "" || e.Number() != 0, "signal %q: one of %q", e.Signal, slices.Sorted(maps.Keys(endSignals)))
	return errors.Join(wrong...)
}

func (c *Child) check() error {
	if c == nil {
		return nil
	}
	var wrong complaints
	wrong.time("at_ms", c.AtMS)
	wrong.unless(c.Kind == ChildPlain || c.Kind == ChildDaemon, "kind %q: %q or %q", c.Kind, ChildPlain, ChildDaemon)
	wrong.unless(0 <= c.LifetimeMS && c.LifetimeMS <= maxChildLifetime.Milliseconds(),
		"lifetime_ms %d: from 0 to %d", c.LifetimeMS, maxChildLifetime.Milliseconds())
	return errors.Join(wrong...)
}

func (m *Memory) check() error {
	if m == nil {
		return nil
	}
	var wrong complaints
	wrong.time("at_ms", m.AtMS)
	wrong.unless(0 <= m.MiB && m.MiB <= 4096, "mib %d: from 0 to 4096", m.MiB)
	wrong.unless(0 <= m.GrowKiBPerSecond && m.GrowKiBPerSecond <= 1<<20,
		"grow_kib_per_second %d: from 0 to 2^20", m.GrowKiBPerSecond)
	return errors.Join(wrong...)
}

func (c *CPU) check() error {
	if c == nil {
		return nil
	}
	var wrong complaints
	wrong.time("from_ms", c.FromMS)
	wrong.unless(c.UntilMS == 0 || c.UntilMS > c.FromMS, "until_ms %d: 0 or after from_ms", c.UntilMS)
	wrong.unless(0 < c.Cores && c.Cores <= 64, "cores %v: above 0, at most 64", c.Cores)
	return errors.Join(wrong...)
}

func (m Mode) known() bool {
	return slices.Contains([]Mode{PageMetrics, PageEmpty, PageHTML, PageHuge, PageDrip, PageStatus500, PageReset,
		PageTruncated, PageHang}, m)
}

// complaints collects what is wrong.
type complaints []error

func (c *complaints) unless(ok bool, format string, args ...any) {
	if !ok {
		*c = append(*c, fmt.Errorf(format, args...))
	}
}

func (c *complaints) time(name string, ms int64) {
	c.unless(0 <= ms && ms <= maxLifetime.Milliseconds(), "%s: %d ms: from 0 to %d", name, ms, maxLifetime.Milliseconds())
}

func (c *complaints) in(name string, err error) {
	if err != nil {
		*c = append(*c, fmt.Errorf("%s: %w", name, err))
	}
}
