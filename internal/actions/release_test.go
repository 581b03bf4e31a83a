package actions_test

import (
	"archive/tar"
	"compress/gzip"
	"debug/buildinfo"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// released is a repository with two programs that do nothing, and the script that releases them.
type released struct {
	t   *testing.T
	dir string
}

func newReleased(t *testing.T) released {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds programs, with the tools of Linux")
	}
	r := released{t, t.TempDir()}
	for name, text := range map[string]string{
		"go.mod": "module example.org/released\n\ngo 1.24\n", "LICENSE": "as you like\n", "README.md": "nothing\n",
		"cmd/perfgate/main.go": "package main\n\nfunc main() {}\n", "cmd/refnode/main.go": "package main\n\nfunc main() {}\n",
		"scripts/release.sh": read(t, "../../scripts/release.sh"),
	} {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.git("init", "-q", "-b", "main")
	r.git("add", ".")
	r.git("commit", "-q", "-m", "a release")
	r.git("tag", "v1.2.3")
	return r
}

func (r released) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// release runs the script for this machine alone, and returns what it printed and its exit code.
func (r released) release(version, folder string) (printed string, code int) {
	r.t.Helper()
	cmd := exec.Command("bash", "scripts/release.sh", version, folder, "perfgate/linux/"+runtime.GOARCH, "refnode/linux/"+runtime.GOARCH)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// A release is made in its checkout, and each of its programs says which one it is; a second time it is made of the same bytes.
func TestAReleaseSaysWhichOneItIs(t *testing.T) {
	r := newReleased(t)
	elsewhere := filepath.Join(t.TempDir(), "again")
	for _, folder := range []string{"dist", elsewhere} {
		if printed, code := r.release("v1.2.3", folder); code != 0 {
			t.Fatalf("it ended with %d\n%s", code, printed)
		}
		if folder == "dist" { // as in the workflow; what another one left would be a change
			if err := os.Rename(filepath.Join(r.dir, "dist"), filepath.Join(elsewhere+"-first")); err != nil {
				t.Fatal(err)
			}
		}
	}
	first, again := read(t, filepath.Join(elsewhere+"-first", "SHA256SUMS")), read(t, filepath.Join(elsewhere, "SHA256SUMS"))
	if first != again {
		t.Errorf("two builds differ:\n%s\n%s", first, again)
	}
	archives, err := filepath.Glob(filepath.Join(elsewhere, "*.tar.gz"))
	if err != nil || len(archives) != 2 || strings.Count(again, "\n") != 2 {
		t.Fatalf("%v, %v\n%s", archives, err, again)
	}
	for _, path := range archives {
		if version := versionIn(t, path); version != "v1.2.3" {
			t.Errorf("%s says that it is %s", filepath.Base(path), version)
		}
	}
}

// versionIn is the version that the program in an archive says it has.
func versionIn(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(packed)
	for {
		header, err := archive.Next()
		if err != nil {
			t.Fatalf("%s has no program: %v", path, err)
		}
		if name := strings.TrimSuffix(filepath.Base(header.Name), ".exe"); header.Typeflag != tar.TypeReg || name != "perfgate" && name != "refnode" {
			continue
		}
		program := filepath.Join(t.TempDir(), "program")
		raw, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		return info.Main.Version
	}
}

// What is not the commit of the tag, or not as it was committed, is no release, and leaves nothing behind that looks like one.
func TestWhatIsNotItsTagIsNoRelease(t *testing.T) {
	r := newReleased(t)
	for name, c := range map[string]struct {
		version, want string
		code          int
	}{
		"no version":     {"1.2.3", "usage", 2},
		"a path":         {"v1.2.3/../../x", "usage", 2},
		"another tag":    {"v1.2.4", "says that it is v1.2.3", 1},
		"a changed file": {"v1.2.3", "v1.2.3+dirty", 1},
	} {
		if name == "a changed file" {
			if err := os.WriteFile(filepath.Join(r.dir, "README.md"), []byte("changed\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		folder := filepath.Join(t.TempDir(), "dist")
		printed, code := r.release(c.version, folder)
		if code != c.code || !strings.Contains(printed, c.want) {
			t.Errorf("%s: it ended with %d\n%s", name, code, printed)
		}
		if left, err := os.ReadDir(folder); err == nil && len(left) > 0 {
			t.Errorf("%s: it left %v", name, left)
		}
	}
}
