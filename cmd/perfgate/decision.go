package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
)

// What a check leaves of its decision beside the results: the verdict, and all that it was made by.
const (
	verdictFile  = "verdict.json"
	decisionFile = "decision.json"
	rulesFile    = "baselines.toml"

	decisionSchema = "perfgate.decision/1"
)

// decision is by what results are judged. It is made once: by it every look is taken and the end decided, whatever becomes of
// baselines.toml meanwhile, and on whatever day the measurement ends.
type decision struct {
	rules   *baseline.File
	options compare.Options
	now     time.Time
}

// decision reads the rules that the flags name.
func (p *program) decision(d *decideFlags) (decision, error) {
	file, err := p.loadBaselines(d.baselines)
	if err != nil {
		return decision{}, err
	}
	return decision{file, d.options(), time.Now().UTC()}, nil
}

// of compares head with base, or with what is recorded when base is nil.
func (d decision) of(base, head *result.Results) compare.Verdict {
	return compare.Decide(d.input(base, head))
}

func (d decision) input(base, head *result.Results) compare.Input {
	return compare.Input{Head: head, Base: base, Baselines: d.rules, Now: d.now, Options: d.options}
}

// keptDecision is decision.json.
type keptDecision struct {
	Schema string `json:"schema"`
	// Perfgate is the version that decided.
	Perfgate string `json:"perfgate"`
	// Decided is the time by which waivers held.
	Decided time.Time `json:"decided"`
	// Rules is what messages call the file that is kept as baselines.toml; "" when there was none.
	Rules string `json:"rules"`
	// The options of the decision; 0 is the default.
	Alpha           float64 `json:"alpha"`
	Confidence      float64 `json:"confidence"`
	RequireBaseline bool    `json:"require_baseline"`
}

// keep leaves a verdict in the results directory that it is of, with what it takes to come to it again.
func (d decision) keep(dir string, verdict compare.Verdict) error {
	kept := keptDecision{
		Schema: decisionSchema, Perfgate: version(), Decided: d.now,
		Alpha: d.options.Alpha, Confidence: d.options.Confidence, RequireBaseline: d.options.RequireBaseline,
	}
	if rules := d.rules.Bytes(); rules != nil {
		kept.Rules = d.rules.Name()
		if err := keepFile(dir, rulesFile, rules); err != nil {
			return err
		}
	}
	raw, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		return fmt.Errorf("keep the decision: %w", err)
	}
	said, err := written(verdict)
	return errors.Join(err, keepFile(dir, decisionFile, append(raw, '\n')), keepFile(dir, verdictFile, said))
}

func keepFile(dir, name string, content []byte) error {
	return store.WriteFile(filepath.Join(dir, name), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// written is a verdict as verdict.json has it.
func written(verdict compare.Verdict) ([]byte, error) {
	var said bytes.Buffer
	err := report.JSON(&said, verdict)
	return said.Bytes(), err
}

// keptIn reads by what the results in a directory were judged.
func keptIn(dir string) (decision, keptDecision, error) {
	path := filepath.Join(dir, decisionFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return decision{}, keptDecision{}, usage("there is no %s in %s, which check and calibrate leave (without --replay the rules of today decide)", decisionFile, dir)
	}
	if err != nil {
		return decision{}, keptDecision{}, err
	}
	var kept keptDecision
	if err := json.Unmarshal(raw, &kept); err != nil {
		return decision{}, kept, fmt.Errorf("%s: %w", path, err)
	}
	if kept.Schema != decisionSchema {
		return decision{}, kept, fmt.Errorf("%s: schema %q is not %q: written by another version of perfgate (%s)", path, kept.Schema, decisionSchema, kept.Perfgate)
	}
	d := decision{
		rules: baseline.Empty(rulesFile), now: kept.Decided,
		options: compare.Options{Alpha: kept.Alpha, Confidence: kept.Confidence, RequireBaseline: kept.RequireBaseline},
	}
	if kept.Rules == "" {
		return d, kept, nil
	}
	rules, err := os.ReadFile(filepath.Join(dir, rulesFile))
	if err != nil {
		return d, kept, fmt.Errorf("the rules of the decision: %w", err)
	}
	d.rules, err = baseline.Parse(kept.Rules, rules)
	return d, kept, err
}

// baseBeside reads the other side of a trial, which lies in base/ in the results of head; nil outside of a trial. The path is that of
// head's results: their directory, or the file itself.
func baseBeside(path string, head *result.Results) (*result.Results, error) {
	if head.Trial == nil || head.Trial.Side != result.SideHead {
		return nil, nil
	}
	return loadResults(filepath.Join(folderOf(path), gate.BaseFolder))
}

// folderOf is the directory of results that are named by it or by the file in it.
func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return filepath.Dir(path)
	}
	return path
}
