package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/metric"
)

// MaxBisections is how many documents of bisections one file may have: one for each metric.
const MaxBisections = 50

// bisectSchema is what perfgate bisect --json writes.
const bisectSchema = "perfgate.bisect/1"

// Bisection is what a search for a culprit came to.
type Bisection struct {
	// Outcome is "culprit", "none", "set" or "undecided".
	Outcome string
	// Culprit is a whole SHA, "" but for the outcome of that name. Set are those of which one did it.
	Culprit string
	Set     []string
	// Posterior is the probability of what the outcome says, from 0 to 1.
	Posterior float64
	// Change is the effect as a ratio, Low and High bound it.
	Change, Low, High float64
	// Scenario is "" for builds and benchmarks.
	Scenario, Metric string
	// Reason is why the search ended so.
	Reason string
	// Unit is that of all values.
	Unit metric.Unit
	// Builds, Runs and Seconds are what the search took.
	Builds, Runs int
	Seconds      float64
	// Parent is the commit that ran in turns with the culprit, "" when none did, and Pairs are their runs.
	Parent string
	Pairs  []bisect.Pair
	// Measured are the commits that were built, in the order of their builds.
	Measured []MeasuredCommit
	// Checks say whether the measurements are such as the search believed.
	Checks []bisect.Check
}

// MeasuredCommit is a build of a commit with what its runs gave.
type MeasuredCommit struct {
	Commit string
	// Contains says whether it contains the culprit: "all", "none", or "some" of several; "" when nobody is accused.
	Contains string
	Values   []float64
}

// What is kept of a search at most; what is beyond is left out.
const (
	maxPairs    = 60
	maxMeasured = 60
	maxValues   = 1000
	maxChecks   = 20
)

// wireBisection is the part of the document that is read.
type wireBisection struct {
	Schema     string   `json:"schema"`
	Outcome    string   `json:"outcome"`
	Culprit    string   `json:"culprit"`
	Set        []string `json:"set"`
	Posterior  float64  `json:"posterior"`
	Change     *float64 `json:"change"`
	ChangeLow  *float64 `json:"change_low"`
	ChangeHigh *float64 `json:"change_high"`
	Scenario   string   `json:"scenario"`
	Metric     string   `json:"metric"`
	Reason     string   `json:"reason"`

	Unit         metric.Unit `json:"unit"`
	Builds       int         `json:"builds"`
	Runs         int         `json:"runs"`
	Seconds      float64     `json:"seconds"`
	Confirmation *struct {
		Parent string        `json:"parent"`
		Pairs  []bisect.Pair `json:"pairs"`
	} `json:"confirmation"`
	Artifacts []wireArtifact `json:"artifacts"`
	Checks    []bisect.Check `json:"checks"`
}

type wireArtifact struct {
	Commit   string    `json:"commit"`
	Contains string    `json:"contains"`
	Values   []float64 `json:"values"`
}

// OpenBisections reads what perfgate bisect --json wrote, on the terms of Open.
func OpenBisections(path string) ([]Bisection, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open bisection: %w", err)
	}
	defer file.Close()
	raw, err := limited(file, "bisection")
	if err != nil {
		return nil, err
	}
	return Bisections("bisection", raw)
}

// Bisections reads the documents of one or more searches, one behind the other.
func Bisections(place string, raw []byte) ([]Bisection, error) {
	if len(raw) > MaxFile {
		return nil, refuse(place, "more than %d bytes", MaxFile)
	}
	if err := scan(place, raw); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	var all []Bisection
	for {
		var wire wireBisection
		err := decoder.Decode(&wire)
		switch {
		case errors.Is(err, io.EOF) && len(all) > 0:
			return all, nil
		case err != nil:
			return nil, refuse(place, "no bisection: %s", clean(err.Error()))
		case len(all) == MaxBisections:
			return nil, refuse(place, "more than %d bisections", MaxBisections)
		}
		b, err := wire.bisection()
		if err != nil {
			return nil, refuse(place, "%v", err)
		}
		all = append(all, b)
	}
}

func (w wireBisection) bisection() (Bisection, error) {
	b := Bisection{Outcome: w.Outcome, Culprit: w.Culprit, Set: w.Set, Posterior: w.Posterior, Scenario: w.Scenario, Metric: w.Metric, Reason: w.Reason}
	for _, n := range []struct {
		from *float64
		into *float64
	}{{w.Change, &b.Change}, {w.ChangeLow, &b.Low}, {w.ChangeHigh, &b.High}} {
		if n.from != nil && sane(*n.from) {
			*n.into = *n.from
		}
	}
	w.evidence(&b)
	return b, w.check()
}

// evidence takes what the search is founded on. It is shown and decides nothing: what is not what perfgate writes is left out.
func (w wireBisection) evidence(b *Bisection) {
	b.Builds, b.Runs = max(0, w.Builds), max(0, w.Runs)
	if sane(w.Seconds) {
		b.Seconds = max(0, w.Seconds)
	}
	if visible("the unit", string(w.Unit)) == nil {
		b.Unit = w.Unit
	}
	if c := w.Confirmation; c != nil && c.Parent != "" && commit(c.Parent) {
		b.Parent = c.Parent
		for _, p := range c.Pairs[:min(maxPairs, len(c.Pairs))] {
			if !slices.ContainsFunc([]float64{p.Parent, p.Culprit, p.Change}, insane) {
				b.Pairs = append(b.Pairs, p)
			}
		}
	}
	for _, a := range w.Artifacts[:min(maxMeasured, len(w.Artifacts))] {
		if a.plausible() {
			b.Measured = append(b.Measured, MeasuredCommit{Commit: a.Commit, Contains: a.Contains, Values: a.Values[:min(maxValues, len(a.Values))]})
		}
	}
	for _, c := range w.Checks[:min(maxChecks, len(w.Checks))] {
		if metric.ValidName(c.Name) {
			b.Checks = append(b.Checks, bisect.Check{Name: c.Name, OK: c.OK, Says: clean(c.Says)})
		}
	}
}

func (a wireArtifact) plausible() bool {
	return a.Commit != "" && commit(a.Commit) && slices.Contains([]string{"", "all", "some", "none"}, a.Contains) && !slices.ContainsFunc(a.Values, insane)
}

func insane(v float64) bool { return !sane(v) }

func (w wireBisection) check() error {
	switch {
	case w.Schema != bisectSchema:
		return fmt.Errorf("schema %s is not %q", quoted(w.Schema), bisectSchema)
	case !slices.Contains([]string{"culprit", "none", "set", "undecided"}, w.Outcome):
		return fmt.Errorf("outcome %s is none", quoted(w.Outcome))
	case (w.Outcome == "culprit") != (w.Culprit != ""):
		return fmt.Errorf("outcome %s and culprit %s contradict each other", quoted(w.Outcome), quoted(w.Culprit))
	case w.Posterior < 0 || w.Posterior > 1:
		return fmt.Errorf("%v is no probability", w.Posterior)
	case !metric.ValidName(w.Metric) || w.Scenario != "" && !metric.ValidName(w.Scenario):
		return fmt.Errorf("%s of %s is no metric", quoted(w.Metric), quoted(w.Scenario))
	}
	for _, sha := range append([]string{w.Culprit}, w.Set...) {
		if !commit(sha) {
			return fmt.Errorf("the commit %s is none", quoted(sha))
		}
	}
	return nil
}
