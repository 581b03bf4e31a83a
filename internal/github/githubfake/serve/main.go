// Command serve runs the GitHub of the tests as a process of its own, for workflows that are tried on this machine:
//
//	serve -world world.json -state state.json -contract node_modules/@octokit
//
// It prints the URL for GITHUB_API_URL and serves until it gets SIGINT or SIGTERM. Its exit code is 1 when something was wrong with
// a request; what it was is on stderr.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/communitas/perfgate/internal/github/githubfake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "serve:", err)
		return 2
	}
	server, err := githubfake.Start(options)
	if err != nil {
		fmt.Fprintln(stderr, "serve:", err)
		return 2
	}
	fmt.Fprintln(stdout, server.URL)
	<-ctx.Done()
	if err := server.Close(); err != nil {
		fmt.Fprintln(stderr, "serve:", err)
		return 1
	}
	violations := server.Violations()
	for _, v := range violations {
		fmt.Fprintln(stderr, "serve:", v)
	}
	if len(violations) > 0 {
		return 1
	}
	return 0
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (githubfake.Options, error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	world := flags.String("world", "", "what there is at first, as JSON")
	contract := flags.String("contract", "", "folder of GitHub's packages, node_modules/@octokit")
	seed := flags.Uint64("seed", 0, "which faults there are")
	rate := flags.Float64("faults", 0, "share of requests that fail, from 0 to 1")
	var o githubfake.Options
	flags.StringVar(&o.StateFile, "state", "", "where to write what there is, after each change")
	flags.StringVar(&o.Address, "listen", "127.0.0.1:0", "where to listen")
	flags.StringVar(&o.Prefix, "prefix", "", "path of the API, such as /api/v3")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *rate > 0 {
		o.Faults = githubfake.Seeded(*seed, *rate, -1)
	}
	var err error
	if *world != "" {
		if o.World, err = githubfake.ReadWorld(*world); err != nil {
			return o, err
		}
	}
	if *contract != "" {
		o.Contract, err = githubfake.LoadContract(*contract)
	}
	return o, err
}
