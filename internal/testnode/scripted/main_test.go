//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }

// running is a started node.
type running struct {
	*testnode.Process
	t       *testing.T
	storage string
}

// launch starts node 0 of the script on a free port.
func launch(t *testing.T, script testnode.Script, args ...string) running {
	t.Helper()
	return launchWith(t, script.Env(0), args...)
}

func launchWith(t *testing.T, env []string, args ...string) running {
	t.Helper()
	storage := filepath.Join(t.TempDir(), "storage")
	args = append([]string{"--storage", storage, "--listen", "127.0.0.1:0", "--metrics", "--metrics-addr", "127.0.0.1:0"}, args...)
	return running{testnode.Launch(t, testnode.Build(t, testnode.Scripted), env, args...), t, storage}
}

// only is a script in which all nodes do that.
func only(node testnode.Node) testnode.Script { return testnode.Script{Defaults: node} }

// url returns the address of a page, once the node listens.
func (r running) url(path string) string {
	return "http://" + r.Field("control server listening", "addr") + path
}

// events returns the truth so far.
func (r running) events() []testnode.Event {
	r.t.Helper()
	events, err := testnode.ReadTruth(filepath.Join(r.storage, testnode.TruthFile))
	if err != nil {
		r.t.Fatal(err)
	}
	return events
}

// await waits for an event and returns the first of its name.
func (r running) await(name string) testnode.Event {
	r.t.Helper()
	var found testnode.Event
	eventually(r.t, func() string {
		events, err := testnode.ReadTruth(filepath.Join(r.storage, testnode.TruthFile))
		event, ok := testnode.Find(events, name)
		if !ok || err != nil {
			return fmt.Sprintf("no event %s (%v); the log:\n%s", name, err, r.Log())
		}
		found = event
		return ""
	})
	return found
}

// eventually waits until nothing is wrong any more, for far longer than it should take, and ends the test when that does not come.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		late := time.Since(begin) > 2*time.Minute // before the look: the machine may stand still between the two
		last := wrong()
		if last == "" {
			return
		}
		if late {
			t.Fatal(last)
		}
	}
}

