package compare

import (
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// ExplanationSchema names the version of the explanation that is printed as JSON.
const ExplanationSchema = "perfgate.explanation/1"

// Explanation is how the verdict of a metric came about, in every scenario that has it.
type Explanation struct {
	Schema string `json:"schema"`
	// Verdict is that of the whole, Reason why.
	Verdict Outcome `json:"verdict"`
	Reason  string  `json:"reason"`
	// Alpha is the error budget of the whole, Confidence that of the intervals of changes.
	Alpha      float64     `json:"alpha"`
	Confidence float64     `json:"confidence"`
	Comparison Comparison  `json:"comparison"`
	Metrics    []Explained `json:"metrics"`
}

// Explained is the account of one metric of one scenario.
type Explained struct {
	// Entry is what the verdict says of it, the same bit for bit.
	Entry Metric `json:"entry"`
	// Base says what stands on the other side.
	Base BaseKind `json:"base"`
	// Test names the test and the estimate, "" when nothing was tested.
	Test    string          `json:"test"`
	Limits  ExplainedLimits `json:"limits"`
	Samples SidesOfSamples  `json:"samples"`
	// Scale is that of ExplainedPair.Excess: "log_ratio", "difference", or "" when pairs are not weighed.
	Scale string          `json:"scale"`
	Pairs []ExplainedPair `json:"pairs"`
	Looks []ExplainedLook `json:"looks"`
	// Worse, Better and Clean are the books of the error spent by looks; nil where none is kept.
	Worse  *ExplainedSpending `json:"worse"`
	Better *ExplainedSpending `json:"better"`
	Clean  *ExplainedSpending `json:"clean"`
	Family *ExplainedFamily   `json:"family"`
	// Matters is the smallest estimate that is called a change: half the tolerance, the floor, or what runs differ by anyway where that was
	// calibrated; absent where nothing was tested.
	Matters Number `json:"matters"`
	// Sessions is how much sessions differ, where that is in the test and the interval; nil elsewhere.
	Sessions *ExplainedSessions `json:"sessions"`
	// Release is the metric held against the last release; nil where it is not.
	Release *ExplainedRelease `json:"release"`
	// Noise is nil where a comparison has none.
	Noise *ExplainedNoise `json:"noise"`
	// Judgements are the outcomes reached, relative before target; the entry is the weightier of them.
	Judgements []ExplainedJudgement `json:"judgements"`
}

// ExplainedLimits say what a metric is held against and where each comes from: "baselines.toml:12", or "default".
type ExplainedLimits struct {
	Tolerance          Number        `json:"tolerance"`
	ToleranceOrigin    string        `json:"tolerance_origin"`
	Floor              string        `json:"floor"` // as written, "" without one
	FloorOrigin        string        `json:"floor_origin"`
	Policy             metric.Policy `json:"policy"`
	PolicyOrigin       string        `json:"policy_origin"`
	Target             string        `json:"target"` // "" without one
	TargetOrigin       string        `json:"target_origin"`
	TargetPolicy       metric.Policy `json:"target_policy"`
	TargetPolicyOrigin string        `json:"target_policy_origin"`
	// Waiver says what is accepted, and until when; "" without one.
	Waiver       string `json:"waiver"`
	WaiverOrigin string `json:"waiver_origin"`
}

// SidesOfSamples are the samples of both sides, in the order of their runs.
type SidesOfSamples struct {
	Base []ExplainedSample `json:"base"`
	Head []ExplainedSample `json:"head"`
}

// ExplainedSample is one sample, whether or not it counts.
type ExplainedSample struct {
	// Run is its number, which in a trial is that of the pair; 0 in a recording.
	Run int `json:"run"`
	// Block is that of a trial, from 1; 0 outside.
	Block int `json:"block"`
	// Value is in the base unit; of one that timed out it is the time-out, absent where a recording has lost it.
	Value    Number `json:"value"`
	TimedOut bool   `json:"timed_out"`
	Counts   bool   `json:"counts"`
	// Reason says why it does not count, or what is to be known of it.
	Reason string `json:"reason"`
}

// ExplainedPair is one pair of a trial.
type ExplainedPair struct {
	Pair  int `json:"pair"`
	Block int `json:"block"`
	// Base and Head are its values, +Inf (null) for one that timed out.
	Base Number `json:"base"`
	Head Number `json:"head"`
	// Excess is by how much head is worse than base, on the scale of the test; Room by how much that stays below the tolerance.
	Excess Number `json:"excess"`
	Room   Number `json:"room"`
	// Void says why the pair gives nothing; "" when it counts.
	Void string `json:"void"`
}

// ExplainedLook is what was known at one look of a trial.
type ExplainedLook struct {
	// Look is its number of pairs as planned, Pairs how many of them count.
	Look  int `json:"look"`
	Pairs int `json:"pairs"`
	// Share is the part of an error that the look has by itself, for counts; that of all looks so far is (look/last)^5.5.
	Share float64 `json:"share"`
	// PWorse and PBetter are the one-sided p-values of all pairs so far; PAdjusted is that for the worse over all looks and the family.
	PWorse    Number  `json:"p_worse"`
	PBetter   Number  `json:"p_better"`
	PAdjusted Number  `json:"p_adjusted"`
	Change    Number  `json:"change"`
	Low       Number  `json:"change_low"`
	High      Number  `json:"change_high"`
	Outcome   Outcome `json:"outcome"`
}

// ExplainedSpending are the books of the looks in one direction.
type ExplainedSpending struct {
	// Alpha is the error of all looks together, Exponent that by which it is spent: alpha·(look/last)^exponent by a look.
	Alpha    float64 `json:"alpha"`
	Exponent float64 `json:"exponent"`
	// Steps are the greater errors at which it has to be proven as well, with the look that does; 0 for none.
	Steps []ExplainedStep `json:"steps"`
	Looks []ExplainedBook `json:"looks"`
}

// ExplainedStep is one step of the ladder of errors.
type ExplainedStep struct {
	Alpha float64 `json:"alpha"`
	// ProvenAt is the number of pairs of the first look that proves it with this error, 0 when none does.
	ProvenAt int `json:"proven_at"`
}

// ExplainedBook is one look in the books.
type ExplainedBook struct {
	Look  int `json:"look"`
	Pairs int `json:"pairs"`
	// May is what may be spent by this look, Planned by the look before.
	May     float64 `json:"may"`
	Planned float64 `json:"planned"`
	P       float64 `json:"p"`
	// Rule is within_increment, above_budget, counted or bounded.
	Rule stat.LookRule `json:"rule"`
	// Spent and Needed are absent unless counted, Level unless bounded.
	Spent   Number `json:"spent"`
	Needed  Number `json:"needed"`
	Level   Number `json:"level"`
	Crossed bool   `json:"crossed"`
}

// ExplainedFamily is the place of the metric among the gated tests that share alpha.
type ExplainedFamily struct {
	// Tests is how many share alpha.
	Tests int `json:"tests"`
	// Direction is that of the p-values of Members: "worse", "better" for what improved, and "" in a trial.
	Direction string `json:"direction"`
	// Members are all of them with their p-values, rising, outside of a trial.
	Members []FamilyMember `json:"members"`
	// Steps are those of Holm's procedure in a trial.
	Steps []FamilyStep `json:"steps"`
}

// FamilyMember is one test of the family.
type FamilyMember struct {
	Scenario string `json:"scenario"`
	Metric   string `json:"metric"`
	P        Number `json:"p"`
	// Factor is the number of tests from this one on, Adjusted the greatest factor·p up to here, at most 1.
	Factor   int    `json:"factor"`
	Adjusted Number `json:"p_adjusted"`
	// Release is that of a test against the last release, "" of one against the base.
	Release string `json:"release"`
	This    bool   `json:"this"`
}

// FamilyStep is a step at which tests were rejected, or the last one in vain.
type FamilyStep struct {
	Look int `json:"look"`
	// Direction is "worse" or "better".
	Direction string  `json:"direction"`
	Left      int     `json:"left"`
	Alpha     float64 `json:"alpha"`
	// Rejected are those that then proved a change, as METRIC or SCENARIO/METRIC.
	Rejected []string `json:"rejected"`
}

// ExplainedSessions are calibrated sessions, in standard deviations of logarithms.
type ExplainedSessions struct {
	// Count is how many were calibrated.
	Count   int     `json:"count"`
	Within  float64 `json:"within"`
	Between float64 `json:"between"`
	// Deviation is that of the change, from both.
	Deviation float64 `json:"deviation"`
}

// ExplainedRelease is the metric held against the last release. The entry has its numbers.
type ExplainedRelease struct {
	Version string `json:"version"`
	// Samples are those of the release; HeadSamples is how many of head were held against them, the first ones.
	Samples     []ExplainedSample `json:"samples"`
	HeadSamples int               `json:"head_samples"`
	// Convicts tells that the comparison may prove the metric worse, and takes part in the error budget where it blocks.
	Convicts bool `json:"convicts"`
}

// ExplainedNoise is what the comparison could have seen.
type ExplainedNoise struct {
	// Deviation is the standard deviation of a sample, or of a pair: of logarithms, or with Center above 0 in the unit of the metric.
	Deviation float64 `json:"deviation"`
	Center    float64 `json:"center"`
	// Level is the strictest alpha that the test may have to meet, Reach the shift that it then sees with 80 % power, in deviations.
	Level float64 `json:"level"`
	Reach Number  `json:"reach"`
}

// ExplainedJudgement is one outcome with the rule that gave it.
type ExplainedJudgement struct {
	Basis   Basis         `json:"basis"`
	Outcome Outcome       `json:"outcome"`
	Policy  metric.Policy `json:"policy"`
	Reason  string        `json:"reason"`
	Rule    string        `json:"rule"`
}
