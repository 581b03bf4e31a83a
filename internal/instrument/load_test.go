package instrument

import (
	"runtime"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// burnEveryCore keeps every core of the machine busy, by another program, until the benchmark ends.
func burnEveryCore(b *testing.B) {
	b.Helper()
	burn(b, runtime.NumCPU())
}

// burn keeps so many cores busy, by another program, until the benchmark ends.
func burn(b *testing.B, cores int) {
	b.Helper()
	script := testnode.Script{
		LifetimeMS: (10 * time.Minute).Milliseconds(), Defaults: testnode.Node{CPU: &testnode.CPU{Cores: float64(cores)}},
	}
	testnode.Launch(b, testnode.Build(b, testnode.Scripted), script.Env(0), "--storage", quietFolder(b))
}
