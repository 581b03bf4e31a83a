package bench

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// libtestLine is a result: test NAME ... bench: 1,234.56 ns/iter (+/- 78.90) = 12 MB/s
const libtestLine = `^test (.+?) +\.\.\. bench: +([0-9][0-9,]*(?:\.[0-9]+)?) ns/iter \(\+/- [0-9][0-9,.]*\)(?: = ([0-9][0-9,]*(?:\.[0-9]+)?) MB/s)?$`

// Libtest reads what Rust's test harness prints of #[bench] functions, which Criterion prints too with --output-format
// bencher. Nanoseconds per iteration are the chief value, the throughput a part.
func Libtest(benchmark string, output []byte) ([]Value, error) {
	pattern := regexp.MustCompile(libtestLine)
	c := newCollection(benchmark)
	number := 0
	for line := range bytes.Lines(output) {
		number++
		line = bytes.TrimRight(line, "\r\n\t ")
		if !bytes.HasPrefix(line, []byte("test ")) || !bytes.Contains(line, []byte("bench:")) {
			continue
		}
		found := pattern.FindSubmatch(line)
		if found == nil {
			return nil, fmt.Errorf("line %d: the result cannot be read (does the benchmark print into it?): %q", number, excerpt(line))
		}
		place, name := fmt.Sprintf("line %d", number), strings.TrimSuffix(string(found[1]), " - should panic")
		err := c.number(reading{name: name, unit: metric.Seconds, better: metric.Lower, place: place}, found[2], 1e-9)
		if err == nil && len(found[3]) > 0 {
			err = c.number(reading{name: name, part: "throughput", unit: metric.BytesPerSecond, better: metric.Higher, place: place}, found[3], 1e6)
		}
		if err != nil {
			return nil, err
		}
	}
	return c.values()
}

// number adds a reading whose value has commas between the thousands.
func (c *collection) number(r reading, digits []byte, factor float64) error {
	value, err := strconv.ParseFloat(strings.ReplaceAll(string(digits), ",", ""), 64)
	if err != nil {
		return fmt.Errorf("%s: %w", r.place, err)
	}
	r.value = value * factor
	return c.add(r)
}
