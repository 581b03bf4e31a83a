package metric

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Unit is the base unit that a metric's values are stored in. Values are scaled only when they are printed.
type Unit string

// The units of the built-in metrics. A custom metric may carry any other word; it is then printed as it stands.
const (
	Seconds        Unit = "s"
	Bytes          Unit = "B"
	BytesPerSecond Unit = "B/s"
	Ratio          Unit = "ratio" // 0..1 for shares; printed in percent
	Count          Unit = "count"
	Peers          Unit = "peers"
)

// Rate tells whether a unit is an amount for each second, which is better when higher.
func Rate(u Unit) bool {
	return strings.HasSuffix(string(u), "/s") || strings.HasSuffix(string(u), "/sec")
}

// step is one printable scale of a unit: a value is written as value/factor followed by suffix.
type step struct {
	factor float64
	suffix string
}

// scales lists, per unit, the suffixes that a printed value may carry, largest first.
// Bytes are decimal (MB = 10^6), as in the targets that people write.
func scales(u Unit) []step {
	switch u {
	case Seconds:
		return []step{{3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}
	case Bytes:
		return []step{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}
	case BytesPerSecond:
		return []step{{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}, {1, "B/s"}}
	case Ratio:
		return []step{{1e-2, "%"}}
	default:
		return []step{{1, ""}}
	}
}

// readable adds to scales the suffixes that are read but never printed.
func readable(u Unit) []step {
	switch u {
	case Seconds:
		return append(scales(u), step{1e-6, "us"}, step{60, "m"})
	case Bytes:
		return append(scales(u), step{1 << 30, "GiB"}, step{1 << 20, "MiB"}, step{1 << 10, "KiB"})
	case BytesPerSecond:
		return append(scales(u), step{1 << 30, "GiB/s"}, step{1 << 20, "MiB/s"}, step{1 << 10, "KiB/s"})
	case Ratio:
		return append(scales(u), step{1, ""})
	default:
		return []step{{1, ""}, {1, string(u)}}
	}
}

// Format prints a value of unit u with three significant digits and the suffix that suits its size: 0.0934 s is
// "93.4ms", 0.05 as a ratio is "5%", 4 peers is "4". A NaN is "-", an infinity is "∞" or "-∞".
func Format(value float64, u Unit) string {
	switch {
	case math.IsNaN(value):
		return "-"
	case math.IsInf(value, 1):
		return "∞"
	case math.IsInf(value, -1):
		return "-∞"
	}
	chosen := suitable(value, scales(u))
	text := digits(value / chosen.factor)
	switch {
	case chosen.suffix != "", u == Count, u == Peers, u == "":
		return text + chosen.suffix
	}
	return text + " " + string(u)
}

// suitable is the largest step that the value reaches, for 0 the base unit.
func suitable(value float64, steps []step) step {
	for _, s := range steps {
		if math.Abs(value) >= s.factor && tall(s, value) || value == 0 && s.factor == 1 {
			return s
		}
	}
	return steps[len(steps)-1]
}

// tall keeps minutes and hours for values that are awkward in the smaller step: 90 s stays "90s", 600 s is "10min".
func tall(s step, value float64) bool {
	if s.factor >= 60 && s.factor < 1e3 {
		return math.Abs(value) >= 2*s.factor
	}
	return true
}

// digits writes three significant digits without exponent and without trailing zeros; four and more integer digits stay whole.
func digits(x float64) string {
	magnitude := 0
	if x != 0 {
		magnitude = int(math.Floor(math.Log10(math.Abs(x))))
	}
	text := strconv.FormatFloat(x, 'f', max(0, 2-magnitude), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// Parse reads a value such as "30s", "100MB", "80%", "10 MB/s" or "4.0" as a value of unit u, in the base unit.
// The suffix must belong to u; a bare number is taken in the base unit only where u has no scale of its own
// (counts, peers, ratios). The error names the suffixes that would do.
func Parse(text string, u Unit) (float64, error) {
	trimmed := strings.TrimSpace(text)
	end := strings.LastIndexAny(trimmed, "0123456789.") + 1
	number, suffix := trimmed[:end], strings.TrimSpace(trimmed[end:])
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, fmt.Errorf("%q is no number", text)
	}
	for _, s := range readable(u) {
		if s.suffix == suffix {
			return value * s.factor, nil
		}
	}
	return 0, fmt.Errorf("%q: suffix %q does not fit the unit %s (use %s)", text, suffix, u, suffixes(u))
}

func suffixes(u Unit) string {
	var names []string
	for _, s := range readable(u) {
		if s.suffix == "" {
			names = append(names, "a bare number")
			continue
		}
		names = append(names, s.suffix)
	}
	return strings.Join(names, ", ")
}
