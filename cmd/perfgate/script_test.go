package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/itchyny/gojq/cli"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/testnode"
)

// The scripts call perfgate as its users do; jq is there since the monitoring guide's lines need one.
func TestMain(m *testing.M) {
	testscript.Main(testnode.CleanUpAfter(m), map[string]func(){
		"perfgate":        main,
		contain.GuardName: func() { os.Exit(contain.Guard(os.Args, os.Stdin)) },
		"jq":              func() { os.Exit(cli.Run()) },
	})
}

// TestScripts runs every story below testdata/script: one txtar a story, in a folder for each command.
func TestScripts(t *testing.T) {
	programs := map[string]string{
		"SCRIPTED": testnode.Build(t, testnode.Scripted),
		"HEADLESS": testnode.Build(t, testnode.Headless),
	}
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("testdata/script/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	if signal.Ignored(syscall.SIGHUP) { // under nohup, as its children would; the children of one that catches it do not
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir:                 folder,
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits": exits, "until": until, "github": fakeGitHub, "trial": writeTrial,
				},
				Setup: func(env *testscript.Env) error {
					for name, path := range programs {
						env.Setenv(name, path)
					}
					env.Setenv("REPOSITORY", repository)
					env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
					return nil
				},
			})
		})
	}
}

// until waits for files: until exists PATTERN, until gone PATTERN. Of several patterns one that matches will do.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[0] != "exists" && args[0] != "gone" {
		ts.Fatalf("usage: until exists|gone PATTERN...")
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		late := time.Since(begin) > 3*time.Minute // before the look: the machine may stand still between the two
		var found []string
		for _, pattern := range args[1:] {
			matches, err := filepath.Glob(ts.MkAbs(pattern))
			ts.Check(err)
			found = append(found, matches...)
		}
		if (len(found) > 0) == (args[0] == "exists") {
			return
		}
		if late {
			ts.Fatalf("%s: not %s", strings.Join(args[1:], ", "), args[0])
		}
	}
}

// exits runs a command and wants exactly this exit code: exits 4 perfgate compare results.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENTS]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", strings.Join(args[1:], " "), err)
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}
