package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestBisectionsPrintsChosenTables(t *testing.T) {
	var out, err strings.Builder
	code := run([]string{"-searches", "1", "-seed", "4", "-workers", "2", "-only", "broken"}, &out, &err)
	if code == exitUsage {
		t.Fatalf("exit %d: %s", code, err.String())
	}
	want := regexp.MustCompile(`(?s)^Seed 4, 1 searches for each row.*## Commits that do not build.*\| git bisect, 20 runs \|.*an innocent accused, 0 of 2.*\d promises kept, \d missed, \d open\.\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("printed:\n%s", out.String())
	}
	if strings.Contains(out.String(), "## Other ways") {
		t.Error("a table was printed that nobody asked for")
	}
	if !strings.Contains(err.String(), "broken, row 1 of 4: perfgate") {
		t.Errorf("no word of progress:\n%s", err.String())
	}
}

func TestBisectionsRefusesWhatItCannotDo(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-searches", "0"}, "count from 1"},
		{[]string{"-workers", "0"}, "count from 1"},
		{[]string{"-only", "nothing"}, `no table "nothing"`},
		{[]string{"-unknown"}, "unknown"},
		{[]string{"range"}, "no arguments"},
	} {
		var out, err strings.Builder
		if code := run(c.args, &out, &err); code != exitUsage || !strings.Contains(err.String()+out.String(), c.says) {
			t.Errorf("%q: exit %d, %s", c.args, code, err.String())
		}
	}
}
