package instrument

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// ending is a way in which a measurement ends.
type ending struct {
	name string
	// signal is sent to perfgate at a random moment, 0 for none.
	signal syscall.Signal
	// node is what each node does beside being a peer.
	node testnode.Node
	// disk is the size of the file system for everything that perfgate writes, of which a random part is left; 0 is no limit.
	disk int64
	// codes are the exit codes that may come of it; of a killed process it is -1.
	codes []int
}

// endings are all ways. Nodes have a daemon in most of them: forked twice, in a session of its own, deaf to polite signals.
func endings() []ending {
	daemon := testnode.Node{Child: &testnode.Child{Kind: testnode.ChildDaemon, Stubborn: true, LifetimeMS: 600_000}}
	deaf := daemon
	deaf.Signals = &testnode.Signals{IgnoreINT: true, IgnoreTERM: true}
	crashing := daemon
	crashing.End = &testnode.End{AtMS: 250, Signal: "SIGKILL"}
	writing := daemon
	writing.Writes = []testnode.Write{{AtMS: 300, Bytes: 1 << 20}}
	return []ending{
		{name: "normal", node: testnode.Node{}, codes: []int{0}},
		{name: "SIGINT", signal: syscall.SIGINT, node: daemon, codes: []int{130, 0}},
		{name: "SIGTERM", signal: syscall.SIGTERM, node: daemon, codes: []int{130, 0}},
		{name: "SIGKILL", signal: syscall.SIGKILL, node: daemon, codes: []int{-1, 0}},
		{name: "deaf_nodes", node: deaf, codes: []int{0}},
		{name: "daemons", node: daemon, codes: []int{0}},
		{name: "crash", node: crashing, codes: []int{3}},
		{name: "full_disk", node: writing, disk: 24 << 20, codes: []int{0, 3}},
	}
}

// TestNothingSurvives ends measurements in every way, few times each. BenchmarkNothingSurvives does it often.
func TestNothingSurvives(t *testing.T) {
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			l := newSurvivorLab(t, e)
			l.patience = 2 * time.Minute
			for range 2 {
				l.end(e)
			}
			if l.worst != (survivors{}) {
				t.Errorf("%+v are left", l.worst)
			}
		})
	}
}

// BenchmarkNothingSurvives ends 20 measurements in every way and reports the most that was left five seconds after an end,
// and how long it took at most until nothing was.
func BenchmarkNothingSurvives(b *testing.B) {
	for _, e := range endings() {
		b.Run(e.name, func(b *testing.B) {
			l := newSurvivorLab(b, e)
			ends := 0
			for b.Loop() {
				for range 20 {
					l.end(e)
					ends++
				}
			}
			b.ReportMetric(float64(ends), "ends")
			b.ReportMetric(float64(l.worst.processes), "processes")
			b.ReportMetric(float64(l.worst.ports), "ports")
			b.ReportMetric(float64(l.worst.cgroups), "cgroups")
			b.ReportMetric(float64(l.worst.directories), "directories")
			b.ReportMetric(float64(l.slowest.Milliseconds()), "ms-until-gone")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// survivors counts what is left of a measurement.
type survivors struct{ processes, ports, cgroups, directories int }

// survivorLab ends measurements and looks for what is left of them.
type survivorLab struct {
	testing.TB
	perfgate, subject string
	// dir has all that perfgate writes: its state and the results.
	dir string
	// ports are all that nodes are told to use.
	ports  []int
	random *rand.Rand
	count  int
	// patience is for how long something may be left: five seconds, and in a test for as long as a busy machine may need.
	patience time.Duration
	worst    survivors
	slowest  time.Duration
}

const survivorNodes = 5

func newSurvivorLab(tb testing.TB, e ending) *survivorLab {
	tb.Helper()
	seed := uint64(time.Now().UnixNano())
	tb.Logf("seed %d", seed)
	l := &survivorLab{
		TB: tb, perfgate: testnode.BuildPerfgate(tb), subject: testnode.Build(tb, testnode.Scripted), dir: tb.TempDir(),
		random: rand.New(rand.NewPCG(seed, 0)), patience: 5 * time.Second,
	}
	if e.disk > 0 {
		l.mount(e.disk)
	}
	return l
}

// mount puts a small file system in the place of the folder.
func (l *survivorLab) mount(size int64) {
	l.Helper()
	if err := syscall.Mount("perfgate", l.dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		l.Skipf("a disk that can be filled needs the right to mount one: %v", err)
	}
	l.Cleanup(func() {
		if err := syscall.Unmount(l.dir, syscall.MNT_DETACH); err != nil {
			l.Error(err)
		}
	})
}

// end measures once, ends it, and counts what is left.
func (l *survivorLab) end(e ending) {
	l.Helper()
	l.count++
	home := filepath.Join(l.dir, strconv.Itoa(l.count))
	if err := os.Mkdir(home, 0o755); err != nil {
		l.Fatal(err)
	}
	if e.disk > 0 {
		l.fill(e.disk)
	}
	cmd := l.command(e, home)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		l.Fatal(err)
	}
	if e.signal != 0 {
		timer := time.AfterFunc(time.Duration(l.random.Int64N(int64(1500*time.Millisecond))), func() { _ = cmd.Process.Signal(e.signal) })
		defer timer.Stop()
	}
	_ = cmd.Wait() // the code is what counts
	ended := time.Now()
	unborn := e.signal != 0 && said.Len() == 0 && isEmpty(home) // the signal came before perfgate listened to any
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(e.codes, code) && !unborn {
		l.Errorf("%s: exit code %d, want one of %v; it said:\n%s", e.name, code, e.codes, said.String())
	}
	if cmd.ProcessState.ExitCode() == 3 && e.disk > 0 && !strings.Contains(said.String(), "no space left") {
		l.Logf("a full disk is called\n%s", said.String())
	}
	left := l.settle(cmd.Process.Pid, home)
	l.slowest = max(l.slowest, time.Since(ended))
	l.worst = survivors{
		max(l.worst.processes, left.processes), max(l.worst.ports, left.ports),
		max(l.worst.cgroups, left.cgroups), max(l.worst.directories, left.directories),
	}
	if err := os.RemoveAll(home); err != nil {
		l.Fatal(err)
	}
	_ = os.Remove(filepath.Join(l.dir, "filler"))
}

// isEmpty tells whether a folder has nothing in it.
func isEmpty(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == 0
}

// command measures two runs of about half a second.
func (l *survivorLab) command(e ending, home string) *exec.Cmd {
	script := testnode.Script{Size: survivorNodes, Together: true, Defaults: e.node, LifetimeMS: 600_000}
	script.Defaults.Peers = []testnode.Peers{{AtMS: 100, Peers: testnode.Value(strconv.Itoa(survivorNodes - 1))}}
	config := filepath.Join(l.TempDir(), "perfgate.toml")
	if err := os.WriteFile(config, []byte(survivorConfig), 0o644); err != nil {
		l.Fatal(err)
	}
	base := 12000 + 2*survivorNodes*((os.Getpid()+l.count)%600) // two of these tests at once share none
	l.ports = nil
	for i := range 2 * survivorNodes {
		l.ports = append(l.ports, base+i)
	}
	ctx, cancel := context.WithTimeout(l.Context(), 5*time.Minute)
	l.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, l.perfgate, "run", "--quiet", "--disturbed=keep", "--config", config, "--subject", l.subject, "--out", filepath.Join(home, "results"))
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+home, testnode.ScriptVariable+"="+script.JSON(),
		"BASE_PORT="+strconv.Itoa(base), "BASE_METRICS_PORT="+strconv.Itoa(base+survivorNodes))
	return cmd
}

const survivorConfig = `schema = "perfgate.config/1"
[subject]
name = "scripted"
binary = "scripted"
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}", "--index", "{index}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
probe = "/probe"
stop_timeout = "300ms"
[[scenario]]
name = "short"
nodes = 5
duration = "500ms"
quiet = "200ms"
runs = 2
warmup = 0
`

// fill leaves a random part of the disk.
func (l *survivorLab) fill(size int64) {
	l.Helper()
	file, err := os.Create(filepath.Join(l.dir, "filler"))
	if err != nil {
		l.Fatal(err)
	}
	err = syscall.Fallocate(int(file.Fd()), 0, 0, size-l.random.Int64N(size*3/4)-1)
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		l.Fatal(err)
	}
	if err := file.Close(); err != nil {
		l.Fatal(err)
	}
}

