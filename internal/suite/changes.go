package suite

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Changes says what a later configuration measures otherwise than an earlier one, a line each; what is no longer measured
// comes first.
func Changes(earlier, later *Suite) []string {
	scenarios := named(earlier.Scenarios, func(s Scenario) string { return "scenario " + s.Name })
	benchmarks := named(earlier.Benchmarks, func(b Benchmark) string { return "benchmark " + b.Name })
	nowScenarios := named(later.Scenarios, func(s Scenario) string { return "scenario " + s.Name })
	nowBenchmarks := named(later.Benchmarks, func(b Benchmark) string { return "benchmark " + b.Name })
	whole := func(s *Suite) []part { return []part{{"node", s.Node}, {"subject", s.Subject}} }
	before := append(append(scenarios, benchmarks...), whole(earlier)...)
	after := append(append(nowScenarios, nowBenchmarks...), whole(later)...)
	var gone, changed, added []string
	for _, p := range before {
		now, ok := find(after, p.name)
		if !ok {
			gone = append(gone, p.name+" is gone")
		} else if lines := differences(p.value, now); len(lines) > 0 {
			changed = append(changed, p.name+": "+strings.Join(lines, ", "))
		}
	}
	for _, p := range after {
		if _, ok := find(before, p.name); !ok {
			added = append(added, p.name+" is new")
		}
	}
	return append(append(gone, changed...), added...)
}

// part is one table of the configuration, by a name of its own.
type part struct {
	name  string
	value any
}

func named[T any](all []T, name func(T) string) []part {
	parts := make([]part, len(all))
	for i, x := range all {
		parts[i] = part{name(x), x}
	}
	return parts
}

func find(parts []part, name string) (any, bool) {
	for _, p := range parts {
		if p.name == name {
			return p.value, true
		}
	}
	return nil, false
}

// differences names the keys of two values of one type that are not equal, with both where they are short words.
func differences(before, after any) []string {
	old, now := reflect.ValueOf(before), reflect.ValueOf(after)
	var lines []string
	for i := range old.NumField() {
		a, b := old.Field(i).Interface(), now.Field(i).Interface()
		if reflect.DeepEqual(a, b) || fmt.Sprint(a) == fmt.Sprint(b) { // nil and empty mean the same
			continue
		}
		name := keyOf(old.Type().Field(i).Name)
		text := fmt.Sprintf("%s from %v to %v", name, a, b)
		if table := old.Field(i).Type(); len(text) > 120 || table.Kind() == reflect.Slice && table.Elem().Kind() == reflect.Struct {
			text = name + " changes"
		}
		lines = append(lines, text)
	}
	return lines
}

// keyOf is the key of perfgate.toml that a field has its value from.
func keyOf(field string) string {
	switch field {
	case "Custom":
		return "metrics"
	case "Workloads":
		return "workload"
	}
	var key strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			key.WriteByte('_')
		}
		key.WriteRune(unicode.ToLower(r))
	}
	return key.String()
}
