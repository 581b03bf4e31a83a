package compare

// The rules by which outcomes come about, as an explanation tells them. docs/MATH.md has their numbers.
const (
	ruleFailed     = "what could not be measured is failed, whatever base and target say"
	ruleFault      = "samples that no such metric can have are no evidence: inconclusive"
	ruleUndecided  = "a comparison that is wanted and cannot be made is inconclusive"
	ruleWorse      = "regressed: the adjusted p-value is within alpha, the estimate is for the worse by what matters or more, and the interval does not hold both directions"
	ruleBetter     = "improved: the adjusted p-value for the better is within alpha, the estimate is for the better by what matters or more, and the interval does not hold both directions"
	ruleClean      = "pass: the bad end of the interval is below the tolerance"
	ruleCleanPairs = "pass: the looks prove that the change is below the tolerance, and the bad end of the interval is below it too"
	ruleNeither    = "inconclusive: neither worse, nor better, nor within the tolerance is proven"

	ruleUndecidable = "inconclusive, and a warning: what can be decided on this machine is by far more than the tolerance, and no policy says that it blocks"

	ruleOtherSession = "a recording of another session proves neither worse nor better of what is noisy"
	ruleImbalance    = "where the machine was busier for head no time is worse, and where it was for base none is better or within the tolerance"
	ruleWaived       = "pass: what is worse is accepted by a waiver that holds"
	ruleExact        = "values without noise: worse or better by the tolerance or more, else a pass; no test"
	ruleNoMore       = "pass: no more events than on base, by which nothing is proven and nothing is worse"

	ruleFailsMore    = "regressed: the adjusted p-value is within alpha, and head succeeds less often by at least half the tolerance"
	ruleSomeFailed   = "inconclusive: while any run of head fails there is no pass"
	ruleSucceedsMore = "improved: the adjusted p-value for the better is within alpha, and head succeeds more often by at least half the tolerance"
	ruleAllSucceeded = "pass: every run of head succeeded"

	ruleTargetInterval = "the interval of the center of head has to lie on one side of the target"
	ruleTargetEachRun  = "every run has to keep the target"
	ruleTargetShare    = "the interval of the share of successes has to lie on one side of the target"
	ruleTargetValue    = "the worst value has to keep the target"
)
