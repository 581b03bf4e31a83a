package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// source is where the numbers of one execution will be: in what the command prints, in the file that it is told of, in the
// file that hyperfine exports to, or in Criterion's folders. What lies there from before is told apart by its time and size.
type source struct {
	format, benchmark string
	// command is the benchmark's, with what its format needs added; environment is what the command is told beside its own.
	command     []string
	environment []string
	// output is the file of OutputVariable.
	output string
	// export is the file that hyperfine was told to write, "" for none of its own.
	export stamped
	// folders are Criterion's, each with the estimates that it had before.
	folders []stampedFolder
}

// stamped is a file with what it was before the command ran.
type stamped struct {
	path string
	was  stamp
}

// stamp changes when a file is written; the zero stamp is that of no file.
type stamp struct {
	modified time.Time
	size     int64
}

// stampedFolder is a folder of Criterion's with the estimates that it had before the command ran.
type stampedFolder struct {
	path string
	was  map[string]stamp
}

func newSource(ctx context.Context, plan Plan) (*source, error) {
	s := &source{
		format: plan.Benchmark.Format, benchmark: plan.Benchmark.Name, command: plan.Benchmark.Command,
		output: filepath.Join(plan.Scratch, "output"),
	}
	s.environment = []string{OutputVariable + "=" + s.output}
	switch s.format {
	case FormatHyperfine:
		s.hyperfine(plan)
	case FormatCriterion:
		if err := s.criterion(plan); err != nil {
			return nil, err
		}
		if err := awaitTick(ctx, s.folders); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// hyperfine finds the file of the export, and asks for one where the command is hyperfine itself and asks for none.
func (s *source) hyperfine(plan Plan) {
	const flag = "--export-json"
	for i, arg := range s.command {
		file, attached := strings.CutPrefix(arg, flag+"=")
		if arg == flag && i+1 < len(s.command) {
			file, attached = s.command[i+1], true
		}
		if attached && file != "-" && !strings.HasPrefix(file, "/dev/") {
			s.export = stamped{plan.absolute(file), stampOf(plan.absolute(file))}
		}
		if attached || arg == flag {
			return
		}
	}
	if filepath.Base(s.command[0]) == "hyperfine" {
		s.command = slices.Insert(slices.Clone(s.command), 1, flag, s.output)
	}
}

// criterion gives Criterion a folder of its own, where nothing lies from before and the checkout gets nothing. A
// CRITERION_HOME of the caller's stays; a benchmark that takes no notice of it writes to the target directory.
func (s *source) criterion(plan Plan) error {
	home := os.Getenv("CRITERION_HOME")
	if home == "" {
		home = filepath.Join(plan.Scratch, "criterion")
		s.environment = append(s.environment, "CRITERION_HOME="+home)
	}
	target := cmp.Or(os.Getenv("CARGO_TARGET_DIR"), "target")
	var paths []string
	for _, path := range []string{home, filepath.Join(target, "criterion"), filepath.Join("target", "criterion")} {
		if path = filepath.Clean(plan.absolute(path)); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		was, err := estimatesIn(path)
		if err != nil {
			return err
		}
		s.folders = append(s.folders, stampedFolder{path, was})
	}
	return nil
}

// fileTick is longer than the clock of files stands still on any kernel: a hundredth of a second.
const fileTick = 20 * time.Millisecond

// awaitTick waits until estimates that are written again get another time than they have: within one tick nobody could tell. Those
// of the future are not waited for.
func awaitTick(ctx context.Context, folders []stampedFolder) error {
	now := time.Now()
	var wait time.Duration
	for _, folder := range folders {
		for _, was := range folder.was {
			if age := now.Sub(was.modified); age >= 0 {
				wait = max(wait, fileTick-age)
			}
		}
	}
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read reads the numbers once the command has ended.
func (s *source) read(printed []byte) ([]Value, error) {
	if s.format == FormatCriterion {
		return s.readCriterion()
	}
	for _, file := range []stamped{{path: s.output}, s.export} {
		if file.path == "" || stampOf(file.path) == file.was {
			continue
		}
		text, err := readFile(file.path)
		if err != nil {
			return nil, err
		}
		return parse(s.format, s.benchmark, text)
	}
	return parse(s.format, s.benchmark, printed)
}

func (s *source) readCriterion() ([]Value, error) {
	var folders []CriterionFolder
	for _, folder := range s.folders {
		now, err := estimatesIn(folder.path)
		if err != nil {
			return nil, err
		}
		folders = append(folders, CriterionFolder{
			Files:   os.DirFS(folder.path),
			Written: func(name string) bool { return now[name] != folder.was[name] },
		})
	}
	return Criterion(s.benchmark, folders...)
}

// estimatesIn stamps the estimates in a folder of Criterion's; none where there is no such folder.
func estimatesIn(folder string) (map[string]stamp, error) {
	found := map[string]stamp{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !EstimatesPath(name) {
			return err
		}
		found[name] = stampOf(filepath.Join(folder, filepath.FromSlash(name)))
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for estimates of Criterion's: %w", err)
	}
	return found, nil
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// readFile reads a file that the command has written, up to MaxOutput.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxOutput+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxOutput {
		return nil, fmt.Errorf("%s is larger than %d MiB", filepath.Base(path), MaxOutput>>20)
	}
	return text, nil
}
