package hunt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// The names in the folder of a hunt.
const (
	huntsFolder    = "bisect" // in the folder of a project
	recordFile     = "hunt.json"
	patchFile      = "patch.diff"
	processFile    = "process"
	journalFile    = "journal.jsonl"
	commitsFile    = "commits.json"
	unitFile       = "unit.json"
	insideFolder   = "inside"
	binariesFolder = "binaries"
)

// recordSchema names the form of hunt.json.
const recordSchema = "perfgate.hunt/1"

// record is all that a hunt was told, in hunt.json.
type record struct {
	Schema  string      `json:"schema"`
	Tool    result.Tool `json:"tool"`
	Created time.Time   `json:"created"`
	Command string      `json:"command"`
	// Range is what was asked for, Good and Bad the SHAs that it stood for then.
	Range   string   `json:"range"`
	Good    string   `json:"good"`
	Bad     string   `json:"bad"`
	Targets []Target `json:"targets"`
	Settings
	// Skip are the SHAs of commits that are taken for such as can not be measured.
	Skip []string `json:"skip,omitempty"`
	// Patch is the name of the file that was given, whose content is kept beside this one; "" for none.
	Patch string `json:"patch,omitempty"`
	// Configuration is the hash over what is built and measured, and Environment where.
	Configuration string             `json:"configuration"`
	Environment   result.Environment `json:"environment"`
}

// folder is that of a hunt in the hands of this process.
type folder struct {
	id, path string
	record   record
	claim    *store.Claim
}

// BusyError says that another process has a hunt.
type BusyError struct {
	ID string
	// PID is the process, 0 when it is unknown.
	PID int
}

func (e *BusyError) Error() string {
	by := "another process"
	if e.PID > 0 {
		by = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("the search %s is going on: %s has it (wait for its end, or begin another one)", e.ID, by)
}

// openFolder begins a hunt, or takes one that is to go on. The suite of the plan becomes the one that is measured.
func openFolder(ctx context.Context, plan *Plan, checkout gitrepo.Checkout) (*folder, error) {
	if plan.Resume == "" {
		var err error
		if plan.Suite, err = plan.Settings.suite(plan.Suite, plan.Targets); err != nil {
			return nil, err
		}
		return newFolder(ctx, *plan, checkout)
	}
	id, err := Latest(plan.Home, plan.Resume)
	if err != nil {
		return nil, err
	}
	f := &folder{id: id, path: filepath.Join(plan.Home, huntsFolder, id)}
	if f.record, err = readRecord(f.path); err != nil {
		return nil, err
	}
	if plan.Suite, err = f.record.suite(plan.Suite, f.record.Targets); err != nil {
		return nil, err
	}
	if err := f.fits(ctx, *plan); err != nil {
		return nil, err
	}
	if err := f.take(); err != nil {
		return nil, err
	}
	if err := f.goOn(ctx, *plan); err != nil {
		return nil, errors.Join(err, f.claim.Close())
	}
	return f, nil
}

// goOn keeps what a hunt that is resumed was told besides.
func (f *folder) goOn(ctx context.Context, plan Plan) error {
	skip, err := f.record.skipping(ctx, plan)
	if err != nil {
		return err
	}
	with, more := plan.Limits.over(f.record.Settings), skip[len(f.record.Skip):]
	if with == f.record.Settings && len(more) == 0 {
		return nil
	}
	for _, sha := range more { // the search would end there without
		f.record.Command += " --skip " + sha
	}
	f.record.Settings, f.record.Skip = with, skip
	return writeJSON(filepath.Join(f.path, recordFile), f.record)
}

// newFolder resolves what the hunt is about, and keeps it.
func newFolder(ctx context.Context, plan Plan, checkout gitrepo.Checkout) (*folder, error) {
	r, err := gitrepo.ReadRange(ctx, plan.Project, gitrepo.RangePlan{Good: plan.Good, Bad: plan.Bad, AllParents: plan.Settings.AllParents, Paths: plan.Suite.Subject.Paths})
	if err != nil {
		return nil, err
	}
	if err := fitsSomewhere(ctx, plan, checkout, r); err != nil {
		return nil, err
	}
	id := store.StampedName(time.Now())
	f := &folder{id: id, path: filepath.Join(plan.Home, huntsFolder, id), record: record{
		Schema: recordSchema, Tool: plan.Tool, Created: time.Now().UTC().Truncate(time.Millisecond), Command: plan.Command,
		Range: plan.Good + ".." + plan.Bad, Good: r.Good.SHA, Bad: r.Bad.SHA, Targets: plan.Targets, Settings: plan.Settings,
		Configuration: configuration(plan.Suite, plan.Targets), Environment: host.Describe(ctx, plan.Project, plan.Suite.Subject.Build),
	}}
	if f.record.Skip, err = f.record.skipping(ctx, plan); err != nil {
		return nil, err
	}
	if err := f.take(); err != nil {
		return nil, err
	}
	if plan.Patch != "" {
		f.record.Patch = filepath.Base(plan.Patch)
		if err := copyFile(plan.Patch, filepath.Join(f.path, patchFile), 0o644); err != nil {
			return nil, errors.Join(fmt.Errorf("keep the patch: %w", err), f.claim.Close())
		}
	}
	if err := writeJSON(filepath.Join(f.path, recordFile), f.record); err != nil {
		return nil, errors.Join(err, f.claim.Close())
	}
	if err := store.PointLatest(f.path); err != nil {
		plan.Log.Debug("no link to the latest search", "error", err)
	}
	return f, nil
}

// fitsSomewhere refuses a patch that applies to no commit of the range. The ends are tried first.
func fitsSomewhere(ctx context.Context, plan Plan, checkout gitrepo.Checkout, r gitrepo.Range) error {
	if plan.Patch == "" {
		return nil
	}
	patch, err := filepath.Abs(plan.Patch)
	if err != nil {
		return fmt.Errorf("find the patch: %w", err)
	}
	if _, err := os.Stat(patch); err != nil {
		return &UnfitError{fmt.Sprintf("the patch can not be read: %v", err), "name a file that git diff has written"}
	}
	tried := slices.Clone(r.Commits)
	last := len(tried) - 1
	tried[1], tried[last] = tried[last], tried[1]
	for _, c := range tried {
		applies, err := gitrepo.PatchApplies(ctx, checkout.Top, c.SHA, patch)
		if err != nil {
			return &UnfitError{err.Error(), "name a file that git diff has written"}
		}
		if applies {
			return nil
		}
	}
	return &UnfitError{fmt.Sprintf("the patch %s applies to none of the %d commits", filepath.Base(patch), len(tried)),
		"make it with git diff at one of them"}
}

// take claims the folder for this process, until it ends.
func (f *folder) take() error {
	claim, err := store.AwaitFolder(f.path)
	if errors.Is(err, store.ErrInUse) {
		return &BusyError{ID: f.id, PID: processOf(f.path)}
	}
	if err != nil {
		return fmt.Errorf("keep the search: %w (set XDG_STATE_HOME to a folder that can be written to)", err)
	}
	f.claim = claim
	err = store.WriteFile(filepath.Join(f.path, processFile), func(w io.Writer) error {
		_, err := fmt.Fprintln(w, os.Getpid())
		return err
	})
	if err != nil {
		return errors.Join(err, claim.Close())
	}
	return nil
}

func (f *folder) close() { _ = f.claim.Close() } // what is not given back goes back with the process

// processOf is the process that has or had a hunt, 0 when that is unknown.
func processOf(path string) int {
	raw, err := os.ReadFile(filepath.Join(path, processFile))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(raw))) // 0 is unknown
	return pid
}

