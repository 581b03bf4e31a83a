package bench

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/communitas/perfgate/internal/metric"
)

// goResult is one line of results, with the package that it stands under.
type goResult struct {
	pkg, name string
	line      int
	values    []benchfmt.Value
}

// Go reads what `go test -bench` prints. The name is that of the benchmark without "Benchmark"; ns/op is its chief value, the
// others are its parts (bytes, allocs, throughput, or the unit that the benchmark reports itself). Where the output is of
// several packages, the last element of a package's path comes before the name.
//
// Go puts the number of threads behind each name where that is not 1. It is taken away where all names have the same, so that
// they are the same on a machine with another number of cores; under -cpu 1,2,4 they differ and stay.
func Go(benchmark string, output []byte) ([]Value, error) {
	results, units, err := goLines(output)
	if err != nil {
		return nil, err
	}
	threads, several := sameThreads(results), severalPackages(results)
	c := newCollection(benchmark)
	for _, r := range results {
		name := strings.TrimSuffix(r.name, threads)
		if several {
			name = path.Base(r.pkg) + "/" + name
		}
		for _, v := range r.values {
			read, err := goValue(name, v, units)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", r.line, err)
			}
			read.place = fmt.Sprintf("line %d", r.line)
			if err := c.add(read); err != nil {
				return nil, err
			}
		}
	}
	return c.values()
}

func goLines(output []byte) ([]goResult, benchfmt.UnitMetadataMap, error) {
	reader := benchfmt.NewReader(bytes.NewReader(goSpoken(output)), "output")
	var all []goResult
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, nil, fmt.Errorf("line %d: %s: %q", record.Line, record.Msg, excerpt(lineOf(output, record.Line)))
		case *benchfmt.Result:
			_, line := record.Pos()
			all = append(all, goResult{
				pkg: record.GetConfig("pkg"), name: string(record.Name), line: line, values: append([]benchfmt.Value(nil), record.Values...),
			})
		}
	}
	if err := reader.Err(); err != nil {
		return nil, nil, fmt.Errorf("a result is cut or too long: %w", err)
	}
	return all, reader.Units(), nil
}

// goSpoken empties the lines that are not Go's: what a test prints may be of any length, and may look like a setting.
func goSpoken(output []byte) []byte {
	spoken := make([]byte, 0, len(output))
	for line := range bytes.Lines(output) {
		if isGo(line) {
			spoken = append(spoken, bytes.TrimRight(line, "\r\n")...)
		}
		spoken = append(spoken, '\n')
	}
	return spoken
}

func isGo(line []byte) bool {
	rest, result := bytes.CutPrefix(line, []byte("Benchmark"))
	if result {
		return len(rest) == 0 || rest[0] < 'a' || rest[0] > 'z' // "Benchmarking" is no function's name
	}
	return bytes.HasPrefix(line, []byte("pkg:")) || bytes.HasPrefix(line, []byte("Unit "))
}

// goValue turns a value with its tidied unit into a reading.
func goValue(name string, v benchfmt.Value, units benchfmt.UnitMetadataMap) (reading, error) {
	read := reading{name: name, value: v.Value, written: v.Unit}
	unit := strings.TrimSuffix(v.Unit, "/op")
	switch {
	case unit == "sec":
		read.unit = metric.Seconds
	case strings.HasSuffix(unit, "-sec"):
		read.unit, read.part = metric.Seconds, unit
	case strings.HasSuffix(unit, "-B"):
		read.unit, read.part = metric.Bytes, unit
	default:
		scale, ok := scaleOf(v.Unit)
		if !ok {
			return reading{}, fmt.Errorf("%q is no unit that can be kept (letters, digits, \"_\", \"-\", \".\" and \"/\", at most %d)", v.Unit, maxUnit)
		}
		read.unit, read.value, read.part = scale.unit, v.Value*scale.factor, goPart(unit)
	}
	switch read.better = direction(read.unit); units.GetBetter(v.Unit) {
	case 1:
		read.better = metric.Higher
	case -1:
		read.better = metric.Lower
	}
	return read, nil
}

// goPart names a value beside the time of an operation.
func goPart(unit string) string {
	switch unit {
	case "B":
		return "bytes"
	case "B/s":
		return "throughput"
	}
	return unit
}

// sameThreads is the "-N" that all names end in; "" where they do not.
func sameThreads(results []goResult) string {
	same := ""
	for i, r := range results {
		at := strings.LastIndexByte(r.name, '-')
		if at < 0 || at == len(r.name)-1 || strings.Trim(r.name[at+1:], "0123456789") != "" {
			return ""
		}
		if i > 0 && r.name[at:] != same {
			return ""
		}
		same = r.name[at:]
	}
	return same
}

func severalPackages(results []goResult) bool {
	for _, r := range results {
		if r.pkg != results[0].pkg {
			return true
		}
	}
	return false
}
