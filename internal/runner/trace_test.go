package runner

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
)

// TestTheInventoryCountsWhatThereIs has one of everything, of which a port is still in use at the end.
func TestTheInventoryCountsWhatThereIs(t *testing.T) {
	b := shell(t, 2, "sleep 60")
	addresses, err := b.Ports.take(2)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(b.Dir, "quick", "run-01")
	trace, err := b.trace(t.Context(), dir, addresses)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "node-1", "storage"), 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", join(addresses[1].control))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	launcher := proc.NewLauncher()
	defer launcher.Close()
	process, err := launcher.Start(proc.Command{Path: "/bin/sleep", Args: []string{"60"}, Hold: trace.cell.Hold})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string { // a process shows no environment while it executes another program
		if held, err := trace.cell.Processes(); len(held) != 1 || err != nil {
			return fmt.Sprintf("the cell holds %v, %v", held, err)
		}
		return ""
	})

	if err := trace.witness(); err != nil {
		t.Fatal(err)
	}
	err = trace.erase(t.Context())
	<-process.Done()

	want := result.Cleanup{
		Method: trace.proof.Method, Killed: 1, After: result.Inventory{Ports: 1},
		During: result.Inventory{Processes: 1, Cgroups: trace.proof.During.Cgroups, Ports: 1, Directories: 1},
	}
	if diff := cmp.Diff(want, trace.proof); diff != "" {
		t.Errorf("the proof: -want +got\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), "left on the machine: processes 0, cgroups 0, ports 1, files 0") {
		t.Errorf("got %v", err)
	}
}
