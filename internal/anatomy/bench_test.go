package anatomy_test

import (
	"os"
	"testing"

	"github.com/communitas/perfgate/internal/anatomy"
)

// BenchmarkOf takes this test's own program apart, which has a symbol table and that of Go's functions.
func BenchmarkOf(b *testing.B) {
	path, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		whole, err := anatomy.Of(path)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(whole.Bytes)
		b.ReportMetric(float64(len(whole.Groups)), "groups")
	}
}
