package main

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// overhead is about what a run takes beside its steady window, for the time to go.
const overhead = 300 * time.Millisecond

// display shows how a measurement goes on: a line for each build and run, and on a terminal a live line below them.
type display struct {
	out         io.Writer
	live, quiet bool
	// expected is how long a run of each scenario takes, total all runs together.
	expected map[string]time.Duration
	total    time.Duration
	// warmup is how many warm-up runs each scenario has.
	warmup map[string]int

	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil when there is no live line
	runs  bool                     // the bar is that of the runs, else a build's
	done  time.Duration            // what the runs that have ended were expected to take
	begun time.Time                // of the run that goes on
	until time.Duration            // what it is expected to take
	stop  chan struct{}
	ended sync.WaitGroup
}

func (p *program) display(s *suite.Suite) *display {
	_, live := terminal(p.stderr)
	d := &display{
		out: p.stderr, live: live && colourful(p.stderr) && !p.quiet, quiet: p.quiet,
		expected: map[string]time.Duration{}, warmup: map[string]int{}, stop: make(chan struct{}),
	}
	for _, scenario := range s.Scenarios {
		d.expected[scenario.Name], d.warmup[scenario.Name] = scenario.Duration+overhead, scenario.Warmup
		d.total += time.Duration(scenario.Warmup+scenario.Runs) * d.expected[scenario.Name]
	}
	if d.live {
		d.ended.Go(d.tick)
	}
	return d
}

// take shows a moment. It is called from the measurement and returns at once.
func (d *display) take(m gate.Progress) {
	if d.quiet {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case m.Run != nil:
		d.run(*m.Run, m)
	case m.Look != nil:
		d.look(*m.Look)
	case m.Built != nil:
		d.clear()
		size := ""
		if m.Built.Path != "" {
			size = " " + metric.Format(float64(m.Built.Size), metric.Bytes)
		}
		fmt.Fprintf(d.out, "%sbuilt%s in %s (%s of CPU time)\n", sidePrefix(m), size,
			metric.Format(m.Built.Wall.Seconds(), metric.Seconds), metric.Format(m.Built.CPU.Seconds(), metric.Seconds))
	default:
		fmt.Fprintf(d.out, "%sbuilding: %s\n", sidePrefix(m), m.Building)
		if d.live {
			d.bar = d.newBar(-1, "building")
		}
	}
}

func (d *display) run(p runner.Progress, m gate.Progress) {
	name := runName(p, m)
	if p.Phase == runner.Waiting {
		d.wait(name, p)
		return
	}
	if p.Phase != runner.Done {
		d.goOn(name+", "+string(p.Phase), p)
		return
	}
	if p.Again {
		d.total += d.expected[p.Scenario]
	}
	d.done += d.expected[p.Scenario]
	d.until = 0
	if d.bar != nil {
		_ = d.bar.Clear() // a display that cannot be written is no reason to stop measuring
	}
	fmt.Fprintf(d.out, "%s: %s\n", name, outcome(p))
}

// runName names a run: the number in its scenario, or in a trial the block, the pair and the side.
func runName(p runner.Progress, m gate.Progress) string {
	name := fmt.Sprintf("%s: run %d of %d", p.Scenario, p.Run, p.Runs)
	switch {
	case p.Warmup:
		name = fmt.Sprintf("%s: warm-up %d of %d", p.Scenario, p.Run, p.Runs)
	case m.Side != "":
		name = fmt.Sprintf("%s: block %d, pair %d of at most %d", p.Scenario, m.Block, p.Run, p.Runs)
	}
	if m.Side != "" {
		name += ", " + m.Side
	}
	if p.Nodes > 0 { // a benchmark has none
		name += fmt.Sprintf(", %d nodes", p.Nodes)
	}
	return name
}

// outcome says what came of a run.
func outcome(p runner.Progress) string {
	text := cmp.Or(p.Note, "measured") + " in " + metric.Format(p.Elapsed.Seconds(), metric.Seconds)
	switch {
	case p.Again && p.Disturbed == "":
		return text + ", measured again"
	case p.Again:
		return fmt.Sprintf("disturbed (%s), measured again", p.Disturbed)
	case p.Invalid && !p.Warmup:
		return fmt.Sprintf("%s, disturbed (%s): its figures do not count", text, p.Disturbed)
	case p.Disturbed != "":
		return fmt.Sprintf("%s, disturbed (%s)", text, p.Disturbed)
	}
	return text
}

// wait says that the run has to wait for the machine, and for how long at most.
func (d *display) wait(name string, p runner.Progress) {
	text := fmt.Sprintf("%s, waiting up to %v for a calm machine (%s)", name, p.Length, p.Note)
	if d.live {
		d.goOn(text, p)
		return
	}
	fmt.Fprintln(d.out, text)
}

// goOn moves the live line to another phase.
func (d *display) goOn(text string, p runner.Progress) {
	if !d.live {
		return
	}
	if p.Phase == runner.Starting {
		d.begun, d.until = time.Now(), d.expected[p.Scenario]
	}
	if p.Nodes == 0 { // nobody knows how long a benchmark takes
		d.clear()
		d.bar, d.runs = d.newBar(-1, text), false
		return
	}
	if !d.runs {
		d.clear()
		d.bar, d.runs = d.newBar(d.total.Milliseconds(), text), true
	}
	d.bar.Describe(text)
}

// newBar is a bar of that many milliseconds, or without a length one that only turns.
func (d *display) newBar(length int64, text string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(length,
		progressbar.OptionSetWriter(d.out), progressbar.OptionSetDescription(text), progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(length > 0), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSpinnerType(14), progressbar.OptionSetSpinnerChangeInterval(0))
}

// tick moves the live line on until the display ends.
func (d *display) tick() {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			d.move()
		case <-d.stop:
			return
		}
	}
}

func (d *display) move() {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.bar == nil:
	case d.runs:
		now := d.done + min(time.Since(d.begun), d.until)
		_ = d.bar.Set64(min(now, d.total-time.Millisecond).Milliseconds())
	default:
		_ = d.bar.Add(1)
	}
}

func (d *display) clear() {
	if d.bar != nil {
		_ = d.bar.Clear()
		d.bar = nil
	}
}

// end takes the live line away.
func (d *display) end() {
	if d.live {
		close(d.stop)
		d.ended.Wait()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
}
