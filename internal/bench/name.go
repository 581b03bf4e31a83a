package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// maxName is the longest name of a metric.
const maxName = 128

// MetricName is the name of a metric of a benchmark: BENCHMARK/NAME, or BENCHMARK/NAME.PART for a value beside the chief
// one. What a metric's name cannot have becomes "_", and "::" becomes "/", so that the same text has the same name
// everywhere; two texts may have one name, which whoever collects them has to notice. A name that is too long ends in a hash
// of the whole instead.
func MetricName(benchmark, name, part string) string {
	whole := benchmark + "/" + clean(name)
	if part != "" {
		whole += "." + clean(part)
	}
	if len(whole) > maxName {
		sum := sha256.Sum256([]byte(name + "\x00" + part))
		tail := "-" + hex.EncodeToString(sum[:4])
		whole = whole[:maxName-len(tail)] + tail
	}
	return whole
}

// clean turns any text into one that a metric's name may hold, never "".
func clean(text string) string {
	text = strings.ReplaceAll(text, "::", "/")
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 && (r == '/' || metric.ValidName("x"+string(r))) {
			b.WriteRune(r)
			continue
		}
		b.WriteByte('_')
	}
	cleaned := strings.Trim(b.String(), "/")
	if cleaned == "" {
		return "_"
	}
	return cleaned
}
