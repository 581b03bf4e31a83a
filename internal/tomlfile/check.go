package tomlfile

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// checker walks a document and the Go type that it is to fill side by side.
type checker struct {
	doc      *Document
	problems *Problems
}

func (d *Document) check(into any) error {
	c := checker{doc: d, problems: d.Problems()}
	c.value(d.tree, reflect.TypeOf(into), Path{}, "")
	return c.problems.Err()
}

func (c *checker) value(data any, t reflect.Type, at Path, example string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Interface:
	case reflect.Struct:
		c.structure(data, t, at, example)
	case reflect.Map:
		table, ok := data.(map[string]any)
		if !ok {
			c.mismatch(data, t, at, example)
			return
		}
		for _, key := range c.sorted(table, at) {
			c.value(table[key], t.Elem(), at.Key(key), example)
		}
	case reflect.Slice:
		elements := reflect.ValueOf(data)
		if elements.Kind() != reflect.Slice {
			c.mismatch(data, t, at, example)
			return
		}
		for i := range elements.Len() {
			c.value(elements.Index(i).Interface(), t.Elem(), at.Index(i), example)
		}
	default:
		if !scalarFits(data, t) {
			c.mismatch(data, t, at, example)
		}
	}
}

func (c *checker) structure(data any, t reflect.Type, at Path, example string) {
	table, ok := data.(map[string]any)
	if t == reflect.TypeFor[time.Time]() {
		_, ok = data.(time.Time)
	}
	if !ok {
		c.mismatch(data, t, at, example)
		return
	}
	known := map[string]reflect.StructField{}
	var names []string
	for field := range t.Fields() {
		if name := field.Tag.Get("toml"); name != "" && name != "-" {
			known[name] = field
			names = append(names, name)
		}
	}
	for _, key := range c.sorted(table, at) {
		field, ok := known[key]
		if !ok {
			c.problems.Add(at.Key(key), DidYouMean(key, names, "known keys"), "unknown key")
			continue
		}
		c.value(table[key], field.Type, at.Key(key), field.Tag.Get("example"))
	}
}

// sorted returns the keys of a table in the order of the file.
func (c *checker) sorted(table map[string]any, at Path) []string {
	keys := make([]string, 0, len(table))
	for key := range table {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return c.doc.order[at.Key(a).id] - c.doc.order[at.Key(b).id]
	})
	return keys
}

func (c *checker) mismatch(data any, t reflect.Type, at Path, example string) {
	hint := ""
	if example != "" {
		hint = "such as " + example
	}
	if _, table := data.(map[string]any); table && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		hint = "write [[" + at.String() + "]]"
	}
	c.problems.Add(at, hint, "is %s, wants %s", describe(data), wanted(t))
}

func scalarFits(data any, t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String:
		_, ok := data.(string)
		return ok
	case reflect.Bool:
		_, ok := data.(bool)
		return ok
	case reflect.Int, reflect.Int64:
		number, ok := data.(int64)
		return ok && !reflect.Zero(t).OverflowInt(number)
	case reflect.Float64:
		_, whole := data.(int64)
		_, fraction := data.(float64)
		return whole || fraction
	default:
		return false
	}
}

func describe(data any) string {
	switch v := data.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64:
		return "a whole number"
	case float64:
		return "a number with a fraction"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "an array"
	default:
		return fmt.Sprintf("a %T", v)
	}
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "an array of tables"
		}
		return "an array"
	case reflect.Map:
		return "a table"
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return "a date or time"
		}
		return "a table"
	default:
		return "a " + t.String()
	}
}
