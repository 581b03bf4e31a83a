package tomlfile_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/tomlfile"
)

// nasty has every way in which TOML writes a key, each with its line number in its value.
const nasty = `# comment with key = 1
top = 2 # and = another
"quoted key" = 3
'literal.key' = 4
dotted . "part" .x = 5
tab	=	6
"esc\u0041\t\"" = 7
long = """
key = 0
""\" [no.header]
""""" # 11: two quotes stand before the end
after = 12
raw = '''
# no comment
''''
after_raw = 16
array = [ # 17
  "a,]", 'b#', # 18
  [19, { in = 19 }],
  2026-12-31 10:00:00, # 20
  { a.b = 21, "c d" = """
  { x = 0 }
""", e = 23 },
] # 24
inline = { one = 25, two = { three = 25 } }
[table] # 26
key = 27
[table.'sub table'.deep]
key = 29
[[list]]
key = 31
[[list.inner]]
key = 33
[[list.inner]]
key = 35
[list.inner.side]
key = 37
[[list]]
[[list.inner]]
key = 40
[table.'sub table']
late = 42
`

func TestEveryKeyHasItsLine(t *testing.T) {
	d, err := tomlfile.Parse("f.toml", []byte(nasty))
	if err != nil {
		t.Fatal(err)
	}
	at := tomlfile.At
	list := func(i, j int) tomlfile.Path { return at("list").Index(i).Key("inner").Index(j) }
	for _, tc := range []struct {
		path tomlfile.Path
		want int
	}{
		{at("top"), 2}, {at("quoted key"), 3}, {at("literal.key"), 4}, {at("dotted", "part", "x"), 5}, {at("tab"), 6},
		{at("escA\t\""), 7}, {at("long"), 8}, {at("after"), 12}, {at("raw"), 13}, {at("after_raw"), 16}, {at("array"), 17},
		{at("array").Index(0), 18}, {at("array").Index(2).Index(1).Key("in"), 19}, {at("array").Index(3), 20},
		{at("array").Index(4).Key("a").Key("b"), 21}, {at("array").Index(4).Key("c d"), 21}, {at("array").Index(4).Key("e"), 23},
		{at("inline", "one"), 25}, {at("inline", "two", "three"), 25}, {at("table"), 26}, {at("table", "key"), 27},
		{at("table", "sub table", "deep"), 28}, {at("table", "sub table", "deep", "key"), 29},
		{at("list").Index(0), 30}, {at("list").Index(0).Key("key"), 31}, {list(0, 0), 32}, {list(0, 0).Key("key"), 33},
		{list(0, 1), 34}, {list(0, 1).Key("key"), 35}, {list(0, 1).Key("side").Key("key"), 37}, {at("list").Index(1), 38},
		{list(1, 0).Key("key"), 40}, {at("table", "sub table"), 41}, {at("table", "sub table", "late"), 42},
		{at("table", "absent", "deeper"), 26}, {at("list").Index(1).Key("absent"), 38}, {at("absent"), 1},
	} {
		if got := d.Line(tc.path); got != tc.want {
			t.Errorf("%s is at line %d, want %d", tc.path, got, tc.want)
		}
	}
}

func TestCommentsAreFound(t *testing.T) {
	d, err := tomlfile.Parse("f.toml", []byte("\xef\xbb\xbf# one\r\na = '#no' # two\n\t# three"))
	if err != nil {
		t.Fatal(err)
	}
	want := []tomlfile.Comment{
		{Line: 1, Offset: 3, Alone: true, Text: "# one"},
		{Line: 2, Offset: 20, Text: "# two"},
		{Line: 3, Offset: 27, Alone: true, Text: "# three"},
	}
	if diff := cmp.Diff(want, d.Comments()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(nasty))
	for _, seed := range []string{
		"", "a", "a=", "a.=1", "[", "[[a]", "[a]\n[a.b]\nc=1", "a={b=[{c=1},{c=2},],}", "a=\"\\", "a='''\n''", "a=[[[1,\n2],],]", "a=[1,{b=1}]", "a=[1,{b=1,\"\"=0}]",
		"\"\"=1\n''.\"\".x=2", "a=1\r\n[b]\r\nc=2", "\xef\xbb\xbfa=1", "\ufeff\ufeffa=1", "a={\n# c\nb=1 }", "a=\"\\UFFFFFFFF\"", "[[a]]\n[a.b]\n[[a]]\n[a.b]\nc=1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := tomlfile.Parse("f", raw)
		if err != nil {
			if d != nil {
				t.Fatal("a document beside an error")
			}
			return
		}
		lines := 1 + strings.Count(string(raw), "\n")
		found, texts := map[string]bool{}, map[string]bool{}
		for _, place := range d.Places() {
			if place.Line < 1 || place.Line > lines {
				t.Fatalf("%s is at line %d of %d", place.Path, place.Line, lines)
			}
			if found[place.Path.Exact()] {
				t.Fatalf("%s is found twice", place.Path.Exact())
			}
			found[place.Path.Exact()], texts[place.Path.String()] = true, true
		}
		var tree map[string]any
		meta, err := toml.Decode(strings.TrimPrefix(string(raw), "\xef\xbb\xbf"), &tree)
		if err != nil {
			t.Fatalf("the library refuses what was read: %v", err)
		}
		for _, key := range meta.Keys() {
			if !texts[tomlfile.At(key...).String()] {
				t.Fatalf("no line for %q; there are %q", key, slices.Sorted(maps.Keys(texts)))
			}
		}
		want := map[string]bool{}
		paths(tree, tomlfile.Path{}, want)
		if diff := cmp.Diff(want, found); diff != "" {
			t.Fatalf("-in the document +found in the text\n%s", diff)
		}
	})
}

// paths lists every place of a decoded document.
func paths(data any, at tomlfile.Path, into map[string]bool) {
	if table, ok := data.(map[string]any); ok {
		for key, value := range table {
			into[at.Key(key).Exact()] = true
			paths(value, at.Key(key), into)
		}
		return
	}
	if elements := reflect.ValueOf(data); elements.Kind() == reflect.Slice {
		for i := range elements.Len() {
			into[at.Index(i).Exact()] = true
			paths(elements.Index(i).Interface(), at.Index(i), into)
		}
	}
}
