package hunt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/report"
)

// Replay tells what a hunt has found by its files alone: nothing is run, and the repository is not asked. The same files give the
// same bytes of a report. id is that of a hunt, or "latest".
func Replay(home, id string) (Result, error) { return replay(home, id, false) }

// Log is Replay with all events of each search, those of parts of the range that were searched later included: for a journal in words.
func Log(home, id string) (Result, error) { return replay(home, id, true) }

func replay(home, id string, whole bool) (Result, error) {
	id, err := Latest(home, id)
	if err != nil {
		return Result{}, err
	}
	f := folder{id: id, path: filepath.Join(home, huntsFolder, id)}
	if f.record, err = readRecord(f.path); err != nil {
		return Result{ID: id}, err
	}
	told := Result{ID: id}
	for i, t := range f.record.Targets {
		one, err := f.tell(f.targetDir(i, t), t, whole)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was not begun
		}
		if err != nil {
			return told, err
		}
		told.Hunts = append(told.Hunts, *one)
	}
	return told, nil
}

// tell makes the report of the search in a folder; fs.ErrNotExist when there is none.
func (f folder) tell(dir string, t Target, whole bool) (*report.Hunt, error) {
	path := filepath.Join(dir, journalFile)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	read, err := readJournal(path)
	if err != nil {
		return nil, err
	}
	told := report.Hunt{
		ID: f.id, Range: f.record.Range, Scenario: t.Scenario, Metric: t.Metric, Unit: t.Unit, Better: t.Better,
		Task: read.Task, Patch: f.record.Patch, Command: f.record.Command,
	}
	if err := readJSON(filepath.Join(dir, commitsFile), &told.Commits); err != nil {
		return nil, err
	}
	if told.Unit == "" {
		var u unit
		if err := readJSON(filepath.Join(dir, unitFile), &u); err == nil {
			told.Unit, told.Better = u.Unit, u.Better
		}
	}
	if err := replayInto(&told, read.Events); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if whole {
		told.Events = read.Events
	}
	inside, err := f.tell(filepath.Join(dir, insideFolder), t, whole)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	told.Inside = inside
	return &told, nil
}

// replayInto fills in what follows from the events. The search of the whole range ends where a part of it begins.
func replayInto(told *report.Hunt, events []bisect.Event) error {
	s, err := bisect.New(told.Task)
	if err != nil {
		return err
	}
	whole := true
	end := func(upTo int) {
		if !whole {
			told.Elsewhere = append(told.Elsewhere, s.Outcome())
			return
		}
		whole = false
		told.Events, told.Outcome, told.Posterior, told.Remaining = events[:upTo], s.Outcome(), s.Posterior(), s.Remaining()
	}
	for i, e := range events {
		if e.Type == bisect.Focused {
			end(i)
		}
		if err := s.Apply(e); err != nil {
			return fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	end(len(events))
	for _, e := range told.Events {
		if e.Type == bisect.Built && e.Seconds == 0 {
			told.Cached++
		}
	}
	return nil
}
