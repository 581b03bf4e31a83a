package instrument

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/testnode"
)

const togetherConfig = `schema = "perfgate.config/1"
[subject]
name = "scripted"
binary = "scripted"
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}", "--index", "{index}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
probe = "/probe"
[[scenario]]
name = "short"
nodes = 5
duration = "1s"
quiet = "500ms"
runs = 3
warmup = 0
`

// TestInvocationsAtOnce has four invocations of one project, which share all that they can: configuration, state, machine.
// Each has to end with all its samples, results of its own, and nothing left. They take the machine from one another, which
// each of them says, and is to keep its figures all the same.
func TestInvocationsAtOnce(t *testing.T) {
	const invocations = 4
	perfgate, subject := testnode.BuildPerfgate(t), testnode.Build(t, testnode.Scripted)
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "perfgate.toml"), []byte(togetherConfig), 0o644); err != nil {
		t.Fatal(err)
	}
	script := testnode.Script{Size: 5, Together: true, LifetimeMS: 600_000, Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: 50, Peers: "4"}}}}
	var state string
	var said, printed []strings.Builder
	var errs []error
	testnode.Unstalled(t, func() {
		state, errs = t.TempDir(), make([]error, invocations)
		said, printed = make([]strings.Builder, invocations), make([]strings.Builder, invocations)
		var all sync.WaitGroup
		for i := range invocations {
			cmd := exec.CommandContext(t.Context(), perfgate, "run", "--json", "--disturbed=keep", "--subject", subject)
			cmd.Dir, cmd.Stdout, cmd.Stderr = project, &printed[i], &said[i]
			cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state, testnode.ScriptVariable+"="+script.JSON())
			all.Go(func() { errs[i] = cmd.Run() })
		}
		all.Wait()
	})
	for i, err := range errs {
		if err != nil {
			t.Errorf("invocation %d: %v; it said:\n%s", i, err, said[i].String())
			continue
		}
		var results result.Results
		if err := json.Unmarshal([]byte(printed[i].String()), &results); err != nil {
			t.Fatal(err)
		}
		complete(t, &results)
	}
	kept, err := filepath.Glob(filepath.Join(state, "perfgate", "*", "results", "2*"))
	if err != nil || len(kept) != invocations {
		t.Errorf("results %v, %v, want %d", kept, err, invocations)
	}
	for _, dir := range kept {
		results, err := gate.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		complete(t, results)
	}
	if left, err := os.ReadDir(filepath.Join(state, "perfgate", "live")); err != nil || len(left) > 0 {
		t.Errorf("journals are left: %v, %v", left, err)
	}
}

// complete wants every run of the results to have formed, given every sample, and left nothing.
func complete(t *testing.T, r *result.Results) {
	t.Helper()
	if len(r.Runs) != 3 {
		t.Errorf("%d runs, want 3", len(r.Runs))
	}
	for _, run := range r.Runs {
		others := slices.ContainsFunc(run.Findings, func(f result.Finding) bool { return f.Kind != result.FindingDisturbed })
		if !run.Formed || run.Failure != "" || others || run.Cleanup == nil || !run.Cleanup.After.Empty() {
			t.Errorf("run %d: formed %v, failure %q, findings %v, cleanup %+v", run.Run, run.Formed, run.Failure, run.Findings, run.Cleanup)
		}
	}
	for _, name := range []string{"formation_time", "average_peers", "memory_private", "cpu_idle"} {
		if s, ok := r.Find("short", name); !ok || len(s.Usable()) != 3 {
			t.Errorf("%s has %d samples (%s)", name, len(s.Usable()), s.Reason)
		}
	}
}
