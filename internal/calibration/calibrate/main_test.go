package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const pair = "../testdata/pair"

func TestCalibratePrintsChosenTables(t *testing.T) {
	var out, err strings.Builder
	code := run([]string{"-requests", "20", "-seed", "4", "-workers", "2", "-only", "recorded", pair}, &out, &err)
	if code == exitUsage {
		t.Fatalf("exit %d: %s", code, err.String())
	}
	want := regexp.MustCompile(`(?s)^Seed 4, 20 pull requests.*## Real runs, drawn again.*\| pair, pair \| 60 \| 5 \| .*\d promises kept, \d missed, \d open\.\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("printed:\n%s", out.String())
	}
	if strings.Contains(out.String(), "## Power") {
		t.Error("a table was printed that nobody asked for")
	}
	if !strings.Contains(err.String(), "recorded, row 1 of 1: pair, pair") {
		t.Errorf("no word of progress:\n%s", err.String())
	}
}

func TestCalibrateSaysThatAPromiseIsMissed(t *testing.T) {
	var fates strings.Builder
	o := options{seed: 1, requests: 30, workers: 1, only: "mde"}
	tables, err := o.tables()
	if err != nil {
		t.Fatal(err)
	}
	tables[0].Rows = tables[0].Rows[1:2] // unpaired, whose printed figure varies with ten runs a side
	missed, err := o.print(tables, &fates, &strings.Builder{})
	if err != nil || !missed {
		t.Errorf("missed: %v, error %v:\n%s", missed, err, fates.String())
	}
}

func TestCalibrateRefusesWhatItCannotDo(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(t.TempDir(), "baselines.toml")
	if err := os.WriteFile(broken, []byte("schema = 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-requests", "0"}, "count from 1"},
		{[]string{"-workers", "0"}, "count from 1"},
		{[]string{"-only", "nothing"}, `no table "nothing"`},
		{[]string{"-only", "recorded"}, "recorded needs a recording"},
		{[]string{"-unknown"}, "unknown"},
		{[]string{empty}, "results.json"},
		{[]string{broken}, "baselines.toml"},
		{[]string{filepath.Join(empty, "none.toml")}, "none.toml"},
	} {
		var out, err strings.Builder
		if code := run(c.args, &out, &err); code != exitUsage || !strings.Contains(err.String(), c.says) || out.Len() > 0 {
			t.Errorf("%v: exit %d, %q on stdout, %q on stderr; want %d and %q", c.args, code, out.String(), err.String(), exitUsage, c.says)
		}
	}
}

// TestCalibrateWeavesATrial lays a recording as both sides of a trial, in both layouts, and wants its runs twice.
func TestCalibrateWeavesATrial(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(pair, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{".", "head"} {
		dir := t.TempDir()
		for _, folder := range []string{head, "base"} {
			if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, folder, "results.json"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		all, err := load(dir)
		if err != nil || len(all) != 1 || all[0].Runs() != 120 {
			t.Errorf("head in %s: %v, error %v", head, all, err)
		}
	}
}
