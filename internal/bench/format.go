package bench

import (
	"errors"
	"fmt"
)

// The formats, as perfgate.toml names them.
const (
	FormatCriterion = "criterion"
	FormatLibtest   = "libtest"
	FormatGo        = "go"
	FormatHyperfine = "hyperfine"
	FormatJSON      = "json"
)

// parse reads what a command printed in one of the formats that are printed.
func parse(format, benchmark string, output []byte) ([]Value, error) {
	switch format {
	case FormatLibtest:
		return Libtest(benchmark, output)
	case FormatGo:
		return Go(benchmark, output)
	case FormatHyperfine:
		return Hyperfine(benchmark, output)
	case FormatJSON:
		return JSON(benchmark, output)
	}
	return nil, fmt.Errorf("no format %q", format)
}

// nothingError is ErrNothing with what was looked for.
type nothingError string

func (e nothingError) Error() string { return string(e) }

func (nothingError) Unwrap() error { return ErrNothing }

// nothing says of a format what was looked for and not found.
func nothing(format string) error {
	wanted := map[string]string{
		FormatCriterion: "it left no estimates of Criterion's (it looked below $CRITERION_HOME, $CARGO_TARGET_DIR/criterion and target/criterion)",
		FormatLibtest:   `it printed no line "test NAME ... bench: 1 ns/iter (+/- 0)"`,
		FormatGo:        `it printed no line "BenchmarkName 1 1 ns/op" (is the pattern of -bench right?)`,
		FormatHyperfine: "it left no export (let hyperfine write it with --export-json)",
		FormatJSON:      `it printed no list [{"name": ..., "value": ..., "unit": ..., "better": ...}]`,
	}
	return nothingError(wanted[format])
}

// explain puts the format into the error of a parser.
func explain(format string, err error) error {
	if errors.Is(err, ErrNothing) {
		return nothing(format)
	}
	return fmt.Errorf("its output is not what the format %q says: %w", format, err)
}
