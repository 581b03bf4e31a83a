package hunt

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/bisect"
)

// journal is the file of a search, open for more. Each line is on the disk before anything follows from it.
type journal struct {
	file   *os.File
	task   bisect.Task
	events []bisect.Event
}

// openJournal opens the journal in a folder; begin makes the task where there is none yet. What a crash has torn off goes.
func openJournal(dir string, begin func() (bisect.Task, error)) (*journal, error) {
	path := filepath.Join(dir, journalFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		task, err := begin()
		if err != nil {
			return nil, err
		}
		if err := writeHeader(path, task); err != nil {
			return nil, err
		}
	}
	read, err := readJournal(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err := file.Truncate(read.Whole); err != nil {
		return nil, fmt.Errorf("open the journal: %w", errors.Join(err, file.Close()))
	}
	if _, err := file.Seek(read.Whole, io.SeekStart); err != nil {
		return nil, fmt.Errorf("open the journal: %w", errors.Join(err, file.Close()))
	}
	return &journal{file: file, task: read.Task, events: read.Events}, nil
}

// writeHeader begins a journal: with a whole first line or not at all.
func writeHeader(path string, task bisect.Task) error {
	line, err := bisect.HeaderLine(task)
	if err != nil {
		return err
	}
	return writeWhole(path, line)
}

func readJournal(path string) (bisect.Journal, error) {
	file, err := os.Open(path)
	if err != nil {
		return bisect.Journal{}, fmt.Errorf("read the journal: %w", err)
	}
	defer file.Close()
	read, err := bisect.ReadJournal(file)
	if err != nil {
		return bisect.Journal{}, fmt.Errorf("%s: %w", path, err)
	}
	return read, nil
}

// append keeps an event.
func (j *journal) append(e bisect.Event) error {
	line, err := bisect.EventLine(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.events = append(j.events, e)
	return nil
}

func (j *journal) close() error { return j.file.Close() }
