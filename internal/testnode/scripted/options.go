package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/testnode"
)

// options is the command line with the environment.
type options struct {
	storage     string
	truth       string // folder of the truth file, "" when that is storage
	listen      string // IP:PORT; "" binds nothing
	bootstrap   string // IP:PORT, for links and meetings; "" for the bootstrap itself
	metrics     bool
	metricsAddr string
	index       int
	mesh        string // folder of the network; "" for a node alone
	script      testnode.Script
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("scripted", flag.ContinueOnError)
	flags.SetOutput(stderr)
	config := flags.String("config", "", "file that may hold a script, if it begins with {")
	flags.StringVar(&o.storage, "storage", "", "folder for what the node writes")
	flags.StringVar(&o.truth, "truth", "", "folder for truth.jsonl, where it is not that of --storage")
	flags.StringVar(&o.listen, "listen", "", "IP:PORT to bind, with UDP or, for links, TCP")
	flags.StringVar(&o.bootstrap, "bootstrap", "", "IP:PORT of the node to link and meet with; the last one counts")
	flags.BoolVar(&o.metrics, "metrics", false, "serve the control address")
	flags.StringVar(&o.metricsAddr, "metrics-addr", "127.0.0.1:9600", "IP:PORT of the control address")
	flags.Bool("self-update", false, "taken and not used")
	index := flags.String("index", "", "index of this node, from 0")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	o.mesh = getenv(testnode.MeshVariable)
	if o.storage == "" {
		return options{}, errors.New("no --storage: the truth needs a folder")
	}
	var err error
	if o.index, err = strconv.Atoi(cmp.Or(*index, getenv(testnode.IndexVariable), "0")); err != nil || o.index < 0 {
		return options{}, fmt.Errorf("index %q: want a whole number from 0", cmp.Or(*index, getenv(testnode.IndexVariable)))
	}
	o.script, err = findScript(getenv(testnode.ScriptVariable), *config)
	return o, err
}

// findScript takes the script from the variable's value, else from the configuration file if that is one.
func findScript(value, config string) (testnode.Script, error) {
	if path, ok := strings.CutPrefix(value, "@"); ok {
		data, err := os.ReadFile(path)
		if err != nil {
			return testnode.Script{}, err
		}
		return testnode.ParseScript(data)
	}
	if value != "" {
		return testnode.ParseScript([]byte(value))
	}
	if config == "" {
		return testnode.Script{}, nil
	}
	data, err := os.ReadFile(config)
	if err != nil {
		return testnode.Script{}, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return testnode.Script{}, nil // somebody else's configuration
	}
	return testnode.ParseScript(data)
}

func (o options) truthFolder() string { return cmp.Or(o.truth, o.storage) }
