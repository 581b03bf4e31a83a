package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/communitas/perfgate/internal/github/githubfake"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// fakeGitHub starts a GitHub of the story's own: github WORLD STATE. It sets GITHUB_API_URL, and STATE is at any moment what there
// is. Where GitHub's description of its API is at hand, every request is held to it.
func fakeGitHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: github WORLD STATE")
	}
	world, err := githubfake.ReadWorld(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, r := range world.Repositories {
		for _, run := range r.Runs {
			for i, a := range run.Artifacts {
				if a.File != "" {
					run.Artifacts[i].File = ts.MkAbs(a.File)
				}
			}
		}
	}
	options := githubfake.Options{World: world, StateFile: ts.MkAbs(args[1])}
	if folder := os.Getenv("PERFGATE_GITHUB_CONTRACT"); folder != "" {
		options.Contract, err = githubfake.LoadContract(folder)
		ts.Check(err)
	}
	server, err := githubfake.Start(options)
	ts.Check(err)
	ts.Setenv("GITHUB_API_URL", server.URL)
	ts.Defer(func() {
		ts.Check(server.Close())
		if wrong := server.Violations(); len(wrong) > 0 {
			ts.Fatalf("what was sent to GitHub is not as it should be: %s", strings.Join(wrong, "; "))
		}
	})
}

// writeTrial writes the results of a trial as perfgate check --against would: trial PATH CONFIG HEAD BASE FACTOR. Head needs FACTOR
// times what base needs. PATH is a directory, or an archive when it ends in .zip.
func writeTrial(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: trial PATH CONFIG HEAD BASE FACTOR")
	}
	raw, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	s, err := suite.Parse(args[1], raw)
	ts.Check(err)
	factor, err := strconv.ParseFloat(args[4], 64)
	ts.Check(err)
	files := map[string][]byte{
		"results.json":      trialSide(ts, s, result.SideHead, args[2], factor),
		"base/results.json": trialSide(ts, s, result.SideBase, args[3], 1),
	}
	path := ts.MkAbs(args[0])
	if strings.HasSuffix(path, ".zip") {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for name, content := range files {
			f, err := w.Create(name)
			ts.Check(err)
			_, err = f.Write(content)
			ts.Check(err)
		}
		ts.Check(w.Close())
		ts.Check(os.WriteFile(path, out.Bytes(), 0o600))
		return
	}
	for name, content := range files {
		ts.Check(os.MkdirAll(filepath.Join(path, filepath.Dir(name)), 0o700))
		ts.Check(os.WriteFile(filepath.Join(path, name), content, 0o600))
	}
}

func trialSide(ts *testscript.TestScript, s *suite.Suite, side, commit string, factor float64) []byte {
	r := &result.Results{
		Schema: result.Schema, Subject: result.Subject{Name: s.Subject.Name, Commit: commit}, Environment: result.Environment{Fingerprint: "f00d"},
		Trial: &result.Trial{ID: "t", Side: side, Looks: []int{9}},
	}
	noise := []float64{1.003, 0.991, 1.012, 0.985, 0.998, 1.009, 1.001, 0.994, 1.006}
	for _, scenario := range s.Scenarios {
		r.Scenarios = append(r.Scenarios, result.Scenario{
			Name: scenario.Name, Nodes: scenario.Nodes, Runs: len(noise), Configuration: s.Configuration(scenario.Name),
		})
		series := result.Series{
			Scenario: scenario.Name, Metric: "memory_private", Unit: metric.Bytes, Better: metric.Lower, Status: result.Measured, Count: len(noise),
		}
		for i := range noise {
			value := 6.4e6 * factor * noise[i]
			if side == result.SideBase {
				value = 6.4e6 * noise[(i+4)%len(noise)]
			}
			series.Samples = append(series.Samples, result.Sample{Run: i + 1, Order: i + 1, Value: &value, Valid: true})
			r.Runs = append(r.Runs, result.Run{Scenario: scenario.Name, Run: i + 1, Order: i + 1, Block: i/2 + 1, Formed: true})
		}
		r.Series = append(r.Series, series)
	}
	var out bytes.Buffer
	ts.Check(result.Write(&out, r))
	return out.Bytes()
}
