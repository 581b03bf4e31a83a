package post

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/suite"
)

// Fetch reads the rules of the base branch from GitHub. A branch without baselines.toml has an empty one.
func Fetch(ctx context.Context, client *github.Client, t Target, configPath, baselinesPath string) (Rules, error) {
	r := Rules{ConfigPath: configPath, BaselinesPath: baselinesPath}
	var err error
	if r.Config, err = client.File(ctx, t.Repository, configPath, t.BaseBranch); err != nil {
		return Rules{}, err
	}
	if r.Suite, err = suite.Parse(configPath, r.Config); err != nil {
		return Rules{}, fmt.Errorf("%s: %w", t.BaseBranch, err)
	}
	raw, err := client.File(ctx, t.Repository, baselinesPath, t.BaseBranch)
	if err != nil && !errors.Is(err, github.ErrNotFound) {
		return Rules{}, err
	}
	if r.Baselines, err = baseline.Parse(baselinesPath, raw); err != nil {
		return Rules{}, fmt.Errorf("%s: %w", t.BaseBranch, err)
	}
	return r, nil
}

// mostFiles is how many files of a pull request GitHub tells of: with so many, a file that it does not name may be changed.
const mostFiles = 3000

// Changes says what the pull request does to the rules, a line each, what lets more through first. What cannot be read is said
// as well: the text of a change that nobody can read is no excuse for silence.
func Changes(ctx context.Context, client *github.Client, t Target, rules Rules) ([]string, error) {
	if client == nil || t.Number == 0 {
		return nil, nil
	}
	files, err := client.FilesOfPull(ctx, t.Repository, t.Number)
	if err != nil {
		return nil, err
	}
	touched := func(path string) bool {
		return len(files) >= mostFiles || slices.ContainsFunc(files, func(f github.ChangedFile) bool { return f.Path == path || f.Previous == path })
	}
	var lines []string
	if touched(rules.BaselinesPath) {
		lines = append(lines, changesOf(ctx, client, t, rules.BaselinesPath, func(raw []byte) ([]string, error) { return baselineChanges(rules, raw) })...)
	}
	if touched(rules.ConfigPath) {
		lines = append(lines, changesOf(ctx, client, t, rules.ConfigPath, func(raw []byte) ([]string, error) { return suiteChanges(rules, raw) })...)
	}
	return lines, nil
}

// changesOf reads the file as the pull request has it.
func changesOf(ctx context.Context, client *github.Client, t Target, path string, compare func([]byte) ([]string, error)) []string {
	raw, err := client.File(ctx, t.Repository, path, t.HeadSHA)
	if errors.Is(err, github.ErrNotFound) {
		return []string{path + " is removed"}
	}
	if err != nil {
		return []string{fmt.Sprintf("%s is changed, and how could not be read: %v", path, err)}
	}
	lines, err := compare(raw)
	if err != nil {
		return []string{fmt.Sprintf("%s is changed, and cannot be read: %v", path, err)}
	}
	return lines
}

func baselineChanges(rules Rules, raw []byte) ([]string, error) {
	file, err := baseline.Parse(rules.BaselinesPath, raw)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, c := range baseline.Changes(rules.Baselines, file) {
		place := rules.BaselinesPath
		if c.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, c.Line)
		}
		lines = append(lines, place+": "+c.Text)
	}
	return lines, nil
}

func suiteChanges(rules Rules, raw []byte) ([]string, error) {
	s, err := suite.Parse(rules.ConfigPath, raw)
	if err != nil || rules.Suite == nil {
		return nil, err
	}
	var lines []string
	for _, text := range suite.Changes(rules.Suite, s) {
		lines = append(lines, rules.ConfigPath+": "+text)
	}
	return lines, nil
}
