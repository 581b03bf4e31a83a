package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/host"
)

func TestControlsDoTheirWorkAndLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	c := host.Controls(t.Context(), dir)
	for attempt := 1; c.Loopback == nil && attempt < 10; attempt++ { // a datagram on its way while the machine stands still counts as lost
		c = host.Controls(t.Context(), dir)
	}
	for name, seconds := range map[string]*float64{"spin": c.Spin, "loopback": c.Loopback, "disk": c.Disk} {
		if seconds == nil || !(*seconds > 0) {
			t.Errorf("%s: %v", name, seconds)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestAControlThatCannotBeDoneIsMissing(t *testing.T) {
	c := host.Controls(t.Context(), filepath.Join(t.TempDir(), "none"))
	if c.Disk != nil || c.Spin == nil {
		t.Errorf("%+v", c)
	}
}

// BenchmarkControls prints what each control takes here.
func BenchmarkControls(b *testing.B) {
	dir := b.TempDir()
	var spin, loopback, disk float64
	for b.Loop() {
		c := host.Controls(b.Context(), dir)
		if c.Spin == nil || c.Loopback == nil || c.Disk == nil {
			b.Fatalf("%+v", c)
		}
		spin, loopback, disk = spin+*c.Spin, loopback+*c.Loopback, disk+*c.Disk
	}
	n := float64(b.N)
	b.ReportMetric(spin/n*1e3, "spin-ms")
	b.ReportMetric(loopback/n*1e3, "roundtrip-ms")
	b.ReportMetric(disk/n*1e3, "disk-ms")
}
