package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// UnfitError says why results must not become a baseline: what was measured wrongly would become the norm.
type UnfitError struct {
	// Reasons are in the order of the results, never empty. Each names what is wrong and how to mend it.
	Reasons []string
}

// Error lists the reasons.
func (e *UnfitError) Error() string {
	return "these results must not become a baseline: " + strings.Join(e.Reasons, "; ")
}

// constantFrom is the number of equal samples from which a continuous metric is taken for stuck.
const constantFrom = 3

// FromResults makes a recording of each scenario and benchmark that was measured. Results that must not teach give an *UnfitError: an
// invocation that was interrupted or overridden, a run that failed or did not form, a metric that failed whatever its
// policy, a gated continuous metric that is zero or stuck, nothing measured at all. Warm-up runs may fail: their values
// are in no series. What was built from a checkout with uncommitted changes is recorded without a commit.
func FromResults(r *result.Results) ([]Recording, error) {
	reasons := unfitAsAWhole(r)
	reasons = append(reasons, unfitRuns(r)...)
	var recs []Recording
	for _, plan := range r.Scenarios {
		rec := Recording{
			Environment: r.Environment.Fingerprint, EnvironmentNote: note(r.Environment), Traits: r.Environment.Traits(), Scenario: plan.Name,
			Benchmark: plan.Benchmark, Configuration: plan.Configuration, Subject: r.Subject.Name, Commit: r.Subject.Commit,
			BinarySHA256: r.Subject.BinarySHA256, Time: r.Created,
		}
		if r.Subject.Dirty {
			rec.Commit = ""
		}
		for _, s := range r.SeriesOf(plan) {
			learned, reason := learn(s)
			if reason != "" {
				reasons = append(reasons, where(plan.Name, "")+s.Metric+": "+reason)
			} else if s.Status == result.Measured {
				rec.Series = append(rec.Series, learned)
			}
		}
		if len(rec.Series) > 0 {
			recs = append(recs, rec.normal())
		} else if plan.Name != "" || plan.Benchmark != "" {
			reasons = append(reasons, where(plan.Name, plan.Benchmark)+"nothing was measured: measure again")
		}
	}
	if len(recs) == 0 && len(reasons) == 0 {
		reasons = append(reasons, "nothing was measured: run the suite first")
	}
	if len(reasons) > 0 {
		return nil, &UnfitError{Reasons: reasons}
	}
	return sortedBySlot(recs), nil
}

func unfitAsAWhole(r *result.Results) []string {
	var reasons []string
	if r.Interrupted != "" {
		reasons = append(reasons, fmt.Sprintf("the measurement was interrupted (%s): measure again", r.Interrupted))
	}
	if len(r.Overrides) > 0 {
		reasons = append(reasons, fmt.Sprintf("measured with %s, other than perfgate.toml says: measure again without", strings.Join(r.Overrides, " ")))
	}
	if r.Environment.Fingerprint == "" {
		reasons = append(reasons, "the environment has no fingerprint: measure again")
	}
	return reasons
}

// levelWithoutGauge is that of nodes that show no peers: nobody can see their network form.
const levelWithoutGauge = "L0"

func unfitRuns(r *result.Results) []string {
	var reasons []string
	for _, run := range r.Runs {
		plan, _ := r.Scenario(run.Scenario)
		at := fmt.Sprintf("%srun %d: ", where(run.Scenario, run.Benchmark), run.Run)
		switch {
		case run.Warmup, run.Invalid != "" && !run.FaultOfSubject(): // it gave no sample
		case run.Failure != "":
			reasons = append(reasons, at+run.Failure+": mend it and measure again")
		case plan.Nodes > 0 && !run.Formed && r.Level != levelWithoutGauge:
			reasons = append(reasons, at+"the network did not form: mend it and measure again")
		}
	}
	return reasons
}

// learn takes the usable samples of a series, or says why it must not.
func learn(s result.Series) (Series, string) {
	if s.Status == result.Failed {
		return Series{}, s.Reason + ": mend it and measure again"
	}
	learned := Series{Metric: s.Metric, Unit: s.Unit, Better: s.Better}
	for _, sample := range s.Usable() {
		if sample.Censored {
			learned.Censored = append(learned.Censored, *sample.Value)
		} else {
			learned.Samples = append(learned.Samples, *sample.Value)
		}
	}
	m := metric.Describe(s.Metric, s.Unit, s.Better)
	if m.Kind != metric.Continuous || m.Policy != metric.Block || len(learned.Samples) == 0 {
		return learned, ""
	}
	if least := slices.Min(learned.Samples); least <= 0 {
		return Series{}, fmt.Sprintf("a sample is %s, which cannot be: measure again", metric.Format(least, s.Unit))
	} else if len(learned.Samples) >= constantFrom && least == slices.Max(learned.Samples) {
		return Series{}, fmt.Sprintf("all %d samples are %s, as if stuck: measure again", len(learned.Samples), metric.Format(least, s.Unit))
	}
	return learned, ""
}

func where(scenario, benchmark string) string {
	switch {
	case benchmark != "":
		return "benchmark " + benchmark + ": "
	case scenario == "":
		return ""
	}
	return "scenario " + scenario + ": "
}

// note is what a person recognises a machine by.
func note(e result.Environment) string {
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	add(strings.Trim(e.OS+"/"+e.Arch, "/"))
	if e.Cores > 0 {
		add(fmt.Sprintf("%d cores", e.Cores))
	}
	add(e.CPU)
	if e.MemoryBytes > 0 {
		add(metric.Format(float64(e.MemoryBytes), metric.Bytes))
	}
	add(e.Kernel)
	add(e.Toolchain)
	return strings.ToValidUTF8(strings.Join(parts, ", "), "?")
}
