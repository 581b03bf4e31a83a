package intake

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// strict refuses what perfgate never writes, though it is results in form. What it lets through as text is for people, and
// whoever shows it escapes it.
func strict(place string, r *result.Results) error {
	switch {
	case len(r.Scenarios) > MaxPlans:
		return refuse(place, "%d scenarios are more than %d", len(r.Scenarios), MaxPlans)
	case len(r.Series) > MaxSeries:
		return refuse(place, "%d series are more than %d", len(r.Series), MaxSeries)
	case len(r.Runs) > MaxRuns:
		return refuse(place, "%d runs are more than %d", len(r.Runs), MaxRuns)
	case !commit(r.Subject.Commit):
		return refuse(place, "the commit %s is none", quoted(r.Subject.Commit))
	case r.Subject.BinarySHA256 != "" && !hexadecimal(r.Subject.BinarySHA256, 64):
		return refuse(place, "the hash %s is none", quoted(r.Subject.BinarySHA256))
	}
	for _, check := range []func(*result.Results) error{words, plans, series, runs, trial} {
		if err := check(r); err != nil {
			return refuse(place, "%v", err)
		}
	}
	return nil
}

// words are the short texts that name something.
func words(r *result.Results) error {
	all := []struct{ what, text string }{
		{"the subject's name", r.Subject.Name}, {"the tool's name", r.Tool.Name}, {"the tool's version", r.Tool.Version}, {"the level", r.Level},
		{"the fingerprint", r.Environment.Fingerprint},
	}
	for _, t := range r.Environment.Traits() {
		all = append(all, struct{ what, text string }{"the environment's " + t.Name, t.Value})
	}
	for _, w := range all {
		if err := visible(w.what, w.text); err != nil {
			return err
		}
	}
	return nil
}

// visible refuses a name that is too long or that hides something.
func visible(what, text string) error {
	switch {
	case len(text) > MaxWord:
		return fmt.Errorf("%s has %d bytes, which are more than %d", what, len(text), MaxWord)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is no UTF-8: %s", what, quoted(text))
	case strings.ContainsFunc(text, hidden):
		return fmt.Errorf("%s has characters that cannot be seen: %s", what, quoted(text))
	}
	return nil
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// plans are named as perfgate.toml may name them.
func plans(r *result.Results) error {
	for _, s := range r.Scenarios {
		if err := plan(s); err != nil {
			return err
		}
	}
	for _, o := range r.Overrides {
		if err := visible("an override", o); err != nil {
			return err
		}
	}
	return nil
}

func plan(s result.Scenario) error {
	for _, name := range []string{s.Name, s.Benchmark} {
		if name != "" && (!metric.ValidName(name) || strings.Contains(name, "/")) {
			return fmt.Errorf("%s is no name of a scenario or benchmark", quoted(name))
		}
	}
	switch {
	case s.Nodes > suite.MaxNodes:
		return fmt.Errorf("scenario %s has %d nodes, which are more than %d", quoted(s.Name), s.Nodes, suite.MaxNodes)
	case s.Runs > MaxSamples:
		return fmt.Errorf("scenario %s has %d runs, which are more than %d", quoted(s.Name), s.Runs, MaxSamples)
	case !sane(s.DurationSeconds) || s.DurationSeconds < 0:
		return fmt.Errorf("scenario %s lasts %v s", quoted(s.Name), s.DurationSeconds)
	}
	return visible("the configuration of scenario "+quoted(s.Name), s.Configuration+s.Expect)
}

func series(r *result.Results) error {
	for _, s := range r.Series {
		what := "series " + quoted(s.Metric)
		if err := visible("the unit of "+what, string(s.Unit)); err != nil {
			return err
		}
		if len(s.Samples) > MaxSamples {
			return fmt.Errorf("%s has %d samples, which are more than %d", what, len(s.Samples), MaxSamples)
		}
		signed := true
		if m, known := metric.Lookup(s.Metric); known {
			signed = m.Kind == metric.Signed
		}
		for _, sample := range s.Samples {
			for _, v := range []*float64{sample.Value, sample.Low, sample.High} {
				if v != nil && (!sane(*v) || *v < 0 && !signed) {
					return fmt.Errorf("%s has the value %v, which cannot be", what, *v)
				}
			}
		}
	}
	return nil
}

func runs(r *result.Results) error {
	for _, run := range r.Runs {
		if _, known := r.Plan(run.Scenario, run.Benchmark); !known && len(r.Scenarios) > 0 {
			return fmt.Errorf("a run belongs to %s, which is no scenario or benchmark of the file", quoted(run.Scenario+run.Benchmark))
		}
		if len(run.Findings) > MaxSamples {
			return fmt.Errorf("run %d of %s has %d findings, which are more than %d", run.Run, quoted(run.Scenario+run.Benchmark), len(run.Findings), MaxSamples)
		}
	}
	return nil
}

func trial(r *result.Results) error {
	if r.Trial == nil {
		return nil
	}
	if n := len(r.Trial.Looks); n > MaxLooks || r.Trial.Looks[n-1] > MaxSamples {
		return fmt.Errorf("a trial of %d looks, the last at %d pairs", n, r.Trial.Looks[n-1])
	}
	if err := judging(r); err != nil {
		return err
	}
	return visible("the trial's name", r.Trial.ID)
}

// judging bounds what it takes to judge a trial: of each metric that varies, what the looks could have seen is an integral at each look,
// over a grid as fine as the smallest step between two looks. A results.json of a few kilobytes could take hours.
func judging(r *result.Results) error {
	looks := r.Trial.Looks
	step, before := looks[0], 0
	for _, pairs := range looks {
		step, before = min(step, pairs-before), pairs
	}
	metrics := 0
	for _, s := range r.Series {
		if s.Status == result.Measured && varies(s.Metric) {
			metrics++
		}
	}
	if work := metrics * len(looks) * (before / step); work > MaxJudging {
		return fmt.Errorf("a trial of %d metrics at %d looks, the last at %d pairs and two of them %d apart: %d x %d x %d/%d is more than %d, and would take too long to judge; "+
			"look less often, or measure fewer scenarios at once", metrics, len(looks), before, step, metrics, len(looks), before, step, MaxJudging)
	}
	return nil
}

// varies tells whether a metric is one that looks judge by how it varies. What is not known is taken for one.
func varies(name string) bool {
	m, known := metric.Lookup(name)
	return !known || m.Kind == metric.Continuous || m.Kind == metric.Signed || m.Kind == metric.Level
}

func sane(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= MaxMagnitude }

// commit tells a whole SHA, or none at all.
func commit(text string) bool { return text == "" || hexadecimal(text, 40) || hexadecimal(text, 64) }

func hexadecimal(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}

// clean makes one visible line of an error that quotes what it read.
func clean(text string) string {
	const most = 400
	text = strings.Map(func(r rune) rune {
		if hidden(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
