package main

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/tomlfile"
)

func addExplain(flags *pflag.FlagSet, into *string) {
	flags.StringVar(into, "explain", "", "show how the verdict of `METRIC`, or SCENARIO/METRIC, came about")
}

// explain shows how the verdict of a metric came about, and ends as the verdict of the whole does.
func (p *program) explain(in compare.Input, name string, d *decideFlags) error {
	verdict, explanation, err := compare.Explain(in, name)
	if unknown, ok := errors.AsType[*compare.UnknownMetricError](err); ok {
		if unknown.Known == nil {
			return usage("--explain: %w", err)
		}
		return usage("--explain: %w (%s)", err, tomlfile.DidYouMean(name, unknown.Known, "there are"))
	}
	if err != nil {
		return err
	}
	write := report.Explanation
	if p.asJSON {
		write = report.ExplanationJSON
	}
	if err := write(p.stdout, explanation); err != nil {
		return err
	}
	return p.end(verdict, d)
}
