package tomlfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/tomlfile"
)

type document struct {
	Schema   string            `toml:"schema"`
	Env      map[string]string `toml:"env"`
	Scenario []scenario        `toml:"scenario"`
	Limits   *limits           `toml:"limits"`
}

type scenario struct {
	Name     string    `toml:"name"`
	Nodes    *int      `toml:"nodes"`
	Duration string    `toml:"duration" example:"\"120s\""`
	Tags     []string  `toml:"tags"`
	Until    time.Time `toml:"until" example:"2026-12-31"`
	Share    float64   `toml:"share"`
	Any      any       `toml:"any"`
}

type limits struct {
	Soft bool `toml:"soft"`
}

func decode(text string) (document, error) {
	var into document
	d, err := tomlfile.Parse("f.toml", []byte(text))
	if err == nil {
		err = d.Decode(&into)
	}
	return into, err
}

func TestDecodeFillsTheStruct(t *testing.T) {
	got, err := decode("\xef\xbb\xbfschema = 'x'\r\nenv = { A = \"1\" }\n[[scenario]]\nname = \"a\"\nnodes = 3\nshare = 1\nany = \"10%\"\n[limits]\nsoft = true\n")
	if err != nil {
		t.Fatal(err)
	}
	nodes := 3
	want := document{
		Schema: "x", Env: map[string]string{"A": "1"}, Limits: &limits{Soft: true},
		Scenario: []scenario{{Name: "a", Nodes: &nodes, Share: 1, Any: "10%"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestErrorsNameFileLineKeyAndMend(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"mistyped key", "schema = 'x'\n\n[[scenario]]\nname = 'a'\n[[scenario]]\n# nodse = 1\nnodse = 3\n",
			"f.toml:7: scenario.nodse: unknown key (did you mean nodes?)"},
		{"another case", "Schema = 'x'", "f.toml:1: Schema: unknown key (did you mean schema?)"},
		{"nothing near", "[limits]\nfrequency = 1\n", "f.toml:2: limits.frequency: unknown key (known keys: soft)"},
		{"unknown table", "[limit.deep]\nx = 1\n", "f.toml:1: limit: unknown key (did you mean limits?)"},
		{"key of an inline table", "scenario = [\n { name = 'a' },\n { nmae = 'b' } ]", "f.toml:3: scenario.nmae: unknown key (did you mean name?)"},
		{"quoted key", "[[scenario]]\n\"odd key\" = 1", `f.toml:2: scenario."odd key": unknown key (known keys: name, nodes, duration, tags, until, share, any)`},
		{"all of them, by line", "[limits]\nsofd = true\n[[scenario]]\nnodes = '3'\n[env]\nA = 1\n",
			"f.toml:2: limits.sofd: unknown key (did you mean soft?)\n" +
				"f.toml:4: scenario.nodes: is a string, wants a whole number\n" +
				"f.toml:6: env.A: is a whole number, wants a string"},
		{"example of the right type", "[[scenario]]\nduration = 120", `f.toml:2: scenario.duration: is a whole number, wants a string (such as "120s")`},
		{"quoted date", "[[scenario]]\nuntil = '2026-12-31'", "f.toml:2: scenario.until: is a string, wants a date or time (such as 2026-12-31)"},
		{"fraction", "[[scenario]]\nnodes = 2.5", "f.toml:2: scenario.nodes: is a number with a fraction, wants a whole number"},
		{"element of an array", "[[scenario]]\ntags = ['a',\n  'b',\n  3]", "f.toml:4: scenario.tags: is a whole number, wants a string"},
		{"table for an array of tables", "[scenario]\nname = 'a'", "f.toml:1: scenario: is a table, wants an array of tables (write [[scenario]])"},
		{"array for a table", "limits = [1]", "f.toml:1: limits: is an array, wants a table"},
		{"bad syntax", "schema = 'x'\nnodes == 3", "f.toml:2: nodes: expected value but found '=' instead"},
		{"doubled key", "schema = 'x'\nschema = 'y'", "f.toml:2: schema: is there already, at line 1"},
		{"doubled table", "[limits]\n[env]\n[limits]", "f.toml:3: Key 'limits' has already been defined."},
		{"key over a table", "scenario = [\n{ a.b = 1, a = 2 }]", "f.toml:2: scenario.a: is there already, at line 2"},
		{"no text", "schema = 'x'\n# \xff\n", "f.toml:2: the file is no UTF-8 text (save it as UTF-8)"},
		{"UTF-16", "\xff\xfes\x00", "f.toml:1: the file is no UTF-8 text (save it as UTF-8)"},
		{"too deep", "\na = " + strings.Repeat("[", 100_000), "f.toml:2: keys are nested more than 32 deep or longer than 1024 bytes"},
		{"too long a key", strings.Repeat("a.", 100_000) + "a = 1", "f.toml:1: keys are nested more than 32 deep or longer than 1024 bytes"},
		{"two marks", "\ufeff\ufeffschema = 'x'", "f.toml:1: the file starts with two byte order marks (delete both)"},
		{"empty key", "a = [1,\n { \"\" = 2 }]", "f.toml:2: a key is empty"},
		{"too large", strings.Repeat("#", tomlfile.MaxBytes+1), "f.toml: the file has 1048577 bytes, more than 1048576"},
		{"beyond a float", "[[scenario]]\nshare = 9007199254740993", "f.toml:2: scenario.share: 9007199254740993 is out of the safe float64 range"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(tc.text)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if _, ok := errors.AsType[*tomlfile.Error](err); !ok {
				t.Errorf("%T holds no *tomlfile.Error", err)
			}
		})
	}
}

func TestManyErrorsAreCut(t *testing.T) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "unknown_%d = 1\n", i)
	}
	_, err := decode(text.String())
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "f.toml: and 30 more errors" {
		t.Errorf("got %d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

func TestSchema(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"the same", "schema = 'p.config/1'", ""},
		{"missing", "[a]\nb = 1", `f.toml:1: schema: is missing (write schema = "p.config/1" at the top of the file)`},
		{"newer", "\nschema = 'p.config/12'\nunheard_of = 1", `f.toml:2: schema: "p.config/12" was written for a newer perfgate; this one reads "p.config/1" (update perfgate)`},
		{"older", "schema = 'p.config/0'", `f.toml:1: schema: p.config/0 is not "p.config/1" (write schema = "p.config/1" at the top of the file)`},
		{"another file", "schema = 'p.baselines/1'", `f.toml:1: schema: p.baselines/1 is not "p.config/1" (write schema = "p.config/1" at the top of the file)`},
		{"no text", "schema = 1", `f.toml:1: schema: 1 is not "p.config/1" (write schema = "p.config/1" at the top of the file)`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := tomlfile.Parse("f.toml", []byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := d.Schema("p.config/1"); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	known := []string{"nodes", "name", "duration", "runs"}
	for word, want := range map[string]string{
		"nodse": "nodes", "node": "nodes", "Name": "name", "durations": "duration", "x": "", "formation": "", "rnus": "runs",
		strings.Repeat("n", 1000): "",
	} {
		if got := tomlfile.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestPathKnowsWhatLiesWithin(t *testing.T) {
	outer := tomlfile.At("a", "b")
	for _, tc := range []struct {
		path tomlfile.Path
		want bool
	}{
		{outer, true}, {outer.Key("c"), true}, {outer.Index(0).Key("c"), true},
		{tomlfile.At("a"), false}, {tomlfile.At("a", "bc"), false}, {tomlfile.At("a.b"), false}, {tomlfile.At("b"), false},
	} {
		if got := tc.path.Within(outer); got != tc.want {
			t.Errorf("%s within %s: %v", tc.path, outer, got)
		}
	}
}
