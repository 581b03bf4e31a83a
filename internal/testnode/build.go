package testnode

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/communitas/perfgate"

// folderPrefix is followed by the id of the process that built, so that a later one can tell a folder whose owner was killed.
const folderPrefix = "perfgate-testnode-"

// Build returns the path of the program called name ([Headless] or [Scripted]), built at its first call in this test binary.
// It ends the test when the program does not build, and when [CleanUpAfter] is not in charge of removing what it builds.
func Build(tb testing.TB, name string) string {
	tb.Helper()
	if name != Headless && name != Scripted {
		tb.Fatalf("testnode: no program %q; there are %q and %q", name, Headless, Scripted)
	}
	return build(tb, name, module+"/internal/testnode/"+name)
}

// BuildRefnode is [Build] for the reference node, cmd/refnode.
func BuildRefnode(tb testing.TB) string {
	tb.Helper()
	return build(tb, "refnode", module+"/cmd/refnode")
}

// BuildPerfgate is [Build] for perfgate itself, cmd/perfgate.
func BuildPerfgate(tb testing.TB) string {
	tb.Helper()
	return build(tb, "perfgate", module+"/cmd/perfgate")
}

// CleanUpAfter wraps what TestMain gets, so that the programs built by the tests are removed when they are over. It serves
// testscript.Main as well as a plain TestMain. A test binary that was killed leaves its folder to the next one that builds.
func CleanUpAfter(m interface{ Run() int }) interface{ Run() int } {
	return cleaning{m}
}

type cleaning struct{ tests interface{ Run() int } }

// Run runs the tests and returns their exit code.
func (c cleaning) Run() int {
	built.open()
	code := c.tests.Run()
	if err := built.close(); err != nil {
		fmt.Fprintln(os.Stderr, "testnode:", err)
		return max(code, 1)
	}
	return code
}

// built is the one state of this package: building once per test binary is what it is for.
var built shelf

// shelf holds the programs that one test binary built. Its zero value is closed and builds nothing.
type shelf struct {
	mu       sync.Mutex
	isOpen   bool
	folder   string // "" before the first program
	programs map[string]func() (string, error)
}

var errShelfClosed = errors.New("nobody removes the programs afterwards; give the package a TestMain: " +
	"os.Exit(testnode.CleanUpAfter(m).Run())")

func build(tb testing.TB, name, path string) string {
	tb.Helper()
	program, err := built.program(name, path)
	if err != nil {
		tb.Fatalf("testnode: build %s: %v", name, err)
	}
	return program
}

func (s *shelf) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOpen, s.programs = true, make(map[string]func() (string, error))
}

// close removes all programs. The shelf builds nothing from then on.
func (s *shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	folder := s.folder
	s.isOpen, s.folder, s.programs = false, "", nil
	if folder == "" {
		return nil
	}
	return os.RemoveAll(folder)
}

// program builds the package at path as name, at most once. Different programs may build at the same time.
func (s *shelf) program(name, path string) (string, error) {
	once, err := s.slot(name, path)
	if err != nil {
		return "", err
	}
	return once()
}

func (s *shelf) slot(name, path string) (func() (string, error), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isOpen {
		return nil, errShelfClosed
	}
	if s.folder == "" {
		removeAbandoned(os.TempDir())
		folder, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
		if err != nil {
			return nil, err
		}
		s.folder = folder
	}
	once, ok := s.programs[name]
	if !ok {
		target := filepath.Join(s.folder, name)
		if runtime.GOOS == "windows" {
			target += ".exe"
		}
		once = sync.OnceValues(func() (string, error) { return target, goBuild(target, path) })
		s.programs[name] = once
	}
	return once, nil
}

// goBuild runs in the current folder, which is inside the module while tests run (unless they changed it).
func goBuild(target, path string) error {
	command := exec.Command("go", "build", "-ldflags=-s -w", "-o", target, path)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", path, err, out)
	}
	return syncFile(target)
}

// syncFile brings a file to the disk. Until then its pages count as private and dirty in each process that alone runs it,
// which would be taken for memory of the node.
func syncFile(path string) error {
	if runtime.GOOS != "linux" {
		return nil // nobody counts pages there
	}
	file, err := os.Open(path) // not for writing: a process forked meanwhile would keep the program from being started
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// removeAbandoned removes the folders below parent whose owners are dead. What cannot be removed stays: it is another user's.
func removeAbandoned(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && pid > 0 && isDead(pid) {
			_ = os.RemoveAll(folder)
		}
	}
}
