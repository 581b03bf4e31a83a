package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// childVariable makes this program a child: it has a childTask as JSON.
const childVariable = "TESTNODE_CHILD"

// defaultChildLifetime is a child's when its script has none.
const defaultChildLifetime = time.Minute

// childTask is what a node tells the process that it starts.
type childTask struct {
	Fork     bool   // start the child and end: the first half of a double fork
	Truth    string // folder
	Lifetime time.Duration
	Stubborn bool
}

// scheduleChild puts in the process that outlives the node.
func (n *node) scheduleChild() {
	child := n.does.Child
	if child == nil {
		return
	}
	task := childTask{
		Fork:     child.Kind == testnode.ChildDaemon,
		Truth:    n.options.truthFolder(),
		Lifetime: time.Duration(child.LifetimeMS) * time.Millisecond,
		Stubborn: child.Stubborn,
	}
	if task.Lifetime == 0 {
		task.Lifetime = defaultChildLifetime
	}
	n.timeline.at(child.AtMS, func() {
		command, err := startChild(task)
		if err != nil {
			os.Exit(report(n.stderr, fmt.Errorf("start child by script: %w", err)))
		}
		go func() { _ = command.Wait() }() // leaves no zombie while the node lives
	})
}

// startChild starts this program again with a task. The middle process of a double fork gets a session of its own.
func startChild(task childTask) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), childVariable+"="+string(text))
	if task.Fork {
		ownSession(command)
	} else {
		command.Stdout, command.Stderr = os.Stdout, os.Stderr // of a daemon: its parent's, which has none
	}
	return command, command.Start()
}

// runChild is the program when it is a child: it writes down that it lives and does so until its lifetime is over.
func runChild(text string) error {
	var task childTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return fmt.Errorf("%s: %w", childVariable, err)
	}
	if task.Fork {
		task.Fork = false
		_, err := startChild(task)
		return err
	}
	if task.Stubborn {
		signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	}
	end := time.After(task.Lifetime)
	truth, err := openTruth(task.Truth)
	if err != nil {
		return err
	}
	truth.write(testnode.EventChild, strconv.Itoa(os.Getpid()))
	<-end
	return nil
}
