package baseline

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// noTarget is what switches a default target off.
const noTarget = "none"

// targetHint shows how targets are written.
const targetHint = `such as "< 30s", ">= 4.0", "= 0", or "none"`

// ParseTarget reads a budget such as "< 30s" for values of a unit. Origin stays "".
func ParseTarget(text string, unit metric.Unit) (Target, error) {
	op, number, err := splitTarget(text)
	if err != nil {
		return Target{}, err
	}
	value, err := metric.Parse(number, unit)
	if err != nil {
		return Target{}, fmt.Errorf("target: %w", err)
	}
	return Target{Op: op, Value: value, Text: text}, nil
}

// splitTarget parts a budget into its comparison and its value, which starts with a number.
func splitTarget(text string) (op, value string, err error) {
	trimmed := strings.TrimSpace(text)
	value = strings.TrimLeft(trimmed, "<>=")
	op = trimmed[:len(trimmed)-len(value)]
	switch op {
	case "<", "<=", ">", ">=", "=":
	default:
		return "", "", fmt.Errorf("%q does not start with one of <, <=, >, >=, =", text)
	}
	value = strings.TrimSpace(value)
	end := strings.LastIndexAny(value, "0123456789.") + 1
	number, err := strconv.ParseFloat(value[:end], 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return "", "", fmt.Errorf("%q has no number behind the %s", text, op)
	}
	return op, value, nil
}
