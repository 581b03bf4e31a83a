package suite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/tomlfile"
)

// problem is what is wrong with one key of a scenario or benchmark, whether it comes from the file or from a flag.
type problem struct{ key, text, hint string }

func (s Scenario) problems() []problem {
	var all []problem
	add := func(key, hint, format string, args ...any) {
		all = append(all, problem{key, fmt.Sprintf(format, args...), hint})
	}
	if s.Nodes < 1 || s.Nodes > MaxNodes {
		add("nodes", fmt.Sprintf("from 1 to %d", MaxNodes), "%d nodes are no network", s.Nodes)
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"duration", s.Duration}, {"quiet", s.Quiet}, {"formation_timeout", s.FormationTimeout}} {
		if d.value <= 0 {
			add(d.key, "a length of time above 0", "%v", d.value)
		}
	}
	if s.Expect.Graph == MinPeers && (s.Expect.Min < 1 || s.Expect.Min > s.Nodes-1) {
		add("expect", fmt.Sprintf("K from 1 to %d", s.Nodes-1), "%s cannot hold among %d nodes", s.Expect, s.Nodes)
	}
	all = append(all, s.workloadProblems()...)
	return append(all, runProblems(s.Runs, s.Warmup)...)
}

func (b Benchmark) problems() []problem { return runProblems(b.Runs, b.Warmup) }

func runProblems(runs, warmup int) []problem {
	var all []problem
	if runs < 1 || runs > maxRuns {
		all = append(all, problem{"runs", fmt.Sprintf("%d runs", runs), fmt.Sprintf("from 1 to %d", maxRuns)})
	}
	if warmup < 0 || warmup > maxRuns {
		all = append(all, problem{"warmup", fmt.Sprintf("%d runs", warmup), fmt.Sprintf("from 0 to %d", maxRuns)})
	}
	return all
}

// maxName leaves room for the name of a benchmark's metric behind its own.
const maxName = 64

// validName tells whether a name can be a folder, a flag's value and the first part of a metric's name.
func validName(name string) bool {
	return metric.ValidName(name) && len(name) <= maxName && !strings.Contains(name, "/")
}

// isResultFile tells whether a results directory, or LOG_DIR, has a file of this name beside the folders of the scenarios.
func isResultFile(name string) bool {
	switch name {
	case "results.json", "verdict.json", "decision.json", "baselines.toml", "build.log", "summary.json", "metrics.jsonl", "machine.jsonl":
		return true
	}
	return false
}

func (r *resolver) name(name string, at tomlfile.Path, seen map[string]bool) {
	switch {
	case name == "":
		r.problems.Add(at.Key("name"), `write name = "quick"`, "is missing")
	case !validName(name):
		r.problems.Add(at.Key("name"), fmt.Sprintf("at most %d letters, digits, \".\", \"_\" and \"-\", starting with a letter or digit", maxName),
			"%q is no name: it becomes a folder", name)
	case seen[name]:
		r.problems.Add(at.Key("name"), "choose another name", "%q is there already", name)
	}
	seen[name] = true
}

func (r *resolver) tags(tags []string, at tomlfile.Path) {
	for i, tag := range tags {
		if !validName(tag) {
			r.problems.Add(at.Key("tags").Index(i), "a word such as pr or full", "%q is no tag", tag)
		}
	}
}

func (r *resolver) command(command []string, at tomlfile.Path) {
	if len(command) == 0 || command[0] == "" {
		r.problems.Add(at, `write the program and its arguments, such as ["go", "build"]`, "names no program")
	}
}

func (r *resolver) oneOf(word string, known []string, at tomlfile.Path) {
	if !slices.Contains(known, word) {
		r.problems.Add(at, tomlfile.DidYouMean(word, known, "one of"), "%q is unknown", word)
	}
}

func (r *resolver) page(page string, at tomlfile.Path) {
	if page != "" && (!strings.HasPrefix(page, "/") || strings.ContainsAny(page, " \t\r\n")) {
		r.problems.Add(at, `write it as "/metrics"`, "%q is no path on the control address", page)
	}
}

func (r *resolver) templates(all []string, at tomlfile.Path) {
	for i, template := range all {
		r.template(template, at.Index(i))
	}
}

func (r *resolver) template(template string, at tomlfile.Path) {
	for _, name := range unknownPlaceholders(template) {
		r.problems.Add(at, tomlfile.DidYouMean(name, Placeholders(), "known are"), "{%s} is no placeholder", name)
	}
}

// prometheusName tells whether a text is a metric name of Prometheus's exposition format.
func prometheusName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// validUnit tells whether a text can stand behind a number: a short word that starts with a letter.
func validUnit(unit string) bool {
	for i, r := range unit {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789_-/", r)) {
			return false
		}
	}
	return unit != "" && len(unit) <= 24
}
