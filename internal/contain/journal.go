package contain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// journalSchema names the version of a journal.
const journalSchema = "perfgate.journal/1"

// maxJournal is the largest journal that is read: a day of runs has some hundred kilobytes.
const maxJournal = 16 << 20

// kind says what an entry of a journal is and so how it is taken away.
type kind string

const (
	aCgroup kind = "cgroup" // killed with everything in it, then removed with the cgroups below it
	aFolder kind = "folder" // a folder that is perfgate's alone, removed with all in it
	aRun    kind = "run"    // a run's folder: what its nodes left goes, their logs and configurations stay
)

// head is the first line of a journal: whose it is.
type head struct {
	Schema string `json:"schema"`
	Owner  owner  `json:"owner"`
	// Results is the absolute path of the results directory, in which all folders lie.
	Results string `json:"results"`
}

// entry is a further line: something that is about to be made, or that is gone.
type entry struct {
	Kind kind   `json:"kind"`
	Path string `json:"path"`
	Gone bool   `json:"gone,omitempty"`
}

// journal is what was read of one.
type journal struct {
	head
	// open are the entries that are not gone, in the order in which they were made.
	open []entry
}

// parseJournal reads a journal. Its last line may be cut, since its writer may have been killed: what that line announces
// was never made. Anything else that is out of order is an error, and so is a path outside of what perfgate makes.
func parseJournal(raw []byte) (journal, error) {
	lines := bytes.SplitAfter(raw, []byte("\n"))
	if last := len(lines) - 1; !bytes.HasSuffix(lines[last], []byte("\n")) {
		lines = lines[:last] // empty, or cut
	}
	if len(lines) == 0 {
		return journal{}, errEmptyJournal
	}
	var j journal
	if err := strictly(lines[0], &j.head); err != nil {
		return journal{}, fmt.Errorf("line 1: %w", err)
	}
	if err := j.head.check(); err != nil {
		return journal{}, fmt.Errorf("line 1: %w", err)
	}
	for i, line := range lines[1:] {
		var e entry
		err := strictly(line, &e)
		if err == nil {
			err = j.check(e)
		}
		if err != nil {
			return journal{}, fmt.Errorf("line %d: %w", i+2, err)
		}
		j.take(e)
	}
	return j, nil
}

var errEmptyJournal = errors.New("the journal is empty")

func (j *journal) take(e entry) {
	if !e.Gone {
		j.open = append(j.open, e)
		return
	}
	j.open = slices.DeleteFunc(j.open, func(o entry) bool { return o.Kind == e.Kind && o.Path == e.Path })
}

func (h head) check() error {
	switch {
	case h.Schema != journalSchema:
		return fmt.Errorf("schema %q is not %q: written by another version of perfgate, which can clean up with it", h.Schema, journalSchema)
	case h.Owner.PID <= 0 || h.Owner.Nonce == "":
		return fmt.Errorf("the owner %s is none", h.Owner)
	case !filepath.IsAbs(h.Results) || filepath.Clean(h.Results) != h.Results:
		return fmt.Errorf("the results directory %q is no absolute path", h.Results)
	}
	return nil
}

// check refuses what perfgate never makes: a journal must not become a way to remove other things.
func (j *journal) check(e entry) error {
	if !filepath.IsAbs(e.Path) || filepath.Clean(e.Path) != e.Path {
		return fmt.Errorf("%q is no absolute path", e.Path)
	}
	within := strings.HasPrefix(e.Path, j.Results+string(filepath.Separator))
	own := strings.HasPrefix(filepath.Base(e.Path), FolderPrefix)
	switch {
	case e.Kind == aCgroup && filepath.Base(e.Path) != j.Owner.cgroup():
		return fmt.Errorf("cgroup %s has not the name %s of its owner's", e.Path, j.Owner.cgroup())
	case e.Kind == aFolder && (!within || !own):
		return fmt.Errorf("folder %s is none of perfgate's in %s", e.Path, j.Results)
	case e.Kind == aRun && !within:
		return fmt.Errorf("folder %s is not in %s", e.Path, j.Results)
	case !slices.Contains([]kind{aCgroup, aFolder, aRun}, e.Kind):
		return fmt.Errorf("kind %q is unknown", e.Kind)
	}
	return nil
}

// FolderPrefix begins the name of every folder that perfgate makes for itself in a results directory.
const FolderPrefix = ".perfgate-"

func strictly(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value on a line")
	}
	return nil
}

// readJournal reads a journal's file.
func readJournal(path string) (journal, error) {
	file, err := os.Open(path)
	if err != nil {
		return journal{}, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxJournal+1))
	if err == nil && len(raw) > maxJournal {
		err = fmt.Errorf("more than %d bytes", maxJournal)
	}
	var j journal
	if err == nil {
		j, err = parseJournal(raw)
	}
	if err != nil {
		return journal{}, fmt.Errorf("read journal %s: %w", path, err)
	}
	return j, nil
}

// journalFolder is where the journals of all invocations lie, below perfgate's state folder.
func journalFolder(state string) string { return filepath.Join(state, "live") }

// writer appends to a journal.
type writer struct {
	file *os.File
	size int64
}

// newWriter begins a journal. It is made anew, so that no other invocation's is written on.
func newWriter(state string, h head) (*writer, error) {
	folder := journalFolder(state)
	err := os.MkdirAll(folder, 0o755)
	w := &writer{}
	if err == nil {
		w.file, err = os.OpenFile(filepath.Join(folder, h.Owner.String()+journalSuffix), os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("begin journal: %w (set XDG_STATE_HOME to a folder that can be written to)", err)
	}
	if err := w.write(h); err != nil {
		return nil, errors.Join(err, w.remove())
	}
	return w, nil
}

const journalSuffix = ".jsonl"

// write appends a line with one call, so that it is on record when write returns nil, even if perfgate is killed the next
// moment. Of a line that does not find room nothing stays.
func (w *writer) write(line any) error {
	raw, err := json.Marshal(line)
	if err == nil {
		var n int
		n, err = w.file.Write(append(raw, '\n'))
		if err != nil {
			err = errors.Join(err, w.file.Truncate(w.size))
		} else {
			w.size += int64(n)
		}
	}
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

func (w *writer) path() string { return w.file.Name() }

// remove ends a journal that names nothing more.
func (w *writer) remove() error { return errors.Join(w.file.Close(), os.Remove(w.path())) }
