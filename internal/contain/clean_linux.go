package contain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Clean takes away what invocations that are over have left, as their journals tell. With dry it only counts.
func Clean(ctx context.Context, state string, dry bool) ([]Left, error) {
	folder := journalFolder(state)
	files, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("clean: %w", err)
	}
	var all []Left
	var errs []error
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), journalSuffix) {
			continue
		}
		left, err := cleanOne(ctx, filepath.Join(folder, file.Name()), dry)
		if err != nil {
			left.Failure = err.Error()
			errs = append(errs, err)
		}
		all = append(all, left)
	}
	return all, errors.Join(errs...)
}

func cleanOne(ctx context.Context, path string, dry bool) (Left, error) {
	named, ok := parseOwner(strings.TrimSuffix(filepath.Base(path), journalSuffix))
	if !ok {
		return Left{}, fmt.Errorf("clean: %s is no journal of perfgate's", path)
	}
	left := Left{PID: named.PID}
	j, err := readJournal(path)
	switch {
	case errors.Is(err, os.ErrNotExist): // gone meanwhile
		return left, nil
	case errors.Is(err, errEmptyJournal): // its writer may be about to write its first line
		ticks, gone := startTicks(named.PID)
		if left.Alive = gone == nil && ticks == named.StartTicks; left.Alive || dry {
			return left, nil
		}
		return left, os.Remove(path)
	case err != nil:
		return left, err
	}
	left.Results = j.Results
	if left.Alive = j.Owner.alive(); left.Alive {
		return left, nil
	}
	if dry {
		left.Report = j.count()
		return left, nil
	}
	left.Report, err = cleanJournal(ctx, path)
	return left, err
}

// cleanJournal takes away what a journal names, and then the journal.
func cleanJournal(ctx context.Context, path string) (Report, error) {
	j, err := readJournal(path)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, errEmptyJournal) {
		return Report{}, nil
	}
	if err != nil {
		return Report{}, err
	}
	report, err := j.takeAway(ctx)
	if err != nil {
		return report, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // the guard may have been faster
		return report, fmt.Errorf("remove journal: %w", err)
	}
	return report, nil
}

// takeAway takes away what is open: processes first, so that nothing is made anew.
func (j journal) takeAway(ctx context.Context) (Report, error) {
	var report Report
	var errs []error
	for _, e := range j.open {
		if e.Kind != aCgroup || !cgroup(e.Path).exists() {
			continue
		}
		killed, err := cgroup(e.Path).remove(ctx)
		report = report.plus(Report{Processes: killed, Cgroups: 1})
		errs = append(errs, err)
	}
	report.Processes += markOf(j.Owner).kill()
	for _, e := range j.open {
		removed, err := e.clear(j.Results)
		report.Folders += removed
		errs = append(errs, err)
	}
	return report, errors.Join(errs...)
}

// count counts what takeAway would take away.
func (j journal) count() Report {
	report := Report{}
	processes := markOf(j.Owner).processes()
	for _, e := range j.open {
		switch {
		case e.Kind == aCgroup && cgroup(e.Path).exists():
			report.Cgroups++
			if held, err := cgroup(e.Path).processes(); err == nil {
				processes = append(processes, held...)
			}
		case e.Kind == aFolder:
			if _, err := os.Lstat(e.Path); err == nil {
				report.Folders++
			}
		case e.Kind == aRun:
			if left, err := Leftovers(e.Path); err == nil {
				report.Folders += len(left)
			}
		}
	}
	slices.Sort(processes)
	report.Processes = len(slices.Compact(processes))
	return report
}