// settle counts what is left until nothing is, for as long as the laboratory has patience.
func (l *survivorLab) settle(pid int, home string) survivors {
	l.Helper()
	for begin := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		late := time.Since(begin) > l.patience // before the look: the machine may stand still between the two
		left := survivors{len(processesWith(home)), l.portsInUse(), len(cgroupsOf(pid)), len(l.foldersIn(home))}
		if left == (survivors{}) || late {
			if left != (survivors{}) {
				l.Logf("left: processes %v, cgroups %v, folders %v", processesWith(home), cgroupsOf(pid), l.foldersIn(home))
			}
			return left
		}
	}
}

// processesWith lists the processes that have the text on their command line or in their environment: perfgate, its guard,
// nodes, and whatever they have started.
func processesWith(text string) []string {
	var found []string
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		command, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		environ, _ := os.ReadFile(filepath.Join(folder, "environ"))
		if strings.Contains(string(command)+string(environ), text+"/") {
			found = append(found, fmt.Sprintf("%s %q", filepath.Base(folder), command))
		}
	}
	return found
}

func (l *survivorLab) portsInUse() int {
	used := 0
	for _, port := range l.ports {
		address := "127.0.0.1:" + strconv.Itoa(port)
		stream, err := net.Listen("tcp", address)
		if err == nil {
			_ = stream.Close()
		}
		packets, err2 := net.ListenPacket("udp", address)
		if err2 == nil {
			_ = packets.Close()
		}
		if err != nil || err2 != nil {
			used++
		}
	}
	return used
}

// cgroupsOf lists the cgroups of a process's containers, wherever the file system is mounted.
func cgroupsOf(pid int) []string {
	var found []string
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), fmt.Sprintf("perfgate-%d-", pid)) {
				found = append(found, path)
			}
			return nil // what goes meanwhile, or may not be read, is none of ours
		})
	}
	return found
}

// foldersIn lists what is not to stay in the results and the state.
func (l *survivorLab) foldersIn(home string) []string {
	var found []string
	for _, pattern := range []string{"results/.perfgate-*", "results/*/*/node-*/storage", "perfgate/live/*"} {
		paths, err := filepath.Glob(filepath.Join(home, pattern))
		if err != nil {
			l.Fatal(err)
		}
		found = append(found, paths...)
	}
	return found
}
