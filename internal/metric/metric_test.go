package metric_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/metric"
)

// The README shortens names that share their beginning: `message_latency_p50`, `_p99`.
func TestREADMENamesEveryMetric(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "| metric | what it is |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, m := range metric.Builtin() {
		whole := strings.Contains(table, "`"+m.Name+"`")
		tail := m.Name[strings.LastIndex(m.Name, "_")+1:]
		if !whole && !strings.Contains(table, "`_"+tail+"`") {
			t.Errorf("the README's table does not name %s", m.Name)
		}
	}
}

func TestFormatPrintsThreeDigitsAndTheSuffixThatSuits(t *testing.T) {
	for _, tc := range []struct {
		value float64
		unit  metric.Unit
		want  string
	}{
		{0.0934, metric.Seconds, "93.4ms"},
		{0.00009341, metric.Seconds, "93.4µs"},
		{90, metric.Seconds, "90s"},
		{600, metric.Seconds, "10min"},
		{0, metric.Seconds, "0s"},
		{45_300_000, metric.Bytes, "45.3MB"},
		{12, metric.Bytes, "12B"},
		{-1500, metric.BytesPerSecond, "-1.5kB/s"},
		{0.051, metric.Ratio, "5.1%"},
		{1, metric.Ratio, "100%"},
		{4, metric.Peers, "4"},
		{3.999, metric.Peers, "4"},
		{17, metric.Count, "17"},
		{12.5, metric.Unit("frames"), "12.5 frames"},
		{math.NaN(), metric.Seconds, "-"},
		{math.Inf(1), metric.Seconds, "∞"},
	} {
		if got := metric.Format(tc.value, tc.unit); got != tc.want {
			t.Errorf("Format(%v, %s) = %q, want %q", tc.value, tc.unit, got, tc.want)
		}
	}
}

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	for _, tc := range []struct {
		text string
		unit metric.Unit
		want float64
	}{
		{"30s", metric.Seconds, 30},
		{"10min", metric.Seconds, 600},
		{" 5 ms ", metric.Seconds, 0.005},
		{"100MB", metric.Bytes, 100e6},
		{"1MiB", metric.Bytes, 1 << 20},
		{"10 MB/s", metric.BytesPerSecond, 10e6},
		{"80%", metric.Ratio, 0.8},
		{"0.8", metric.Ratio, 0.8},
		{"4.0", metric.Peers, 4},
		{"4 peers", metric.Peers, 4},
		{"0", metric.Count, 0},
	} {
		got, err := metric.Parse(tc.text, tc.unit)
		if err != nil || math.Abs(got-tc.want) > 1e-12*tc.want {
			t.Errorf("Parse(%q, %s) = %v, %v, want %v", tc.text, tc.unit, got, err, tc.want)
		}
	}
}

func TestParseRefusesWrongUnits(t *testing.T) {
	for _, tc := range []struct {
		text string
		unit metric.Unit
	}{
		{"30", metric.Seconds}, {"30MB", metric.Seconds}, {"", metric.Seconds}, {"fast", metric.Bytes},
		{"1e400s", metric.Seconds}, {"4 nodes", metric.Peers}, {"NaN", metric.Ratio},
	} {
		if got, err := metric.Parse(tc.text, tc.unit); err == nil {
			t.Errorf("Parse(%q, %s) = %v, want an error", tc.text, tc.unit, got)
		}
	}
}

func TestBuiltinMetricsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range metric.Builtin() {
		if seen[m.Name] {
			t.Errorf("%s is defined twice", m.Name)
		}
		seen[m.Name] = true
		if !metric.ValidName(m.Name) || m.About == "" || m.Tolerance <= 0 || m.Policy == "" {
			t.Errorf("%s is incomplete: %+v", m.Name, m)
		}
		if got, ok := metric.Lookup(m.Name); !ok || got != m {
			t.Errorf("Lookup(%s) = %+v, %v", m.Name, got, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"30s", "100MB", "80%", "-3", "1e9 B", "...", "µ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, unit := range []metric.Unit{metric.Seconds, metric.Bytes, metric.Ratio, metric.Peers} {
			value, err := metric.Parse(text, unit)
			if err != nil && value != 0 {
				t.Errorf("Parse(%q, %s) = %v beside an error", text, unit, value)
			}
			metric.Format(value, unit)
		}
	})
}
