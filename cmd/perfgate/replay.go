package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/compare"
)

// replay decides again what was decided when results were measured: from the samples, by the rules, the options and the date of then.
// A verdict that is not the kept one, byte for byte, is an error, after it was shown.
func (p *program) replay(path string, d *decideFlags, explain string) error {
	head, err := loadResults(path)
	if err != nil {
		return err
	}
	base, err := baseBeside(path, head)
	if err != nil {
		return err
	}
	dir := folderOf(path)
	decide, kept, err := keptIn(dir)
	if err != nil {
		return err
	}
	in := decide.input(base, head)
	verdict := compare.Decide(in)
	said, err := written(verdict)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(filepath.Join(dir, verdictFile))
	if err != nil {
		return fmt.Errorf("the verdict of then: %w", err)
	}
	var end error
	if explain != "" {
		end = p.explain(in, explain, d)
	} else if end = p.say(verdict, head); end == nil {
		end = p.end(verdict, d)
	}
	if exitCode(end) == exitUsage {
		return end
	}
	if !bytes.Equal(said, before) {
		return fmt.Errorf("the verdict is not that of then: %s (decided by perfgate %s, this is %s)", differenceOf(before, verdict), kept.Perfgate, version())
	}
	p.log.Info("the same as " + filepath.Join(dir, verdictFile) + ", byte for byte")
	return end
}

// differenceOf names the first thing of weight that two verdicts say differently.
func differenceOf(before []byte, now compare.Verdict) string {
	var then struct {
		Verdict compare.Outcome
		Metrics []struct {
			Scenario, Metric string
			Verdict          compare.Outcome
		}
	}
	if err := json.Unmarshal(before, &then); err != nil {
		return verdictFile + ": " + err.Error()
	}
	if then.Verdict != now.Verdict {
		return fmt.Sprintf("%s there, %s here", then.Verdict, now.Verdict)
	}
	if len(then.Metrics) != len(now.Metrics) {
		return fmt.Sprintf("%d metrics there, %d here", len(then.Metrics), len(now.Metrics))
	}
	for i, m := range now.Metrics {
		if was := then.Metrics[i]; was.Metric != m.Metric || was.Scenario != m.Scenario || was.Verdict != m.Verdict {
			return fmt.Sprintf("%s %q there, %s %q here", compare.QualifiedName(was.Scenario, was.Metric), was.Verdict, compare.QualifiedName(m.Scenario, m.Metric), m.Verdict)
		}
	}
	return "its numbers or words differ"
}
