package bench_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/metric"
)

func TestMetricName(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tc := range []struct{ name, part, want string }{
		{"Encode", "", "b/Encode"},
		{"Encode", "allocs", "b/Encode.allocs"},
		{"tests::deep::encode", "", "b/tests/deep/encode"},
		{"size=16 µs", "", "b/size_16__s"},
		{"/usr/bin/true --flag", "", "b/usr/bin/true_--flag"},
		{"", "", "b/_"},
		{"größe", "", "b/gr__e"},
		{"a/", "x/s", "b/a.x/s"},
	} {
		if got := bench.MetricName("b", tc.name, tc.part); got != tc.want || !metric.ValidName(got) {
			t.Errorf("%q %q: %s, want %s", tc.name, tc.part, got, tc.want)
		}
	}
	one, other := bench.MetricName("b", long+"1", ""), bench.MetricName("b", long+"2", "")
	if len(one) != 128 || one == other || one != bench.MetricName("b", long+"1", "") || !metric.ValidName(one) {
		t.Errorf("long names: %s, %s", one, other)
	}
}