// names returns the names of the events, with = and the value where there is one.
func names(events []testnode.Event) string {
	var all []string
	for _, event := range events {
		name := event.Event
		if event.Value != "" {
			name += "=" + event.Value
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func TestReadyComesAfterListening(t *testing.T) {
	node := launch(t, only(testnode.Node{Start: &testnode.Start{ListenAfterMS: 30, ReadyAfterMS: 150, Body: "up\n"}}))
	url := node.url("/health")
	for {
		status, body := get(t, http.DefaultClient, url)
		if status == http.StatusOK && body == "up\n" {
			break
		}
		if status != http.StatusServiceUnavailable {
			t.Fatalf("before it is ready: %d %q, want 503", status, body)
		}
		time.Sleep(time.Millisecond)
	}
	events := node.events()
	if got, want := names(events), "start listening=127.0.0.1:0 ready"; got != want {
		t.Errorf("truth is %s, want %s", got, want)
	}
	if after := events[2].MonotonicNS - events[0].MonotonicNS; after < 150e6 {
		t.Errorf("ready %d ns after the start, want 150 ms or more", after)
	}
}

// interval is CLOCK_MONOTONIC in nanoseconds.
type interval struct{ low, high int64 }

// changesSeen looks at a node's gauge until it shows the last value: between the beginning of the last request that saw the old value
// and the end of the first that saw the new one.
func changesSeen(t *testing.T, url, until string) (changes []interval) {
	t.Helper()
	for last, lastBegin := "", int64(0); last != until; {
		begin := testnode.MonotonicNS()
		_, body := get(t, http.DefaultClient, url)
		end := testnode.MonotonicNS()
		value := strings.TrimSpace(body[strings.LastIndex(body, " ")+1:])
		if value != last && last != "" {
			changes = append(changes, interval{lastBegin, end})
		}
		last, lastBegin = value, begin
	}
	return changes
}

// TestTruthLiesBetweenTheSamples measures changes as perfgate does.
func TestTruthLiesBetweenTheSamples(t *testing.T) {
	script := only(testnode.Node{Peers: []testnode.Peers{{Peers: "1"}, {AtMS: 200, Peers: "4"}, {AtMS: 400, Peers: "2"}}})
	var node running
	var changes []interval
	for len(changes) != 2 && t.Context().Err() == nil { // on a busy machine a change may come before the first look, or two before the next
		node = launch(t, script)
		changes = changesSeen(t, node.url("/metrics"), "2")
	}
	events := node.events()
	if got, want := names(events), "start peers=1 ready listening=127.0.0.1:0 peers=4 peers=2"; got != want {
		t.Fatalf("truth is %s, want %s", got, want)
	}
	for i, change := range changes {
		if at := events[4+i].MonotonicNS; at < change.low || at > change.high {
			t.Errorf("change %d took place at %d, outside [%d, %d]", i, at, change.low, change.high)
		}
	}
}

func TestScriptComesFromAFile(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	script := testnode.Script{Nodes: map[int]testnode.Node{3: {End: &testnode.End{Code: 33}}, 4: {End: &testnode.End{Code: 44}}}}
	file := write("script.json", script.JSON())
	other := write("config.toml", "[storage]\nbase_dir = \"x\"\n")
	noScript := []string{testnode.ScriptVariable + "="}
	for name, test := range map[string]struct {
		env, args []string
		code      int
	}{
		"in the environment":           {script.Env(3), nil, 33},
		"the flag's index wins":        {script.Env(3), []string{"--index", "4"}, 44},
		"named in the environment":     {[]string{testnode.ScriptVariable + "=@" + file}, []string{"--index", "3"}, 33},
		"as configuration":             {noScript, []string{"--config", file, "--index", "4"}, 44},
		"beside another configuration": {script.Env(3), []string{"--config", other}, 33},
	} {
		t.Run(name, func(t *testing.T) {
			if code := launchWith(t, test.env, test.args...).Wait().ExitCode(); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
		})
	}
}

func TestTruthHasAFolderOfItsOwn(t *testing.T) {
	truth := t.TempDir()
	node := launch(t, only(testnode.Node{Writes: []testnode.Write{{Bytes: 7}}}), "--truth", truth)
	node.Line("control server listening")
	if _, err := os.Stat(filepath.Join(truth, testnode.TruthFile)); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(node.storage); err != nil || len(entries) != 1 || entries[0].Name() != "written-0.bin" {
		t.Errorf("in storage: %v, %v", entries, err)
	}
}

func TestRefusals(t *testing.T) {
	good := testnode.Script{}.Env(0)
	for name, test := range map[string]struct {
		env, args []string
		code      int
		want      string
	}{
		"an unknown key":   {[]string{testnode.ScriptVariable + `={"default": {}}`}, nil, exitUsage, `unknown field "default"`},
		"no script there":  {[]string{testnode.ScriptVariable + "=@/nonexistent"}, nil, exitUsage, "/nonexistent"},
		"no storage":       {good, []string{"--storage", ""}, exitUsage, "no --storage"},
		"an unknown flag":  {good, []string{"--verbose"}, exitUsage, "-verbose"},
		"a wrong index":    {good, []string{"--index", "first"}, exitUsage, `index "first"`},
		"a wrong address":  {good, []string{"--metrics-addr", "127.0.0.1"}, exitRuntime, "bind --metrics-addr"},
		"links nowhere":    {only(testnode.Node{Links: []testnode.Link{}}).Env(0), []string{"--listen", ""}, exitRuntime, "need --listen"},
		"a link to nobody": {only(testnode.Node{Links: []testnode.Link{{}}}).Env(0), []string{"--bootstrap", "127.0.0.1:1"}, exitRuntime, "link by script"},
		"a wrong QUIC one": {good, []string{"--listen", "127.0.0.1"}, exitRuntime, "bind --listen"},
	} {
		t.Run(name, func(t *testing.T) {
			node := launchWith(t, test.env, test.args...)
			if code := node.Wait().ExitCode(); code != test.code || !strings.Contains(node.Log(), test.want) {
				t.Errorf("exit code %d, want %d with %q in the log:\n%s", code, test.code, test.want, node.Log())
			}
		})
	}
}

func TestRequestsAreWrittenDown(t *testing.T) {
	for wanted, want := range map[bool]string{
		true:  "start ready listening=127.0.0.1:0 request=/health request=/metrics request=/nowhere",
		false: "start ready listening=127.0.0.1:0",
	} {
		node := launch(t, testnode.Script{Requests: wanted})
		for _, path := range []string{"/health", "/metrics", "/nowhere"} {
			get(t, http.DefaultClient, node.url(path))
		}
		if got := names(node.events()); got != want {
			t.Errorf("with requests %v: truth is %s, want %s", wanted, got, want)
		}
	}
}
