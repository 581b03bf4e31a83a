package refresh

import (
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// recording decides about every metric of a scenario or benchmark, and notes what is to be written.
func (p *Plan) recording(file *baseline.File, v viewed, rec baseline.Recording, red string) {
	old, known := current(file, rec)
	anew := known && (old.Configuration != rec.Configuration || old.Subject != rec.Subject)
	fates := fatesOf(v.verdict, rec, anew, red)
	take := func(name string) bool {
		f := fates[name].fate
		return f == TakenOver || f == New || f == Anew
	}
	var before []baseline.Recording
	if known {
		before = append(before, old)
	}
	changed := false
	for _, c := range baseline.Diff(before, []baseline.Recording{rec}) {
		t := toldOf(c, fates, anew)
		changed = changed || take(c.Metric)
		p.Metrics = append(p.Metrics, Metric{
			Environment: c.Environment, Scenario: c.Scenario, Metric: c.Metric, Fate: t.fate, Reason: t.reason, Unit: c.Unit, Better: c.Better,
			Recorded: number(c.Old), Measured: number(c.New), Change: number(c.Relative),
		})
	}
	if anew {
		old = baseline.Recording{}
	}
	if changed {
		p.Recordings = append(p.Recordings, rec.Refreshed(old, take))
	}
}

// toldOf is the fate of a metric of which one side may be missing.
func toldOf(c baseline.Change, fates map[string]told, anew bool) told {
	t, judged := fates[c.Metric]
	switch {
	case c.New == nil && anew:
		return told{Gone, "it was recorded under another configuration or subject, and was not measured"}
	case c.New == nil:
		return told{Gone, "it is recorded, and was not measured: what is recorded stays"}
	case !judged: // the verdict has nothing to say of it
		return told{Kept, "it is not judged"}
	}
	return t
}

// fatesOf are the fates of the metrics of one scenario or benchmark that the verdict speaks of.
func fatesOf(v compare.Verdict, rec baseline.Recording, anew bool, red string) map[string]told {
	fates := map[string]told{}
	takeovers := compare.Takeovers(v)
	for i, m := range v.Metrics {
		if m.Scenario == rec.Scenario && metric.Benchmark(m.Metric) == rec.Benchmark {
			fates[m.Metric] = fate(m, takeovers[i], anew, red)
		}
	}
	return fates
}

// told is a fate with its reason.
type told struct {
	fate   Fate
	reason string
}

// fate is what becomes of one metric; red says why nothing is taken over, "" when something may.
func fate(m compare.Metric, t compare.Takeover, anew bool, red string) told {
	switch {
	case m.RelativeVerdict == compare.Regressed, m.ReleaseVerdict == compare.Regressed, m.TargetVerdict == compare.OverTarget,
		m.Verdict == compare.Failed, m.Waived != "":
		return told{Worse, m.Reason}
	case red != "":
		return told{Kept, "nothing is taken over while main is red"}
	case anew && m.HeadSamples > 0:
		return told{Anew, "what is recorded is of another configuration or subject"}
	case t.Take && m.BaseSamples == 0:
		return told{New, t.Reason}
	case t.Take:
		return told{TakenOver, t.Reason}
	}
	return told{Kept, t.Reason}
}

// current is what is recorded in the place of a new recording.
func current(file *baseline.File, rec baseline.Recording) (baseline.Recording, bool) {
	if rec.Benchmark != "" {
		return file.BenchmarkRecording(rec.Environment, rec.Benchmark)
	}
	return file.Recording(rec.Environment, rec.Scenario)
}

func number(v *float64) compare.Number {
	if v == nil {
		return compare.Absent()
	}
	return compare.Number(*v)
}

// tell counts fates in words: "2 metrics taken over, 1 new".
func tell(counts map[Fate]int) string {
	var parts []string
	for _, f := range Fates() {
		if n := counts[f]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(f), "_", " ")))
		}
	}
	return "metrics: " + strings.Join(parts, ", ")
}