// fits refuses to go on under another configuration, or on another machine: what was measured there is not comparable.
func (f *folder) fits(ctx context.Context, plan Plan) error {
	if now := configuration(plan.Suite, f.record.Targets); now != f.record.Configuration {
		return &UnfitError{fmt.Sprintf("the search %s was begun under another configuration: what is built or measured has changed in perfgate.toml since", f.id),
			"undo the change, or begin a new search"}
	}
	here := host.Describe(ctx, plan.Project, plan.Suite.Subject.Build)
	if differences := here.Differences(f.record.Environment.Traits()); len(differences) > 0 {
		return &UnfitError{fmt.Sprintf("the search %s was begun in another environment: %s", f.id, strings.Join(differences, ", ")),
			"go on there, or begin a new search here"}
	}
	return nil
}

// targetDir is the folder of a target.
func (f *folder) targetDir(i int, t Target) string {
	safe := strings.Map(func(r rune) rune {
		if r == '/' || r == filepath.Separator || r == ' ' {
			return '-'
		}
		return r
	}, t.Name())
	return filepath.Join(f.path, fmt.Sprintf("%d-%s", i+1, safe))
}

// configuration is a hash over what is built and measured for some targets.
func configuration(s *suite.Suite, targets []Target) string {
	parts := []string{s.Configuration("")}
	for _, t := range targets {
		switch {
		case t.Scenario != "":
			parts = append(parts, s.Configuration(t.Scenario))
		case t.Benchmark != "":
			parts = append(parts, benchmarkConfiguration(s, t.Benchmark))
		}
	}
	return hashOf(parts...)
}

func benchmarkConfiguration(s *suite.Suite, name string) string {
	for _, b := range s.Benchmarks {
		if b.Name == name {
			return b.Configuration()
		}
	}
	return ""
}

// Latest is the id of a hunt of a project: the one that is named, or with "latest" the one that was begun last. One that is not there is an *UnfitError.
func Latest(home, id string) (string, error) {
	dir := filepath.Join(home, huntsFolder)
	if id == "latest" {
		all := begun(home)
		if len(all) == 0 {
			return "", &UnfitError{"there is no search of this project yet", "begin one: perfgate bisect GOOD..BAD"}
		}
		return all[len(all)-1], nil
	}
	if id != filepath.Base(id) || id == "." || id == ".." {
		return "", &UnfitError{fmt.Sprintf("%q is no id of a search", id), "ls " + dir + " lists them"}
	}
	if _, err := os.Stat(filepath.Join(dir, id, recordFile)); err != nil {
		return "", &UnfitError{fmt.Sprintf("there is no search %s of this project", id), "ls " + dir + " lists them"}
	}
	return id, nil
}

// begun are the ids of a project's hunts, the one that was begun last at the end.
func begun(home string) []string {
	records, _ := fs.Glob(os.DirFS(filepath.Join(home, huntsFolder)), "2*/"+recordFile) // the pattern is sound
	ids := make([]string, len(records))
	for i, name := range records {
		ids[i] = path.Dir(name)
	}
	slices.Sort(ids)
	return ids
}

func readRecord(path string) (record, error) {
	var r record
	if err := readJSON(filepath.Join(path, recordFile), &r); err != nil {
		return record{}, err
	}
	if r.Schema != recordSchema {
		return record{}, fmt.Errorf("read %s: schema %q: this perfgate reads %q", recordFile, r.Schema, recordSchema)
	}
	return r, nil
}

func writeJSON(path string, value any) error {
	return store.WriteFile(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		return encoder.Encode(value)
	})
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the search: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
