package report_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/report"
)

func examined() []diagnosis.Finding {
	return []diagnosis.Finding{
		{Group: diagnosis.Machine, Name: "system", Severity: diagnosis.OK, Text: "nodes can be measured here"},
		{
			Group: diagnosis.Machine, Name: "clock source", Severity: diagnosis.Warn, Text: "hpet",
			Cost: "each look at the clock takes microseconds", Mend: "add clocksource=tsc to the kernel's command line",
		},
		{Group: diagnosis.Project, Name: "binary", Severity: diagnosis.Bad, Text: "not\x1b[31m there", Mend: "build it"},
	}
}

func findings(t *testing.T, style report.Style) string {
	t.Helper()
	var b strings.Builder
	if err := report.Findings(&b, examined(), style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFindingsAreGroupedAndCounted(t *testing.T) {
	want := `machine
  ok    system        nodes can be measured here
  warn  clock source  hpet
                      cost: each look at the clock takes microseconds
                      mend: add clocksource=tsc to the kernel's command line

project
  bad   binary        not?[31m there
                      mend: build it

3 checks: 1 ok, 1 warn, 1 bad
`
	if diff := cmp.Diff(want, findings(t, report.Style{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFindingsFitTheTerminal(t *testing.T) {
	want := `machine
  ok    system        nodes can be measured here
  warn  clock source  hpet
                      cost: each look at the clock
                            takes microseconds
                      mend: add clocksource=tsc to
                            the kernel's command
                            line

project
  bad   binary        not?[31m there
                      mend: build it

3 checks: 1 ok, 1 warn, 1 bad
`
	if diff := cmp.Diff(want, findings(t, report.Style{Width: 52})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFindingsHaveColourOnTheSeverityOnly(t *testing.T) {
	painted, bare := findings(t, report.Style{Color: true, Width: 70}), findings(t, report.Style{Width: 70})
	for _, colour := range []string{"\x1b[32mok", "\x1b[33mwarn", "\x1b[31mbad"} {
		if !strings.Contains(painted, colour) {
			t.Errorf("no %q in %q", colour, painted)
		}
	}
	if diff := cmp.Diff(bare, ansi.Strip(painted)); diff != "" {
		t.Errorf("colour moves the text: -plain +painted\n%s", diff)
	}
}
