package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/doctor"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// doctorFlags say what is examined, beside the configuration and the environment.
type doctorFlags struct {
	suiteFlags
	results       string
	launch        bool
	launchTimeout time.Duration
	workflows     bool
	running       []string // control addresses of nodes
}

func (p *program) doctorCommand() *cobra.Command {
	f := &doctorFlags{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can measure, and what stands in the way",
		Long: `Examines the machine, its limits, the project, its network and its last results, starts one node of the subject,
and says of each fault what it costs and how to mend it.

  ok    nothing is in the way; a cost says which extra is missing
  warn  measuring works, with doubtful figures
  bad   measuring does not work

NUM_NODES, TEST_DURATION, BASE_PORT, BASE_METRICS_PORT, LOG_DIR and BINARY_PATH count as for perfgate run.

Exit codes:
  0    measuring works
  2    usage or configuration
  3    something stands in the way
  130  interrupted`,
		Example: `  perfgate doctor
  perfgate doctor --subject target/release/communitas-headless
  perfgate doctor --results /tmp/communitas-perf-test   # look through the logs of these results
  perfgate doctor --workflows                           # also what act needs to run workflows
  perfgate doctor --node 127.0.0.1:9600 --node 127.0.0.1:9601   # which level of docs/PROBE.md does the first one reach?
  perfgate doctor --json | jq -r '.[] | select(.severity != "ok") | .name + ": " + .mend'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context(), f) },
	}
	f.flags = cmd.Flags()
	f.flags.StringVar(&f.subject, "subject", "", "examine this binary instead of the configuration's")
	f.flags.StringVar(&f.results, "results", "", "look through the logs of this results directory instead of the latest")
	f.flags.BoolVar(&f.launch, "launch", true, "start one node of the subject, where its binary is there")
	f.flags.DurationVar(&f.launchTimeout, "launch-timeout", 10*time.Second, "how long that node may take to become ready")
	f.flags.BoolVar(&f.workflows, "workflows", false, "examine what act needs, even where it is not installed")
	f.flags.StringArrayVar(&f.running, "node", nil, "examine the running node at this control address, IP:PORT, and nothing else; a second one helps it")
	return cmd
}

func (p *program) doctor(ctx context.Context, f *doctorFlags) error {
	findings, err := p.findings(ctx, f)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.asJSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		err = encoder.Encode(findings)
	} else {
		err = report.Findings(p.stdout, findings, p.style())
	}
	if err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	if diagnosis.Worst(findings) == diagnosis.Bad {
		return quietly(exitFailed)
	}
	return nil
}

// findings examines the running nodes that were named, or everything else.
func (p *program) findings(ctx context.Context, f *doctorFlags) ([]diagnosis.Finding, error) {
	if len(f.running) > 0 {
		s, _, err := p.loadSuite()
		if err != nil {
			return nil, err
		}
		return examineNodes(ctx, s.Node, f.running)
	}
	e, err := p.examination(f)
	if err != nil {
		return nil, err
	}
	return e.Examine(ctx), nil
}

// examination gathers what the checks need to know.
func (p *program) examination(f *doctorFlags) (*doctor.Examination, error) {
	if err := f.fromEnvironment(); err != nil {
		return nil, err
	}
	if f.launchTimeout <= 0 {
		return nil, usage("--launch-timeout has to be above 0 (--launch=false starts no node)")
	}
	s, project, err := p.loadSuite()
	if err != nil {
		return nil, err
	}
	if s, _, err = s.Override(suite.Overrides{Nodes: f.nodes, Duration: f.duration}); err != nil {
		return nil, usage("%w", err)
	}
	e := &doctor.Examination{
		Root: os.DirFS("/"), Config: p.config, Suite: s, Project: project, BasePort: f.basePort, BaseMetricsPort: f.baseCtl,
		Launch: f.launch, LaunchTimeout: f.launchTimeout, Workflows: f.workflows, DockerHost: os.Getenv("DOCKER_HOST"),
	}
	if e.Binary, err = filepath.Abs(f.subject); f.subject == "" {
		e.Binary, e.Build = s.Subject.Binary, s.Subject.Build
		if !filepath.IsAbs(e.Binary) {
			e.Binary = filepath.Join(project, e.Binary)
		}
	} else if err != nil {
		return nil, usage("--subject: %w", err)
	}
	return e, p.places(e, f)
}

// places finds where results go, and the last ones.
func (p *program) places(e *doctor.Examination, f *doctorFlags) error {
	state, err := store.State()
	if err != nil {
		return usage("%w", err)
	}
	e.State = state
	home, err := store.Home(e.Project)
	if err != nil && (f.out == "" || f.results == "") {
		return usage("%w", err)
	}
	e.Out = home
	if f.out != "" {
		if e.Out, err = filepath.Abs(f.out); err != nil {
			return usage("%w", err)
		}
	}
	e.Results = f.results
	if f.results != "" {
		if _, err := os.Stat(f.results); err != nil {
			return usage("--results: %w", err)
		}
		return nil
	}
	for _, latest := range []string{f.out, filepath.Join(home, "results", "latest")} {
		if _, err := os.Stat(filepath.Join(latest, "results.json")); err == nil && latest != "" {
			e.Results = latest
			break
		}
	}
	return nil
}
