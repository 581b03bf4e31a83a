package baseline

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/tomlfile"
)

// print writes a recording as a table with one line for each metric, so that a diff shows which of them moved:
//
//	[[recorded]]
//	environment = "4f2c..."
//	scenario = "standard"
//	series.formation_time = { unit = "s", better = "lower", samples = [0.093, 0.095] }
func (r Recording) print(b *strings.Builder) {
	b.WriteString("[[recorded]]\n")
	for _, pair := range []struct{ key, value string }{
		{"environment", r.Environment}, {"note", r.EnvironmentNote}, r.what(), {"configuration", r.Configuration},
		{"subject", r.Subject}, {"commit", r.Commit}, {"binary_sha256", r.BinarySHA256},
	} {
		fmt.Fprintf(b, "%s = %s\n", pair.key, quote(pair.value))
	}
	if r.Release != "" {
		fmt.Fprintf(b, "release = %s\n", quote(r.Release))
	}
	fmt.Fprintf(b, "time = %s\n", writtenTime(r.Time))
	if len(r.Traits) > 0 {
		texts := make([]string, len(r.Traits))
		for i, t := range r.Traits {
			texts[i] = fmt.Sprintf("%s = %s", tomlfile.At(strings.ReplaceAll(t.Name, " ", "_")), quote(t.Value))
		}
		fmt.Fprintf(b, "traits = { %s }\n", strings.Join(texts, ", "))
	}
	for _, s := range r.Series {
		fmt.Fprintf(b, "%s = { unit = %s, better = %s, samples = %s", tomlfile.At("series", s.Metric), quote(string(s.Unit)), quote(string(s.Better)), numbers(s.Samples))
		if len(s.Censored) > 0 {
			fmt.Fprintf(b, ", censored = %s", numbers(s.Censored))
		}
		if s.Commit != "" {
			fmt.Fprintf(b, ", commit = %s", quote(s.Commit))
		}
		if !s.Time.IsZero() {
			fmt.Fprintf(b, ", time = %s", writtenTime(s.Time))
		}
		b.WriteString(" }\n")
	}
}

// what names the scenario or the benchmark of a recording.
func (r Recording) what() struct{ key, value string } {
	if r.Benchmark != "" {
		return struct{ key, value string }{"benchmark", r.Benchmark}
	}
	return struct{ key, value string }{"scenario", r.Scenario}
}

func numbers(values []float64) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = number(v)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// number writes the shortest text that reads as the same value. TOML takes whole numbers for integers, which know no
// negative zero and lose digits above 2^53: those get an exponent.
func number(v float64) string {
	switch magnitude := math.Abs(v); {
	case v == 0 && math.Signbit(v):
		return "-0.0"
	case v == 0 || magnitude >= 1e-5 && magnitude < 1e15:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
}

// quote writes a basic string on one line.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
