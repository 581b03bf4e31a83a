package bench

import (
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// maxUnit is the longest unit of a benchmark's own.
const maxUnit = 24

// scale is a unit that benchmarks write, as a multiple of one of perfgate's.
type scale struct {
	unit   metric.Unit
	factor float64
}

// scaleOf reads a unit. What counts one operation or iteration ("ns/op", "B/iter") is that of the operation. It is false for
// a text that can be no unit.
func scaleOf(text string) (scale, bool) {
	perOperation := text
	for _, suffix := range []string{"/op", "/iter"} {
		perOperation = strings.TrimSuffix(perOperation, suffix)
	}
	if known, ok := knownScale(perOperation); ok {
		return known, true
	}
	return scale{metric.Unit(text), 1}, ownUnit(text)
}

func knownScale(text string) (scale, bool) {
	switch text {
	case "ns":
		return scale{metric.Seconds, 1e-9}, true
	case "us", "µs", "μs": // both letters that stand for micro
		return scale{metric.Seconds, 1e-6}, true
	case "ms":
		return scale{metric.Seconds, 1e-3}, true
	case "s", "sec", "seconds":
		return scale{metric.Seconds, 1}, true
	case "allocs", "count":
		return scale{metric.Count, 1}, true
	case "ratio":
		return scale{metric.Ratio, 1}, true
	case "%":
		return scale{metric.Ratio, 1e-2}, true
	}
	amount, rate := strings.CutSuffix(text, "/s")
	factor, ok := byteFactor(amount)
	switch {
	case !ok:
		return scale{}, false
	case rate:
		return scale{metric.BytesPerSecond, factor}, true
	default:
		return scale{metric.Bytes, factor}, true
	}
}

// byteFactor reads the multiples of a byte: kB is 1000, KiB is 1024.
func byteFactor(text string) (float64, bool) {
	switch text {
	case "B", "bytes":
		return 1, true
	case "kB", "KB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	}
	return 0, false
}

// ownUnit tells whether a text can stand behind a number as a unit of the benchmark's own: a short word.
func ownUnit(text string) bool {
	for i, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789_-./", r)) {
			return false
		}
	}
	return text != "" && len(text) <= maxUnit
}

// direction is which way a unit is better where nobody says so: rates higher, all else lower.
func direction(unit metric.Unit) metric.Direction {
	if metric.Rate(unit) {
		return metric.Higher
	}
	return metric.Lower
}
