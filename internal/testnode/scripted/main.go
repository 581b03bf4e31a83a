// Command scripted is a node that does what a script says and writes down when it did so: a known truth for testing what
// measures nodes. It has the command line of communitas-headless, of which it uses --storage, --listen, --metrics and
// --metrics-addr; it talks to no other node unless the script has links or lets the nodes meet, for which it uses
// --bootstrap. The script comes from TESTNODE_SCRIPT (JSON, or @ and a file) or, without that, from the --config file if that
// begins with a brace; the node's index from --index or TESTNODE_INDEX. It ends itself when the script's lifetime is over.
package main

import (
	"fmt"
	"io"
	"os"
)

// Exit codes of the program's own; a script may choose others.
const (
	exitOK       = 0
	exitRuntime  = 1
	exitUsage    = 2
	exitLifetime = 124
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stderr))
}

// run is the program, up to the signal that ends it. An end by script does not come back here: see end.go.
func run(args []string, getenv func(string) string, stderr io.Writer) int {
	if task := getenv(childVariable); task != "" {
		return report(stderr, runChild(task))
	}
	options, err := parseOptions(args, getenv, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "scripted:", err)
		return exitUsage
	}
	n, err := newNode(options, stderr)
	if err != nil {
		return report(stderr, err)
	}
	n.schedule()
	if err := n.bind(); err != nil {
		return report(stderr, err)
	}
	signals := n.watchSignals()
	go n.timeline.run()
	return n.obey(signals)
}

func report(stderr io.Writer, err error) int {
	if err != nil {
		fmt.Fprintln(stderr, "scripted:", err)
		return exitRuntime
	}
	return exitOK
}
