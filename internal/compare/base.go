package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/result"
)

// BaseKind says what stands on the other side of a comparison, and so how far it carries.
type BaseKind string

// The kinds of a base.
const (
	// NoBase leaves the targets alone to decide.
	NoBase BaseKind = "none"
	// Stored is a recording of another session on the same machine. A noisy metric can be called regressed only where it is on
	// record how much sessions differ.
	Stored BaseKind = "stored"
	// Session is a second results directory of the same machine and configuration, taken to be of one session.
	Session BaseKind = "session"
	// Paired is the base of a trial: measured in turns with head, so that run is held against run.
	Paired BaseKind = "paired"
)

// scenarioBase is what head has to compare with in one scenario.
type scenarioBase struct {
	kind BaseKind
	// why says why there is no base, for NoBase.
	why string
	// refusal says why the base that is there may not be compared; "" when it may.
	refusal string
	// mend is what a person can do about why or refusal.
	mend string
	// order are the names of the metrics as they stand in the base, series the metrics themselves.
	order  []string
	series map[string]series
	// imbalance says how the machine differed between both sides, for a Session.
	imbalance imbalance
	// pairs are the pairs of a trial; nil for every other kind.
	pairs *pairing
	// noise is what was calibrated here of the plan; its Sessions are 0 where nothing was.
	noise baseline.Calibration
}

// bases gives the base of each scenario, and says what they are in words.
type bases struct {
	of       func(plan result.Scenario) scenarioBase
	describe string
	// plans are those that head must have, for a base that was measured to be compared with.
	plans []result.Scenario
}

func (b *scenarioBase) add(name string, s series) {
	if b.series == nil {
		b.series = map[string]series{}
	}
	b.order = append(b.order, name)
	b.series[name] = s
}

// mendFew says what to do about a base of too few samples.
func (b *scenarioBase) mendFew() string {
	if b.kind == Stored {
		return mendRecord + " with more runs"
	}
	return "measure base again with more runs"
}

const mendSession = "measure both sides in turns on this machine: perfgate check --against REVISION"

const mendRecord = "record this machine's baseline: perfgate baseline record"

// chooseBases takes the second results directory where there is one, and the recordings otherwise.
func chooseBases(in Input) bases {
	if in.Base != nil {
		return sessionBases(in.Head, in.Base)
	}
	return storedBases(in.Head, in.Baselines)
}

// storedBases serves recordings: same environment, subject and configuration only.
func storedBases(head *result.Results, file *baseline.File) bases {
	var used []string
	for _, plan := range head.Scenarios {
		if r, ok := recordingOf(file, head, plan); ok {
			if text := describeRecording(r); !slices.Contains(used, text) {
				used = append(used, text)
			}
		}
	}
	return bases{
		describe: strings.Join(used, "; "),
		of: func(plan result.Scenario) scenarioBase {
			if len(head.Overrides) > 0 {
				return scenarioBase{
					kind: NoBase, mend: "run without the flags, or " + mendSession,
					why: fmt.Sprintf("%s changed what was measured: no stored baseline applies", strings.Join(head.Overrides, ", ")),
				}
			}
			recording, ok := recordingOf(file, head, plan)
			if !ok || head.Environment.Fingerprint == "" {
				return scenarioBase{kind: NoBase, why: whyNotStored(head, file, plan), mend: mendNothingStored(head)}
			}
			return storedBase(head, recording, plan)
		},
	}
}

// recordingOf is what was recorded of a plan in the environment of head.
func recordingOf(file *baseline.File, head *result.Results, plan result.Scenario) (baseline.Recording, bool) {
	if plan.Benchmark != "" {
		return file.BenchmarkRecording(head.Environment.Fingerprint, plan.Benchmark)
	}
	return file.Recording(head.Environment.Fingerprint, plan.Name)
}

func storedBase(head *result.Results, recording baseline.Recording, plan result.Scenario) scenarioBase {
	b := scenarioBase{kind: Stored}
	for _, s := range recording.Series {
		b.add(s.Metric, fromRecording(s))
	}
	switch {
	case recording.Subject != head.Subject.Name:
		b.refusal = fmt.Sprintf("the baseline is of another subject (%q, head is %q)", recording.Subject, head.Subject.Name)
	case recording.Configuration != plan.Configuration:
		b.refusal = fmt.Sprintf("the baseline is of another configuration of %s", place(plan))
	default:
		b.refusal = b.fruitless()
	}
	if b.refusal != "" {
		b.mend = mendRecord
	}
	return b
}

