package suite_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

func TestExpand(t *testing.T) {
	values := map[string]string{"dir": "/tmp/n1", "listen": "127.0.0.1:9000", "index": "{dir}"}
	for template, want := range map[string]string{
		"{dir}/config.toml":              "/tmp/n1/config.toml",
		"{listen}{listen}":               "127.0.0.1:9000127.0.0.1:9000",
		"{index}":                        "{dir}",
		"{control}":                      "{control}",
		"{ dir }":                        "{ dir }",
		"storage = { base = \"{dir}\" }": "storage = { base = \"/tmp/n1\" }",
		"{{dir}}":                        "{/tmp/n1}",
		"{":                              "{",
		"":                               "",
	} {
		if got := suite.Expand(template, values); got != want {
			t.Errorf("Expand(%q) = %q, want %q", template, got, want)
		}
	}
}

func TestEnvironLetsTheCallerWin(t *testing.T) {
	got := suite.Environ([]string{"PATH=/bin", "RUST_LOG=", "odd"}, map[string]string{"RUST_LOG": "info", "Z": "1", "A": "x=y"})
	want := []string{"PATH=/bin", "RUST_LOG=", "odd", "A=x=y", "Z=1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
