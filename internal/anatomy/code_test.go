package anatomy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/anatomy"
)

const oneProgram = "package main\n\nfunc main() { println(\"one\") }\n"

// compiled builds a program of Go in a repository of its own, with a commit of that title, and returns its code's hash.
func compiled(t *testing.T, source, title string, masked bool) (code, file string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/one\n\ngo 1.21\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"git", "init", "-q", "."}, {"git", "add", "."},
		{"git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", title},
		{"go", "build", "-o", "one", "."},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-buildvcs=true", "GIT_CONFIG_GLOBAL=/dev/null", "GOOS=linux")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	var texts []string
	if masked {
		texts = append(texts, dir)
	}
	code, err := anatomy.Code(filepath.Join(dir, "one"), texts...)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "one"))
	if err != nil {
		t.Fatal(err)
	}
	return code, string(raw)
}

func TestCodeIsWhatAProgramDoesAndNotWhereItComesFrom(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds programs")
	}
	for _, tool := range []string{"git", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	one, file := compiled(t, oneProgram, "one", true)
	other, otherFile := compiled(t, oneProgram, "another commit in another folder", true)
	if file == otherFile {
		t.Fatal("the files are the same: nothing is tried")
	}
	if one != other {
		t.Error("the same source at another commit, in another folder, is other code")
	}
	if changed, _ := compiled(t, "package main\n\nfunc main() { println(\"two\") }\n", "one", true); changed == one {
		t.Error("another source is the same code")
	}
	if unmasked, _ := compiled(t, oneProgram, "one", false); unmasked == one {
		t.Error("the folder is in no program: nothing is tried")
	}
}

func TestCodeOfWhatCanNotBeTakenApartIsTheWholeFile(t *testing.T) {
	dir := t.TempDir()
	hash := func(text string) string {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		code, err := anatomy.Code(path, dir)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	const cut = "\x7fELF\x02\x01\x01"
	if hash("#!/bin/sh\n") == hash("#!/bin/bash\n") || hash(cut) == hash(cut+"\x00") {
		t.Error("a script or a damaged file is not hashed whole")
	}
	if _, err := anatomy.Code(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a file that is not there has a hash")
	}
}