// whyNotStored says in one clause why there is no recording for head's environment.
func whyNotStored(head *result.Results, file *baseline.File, plan result.Scenario) string {
	here, elsewhere := false, []string{}
	for _, r := range file.Recordings() {
		if r.Environment == head.Environment.Fingerprint {
			here = true
		} else if note := environmentNote(r, head.Environment); r.Scenario == plan.Name && r.Benchmark == plan.Benchmark && !slices.Contains(elsewhere, note) {
			elsewhere = append(elsewhere, note)
		}
	}
	environment := fmt.Sprintf("this environment (%s)", describeEnvironment(head.Environment))
	switch {
	case head.Environment.Fingerprint == "":
		return "the results carry no fingerprint of their environment"
	case here:
		return fmt.Sprintf("no baseline recorded for %s in %s", place(plan), environment)
	case len(elsewhere) > 0:
		return fmt.Sprintf("no baseline recorded for %s, only for %s", environment, strings.Join(elsewhere, ", "))
	default:
		return "no baseline recorded for " + environment
	}
}

func mendNothingStored(head *result.Results) string {
	if head.Environment.Fingerprint == "" {
		return mendSession
	}
	return mendRecord + ", or " + mendSession
}

// sessionBases serves a second results directory. Equal fingerprints, configurations and subjects count as one session.
func sessionBases(head, base *result.Results) bases {
	refusal, why := "", ""
	switch {
	case base.Validate() != nil:
		refusal = fmt.Sprintf("the base cannot be used: %v", base.Validate())
	case base.Interrupted != "":
		refusal = "the base was interrupted: " + base.Interrupted
	case base.Subject.Name != head.Subject.Name:
		refusal = fmt.Sprintf("the base is of another subject (%q, head is %q)", base.Subject.Name, head.Subject.Name)
	case head.Environment.Fingerprint == "" || base.Environment.Fingerprint == "":
		why = "the results carry no fingerprint of their environment"
	case !sameMachine(head, base):
		why = fmt.Sprintf("base was measured in another environment (%s) than head (%s)%s",
			describeEnvironment(base.Environment), describeEnvironment(head.Environment), differing(head.Environment, base.Environment.Traits()))
	}
	b := bases{describe: describeResults(base), plans: base.Scenarios}
	b.of = func(plan result.Scenario) scenarioBase {
		if why != "" && refusal == "" {
			return scenarioBase{kind: NoBase, why: why, mend: "measure both sides on one machine"}
		}
		faults := faultsOf
		if sameTrial(base, head) {
			faults = faultsInTrial
		}
		side := sessionBase(base, plan, refusal, faults(base, plan))
		if sameTrial(base, head) && plan.Name+plan.Benchmark != "" { // builds are not made in turns
			side.kind, side.pairs = Paired, pairingOf(head, base, plan)
			return side
		}
		side.imbalance = imbalanceOf(head, base, plan)
		return side
	}
	return b
}

// sameMachine tells whether figures of both were taken in one environment. Both sides of a trial are measured on one machine: the toolchain that a
// commit asks for is then part of what it changes.
func sameMachine(head, base *result.Results) bool {
	if head.Environment.Fingerprint == base.Environment.Fingerprint {
		return true
	}
	here := head.Environment
	here.Toolchain = base.Environment.Toolchain
	return sameTrial(base, head) && len(here.Differences(base.Environment.Traits())) == 0
}

// tellToolchains warns of a trial whose sides were built by different toolchains.
func (d *decider) tellToolchains() {
	head, base := d.in.Head.Environment, d.in.Base.Environment
	if sameMachine(d.in.Head, d.in.Base) && head.Toolchain != base.Toolchain {
		d.warn("head was built with %s and base with %s: what that changes is part of the verdict",
			cmp.Or(head.Toolchain, "an unknown toolchain"), cmp.Or(base.Toolchain, "an unknown toolchain"))
	}
}

func sessionBase(base *result.Results, plan result.Scenario, refusal string, faults []string) scenarioBase {
	b := scenarioBase{kind: Session, refusal: refusal, mend: "measure base again with the same perfgate.toml"}
	planned, ok := base.Plan(plan.Name, plan.Benchmark)
	if ok {
		for _, s := range base.SeriesOf(planned) {
			b.add(s.Metric, fromResults(s))
		}
	}
	switch {
	case b.refusal != "":
	case !ok:
		b.refusal = fmt.Sprintf("base has not measured %s", place(plan))
	case planned.Configuration != plan.Configuration:
		b.refusal = fmt.Sprintf("base was measured under another configuration of %s", place(plan))
	case len(faults) > 0:
		b.refusal = "base is no measure: " + faults[0]
	default:
		b.refusal = b.fruitless()
	}
	return b
}

// fruitless names a share of things done that is 0 in every sample of the base: times learned from failures teach
// nothing. It returns "" when there is none.
func (b *scenarioBase) fruitless() string {
	for _, name := range b.order {
		s := b.series[name]
		if productive(name) && len(s.values) > 0 && slices.Max(s.values) == 0 {
			return fmt.Sprintf("the base is made of failures: %s is 0 in all %d samples", name, len(s.values))
		}
	}
	return ""
}
