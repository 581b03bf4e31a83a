package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

func (p *program) doctorCommand() *cobra.Command {
	f := &suiteFlags{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can measure, and what stands in the way",
		Long: `Examines the configuration, the subject, the ports, the limits and the disk, and names a mend for each fault.

Exit codes:
  0    measuring works
  2    usage or configuration
  3    something stands in the way`,
		Example: "  perfgate doctor\n  perfgate doctor --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return p.doctor(f) },
	}
	f.flags = cmd.Flags()
	cmd.Flags().StringVar(&f.subject, "subject", "", "examine this binary instead of the configuration's")
	return cmd
}

func (p *program) doctor(f *suiteFlags) error {
	if err := f.fromEnvironment(); err != nil {
		return err
	}
	s, project, err := p.loadSuite()
	if err != nil {
		return err
	}
	findings := p.examine(s, project, f)
	if p.asJSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(findings); err != nil {
			return err
		}
	} else if err := p.printFindings(findings); err != nil {
		return err
	}
	for _, finding := range findings {
		if finding.Severity == host.Bad {
			return quietly(exitFailed)
		}
	}
	return nil
}

func (p *program) examine(s *suite.Suite, project string, f *suiteFlags) []host.Finding {
	findings := []host.Finding{{Name: "system", Severity: host.OK, Text: "nodes can be measured here"}}
	if err := proc.Supported(); err != nil {
		findings[0] = host.Finding{Name: "system", Severity: host.Bad, Text: err.Error(), Mend: "measure on Linux"}
	}
	text := fmt.Sprintf("%s: %d scenarios, %d benchmarks", p.config, len(s.Scenarios), len(s.Benchmarks))
	configuration := host.Finding{Name: "configuration", Severity: host.OK, Text: text}
	if warnings := s.Warnings(); len(warnings) > 0 {
		configuration = host.Finding{Name: "configuration", Severity: host.Warn, Text: strings.Join(warnings, "; ")}
	}
	findings = append(findings, configuration)
	binary, build := f.subject, []string(nil)
	if binary == "" {
		binary, build = s.Subject.Binary, s.Subject.Build
		if !filepath.IsAbs(binary) {
			binary = filepath.Join(project, binary)
		}
	}
	if len(s.Scenarios) > 0 {
		findings = append(findings, host.CheckBinary(binary, build))
	}
	nodes := 0
	for _, scenario := range s.Scenarios {
		nodes = max(nodes, scenario.Nodes)
	}
	return append(findings, p.examinePorts(f, nodes), host.CheckFiles(nodes), examineDisk(project, f))
}

// examinePorts takes ports for the largest network, as a run would.
func (p *program) examinePorts(f *suiteFlags, nodes int) host.Finding {
	ports, err := runner.NewPorts(f.basePort, f.baseCtl)
	if err == nil {
		defer ports.Close()
		err = ports.Check(nodes)
	}
	if err != nil {
		return host.Finding{Name: "ports", Severity: host.Bad, Text: err.Error(), Mend: "free them, or choose others with BASE_PORT and BASE_METRICS_PORT"}
	}
	return host.Finding{Name: "ports", Severity: host.OK, Text: fmt.Sprintf("%d nodes find ports on 127.0.0.1, TCP and UDP", nodes)}
}

func examineDisk(project string, f *suiteFlags) host.Finding {
	dir := f.out
	if dir == "" {
		home, err := store.Home(project)
		if err != nil {
			return host.Finding{Name: "disk", Severity: host.Bad, Text: err.Error(), Mend: "name a folder with --out"}
		}
		dir = home
	}
	return host.CheckDisk(dir)
}

func (p *program) printFindings(findings []host.Finding) error {
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, finding := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", finding.Severity, finding.Name, finding.Text)
		if finding.Mend != "" {
			fmt.Fprintf(table, "\t\tmend: %s\n", finding.Mend)
		}
	}
	return table.Flush()
}
