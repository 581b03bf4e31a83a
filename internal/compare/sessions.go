package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// What a recording of another session proves, where it was calibrated how much sessions differ: the difference of two sessions
// is in the test and in the interval.

// MinSessions is from how many sessions on their difference counts as known. Of two there is one difference, and Student's
// distribution of one degree of freedom proves nothing below a hundredfold change.
const MinSessions = 3

// calibrationOf is what was calibrated of a plan in the environment of head, of the same subject and configuration.
func calibrationOf(file *baseline.File, head *result.Results, plan result.Scenario) baseline.Calibration {
	if head.Environment.Fingerprint == "" || len(head.Overrides) > 0 {
		return baseline.Calibration{}
	}
	c, ok := file.Calibration(head.Environment.Fingerprint, plan.Name)
	if plan.Benchmark != "" {
		c, ok = file.BenchmarkCalibration(head.Environment.Fingerprint, plan.Benchmark)
	}
	if !ok || c.Subject != head.Subject.Name || c.Configuration != plan.Configuration {
		return baseline.Calibration{}
	}
	return c
}

// sessions is how much sessions differ in the metric of a candidate, where base is of another session and that was calibrated.
func (c *candidate) sessions() *stat.Sessions {
	known := c.side.noise
	n, ok := known.Of(c.metric.Name)
	if !ok || c.side.kind != Stored || known.Sessions < MinSessions {
		return nil
	}
	runs := max(1, 2*float64(known.Pairs)/float64(known.Sessions)) // both sides of a pair are of one session
	return &stat.Sessions{Within: n.Within, Between: n.Between, Count: known.Sessions, Runs: runs}
}

// acrossSessions takes the difference between sessions into the test and the interval. What the runs themselves show stays a
// condition: a change has to stand out from the runs by their exact test, and from the sessions by Student's. Calibrated
// sessions had no time-outs, so they say nothing of series that have.
func (e *evidence) acrossSessions(q question) {
	if q.sessions == nil || q.base.timeouts+q.head.timeouts > 0 || !finite(e.change) {
		return
	}
	within := 0.0
	if e.noise != nil {
		within = e.noise.deviation
	}
	deviation, err := q.sessions.Deviation(len(q.base.values), len(q.head.values), within)
	if err != nil || deviation == 0 {
		return
	}
	e.sessions, e.deviation = q.sessions, deviation
	shift := math.Log1p(e.change)
	p := q.sessions.Tail(math.Abs(shift) / deviation)
	if worse(e.change, q.metric.Better) >= 0 {
		e.pWorse = max(e.pWorse, p)
	} else {
		e.pBetter = max(e.pBetter, p)
	}
	half := q.sessions.Boundary((1-q.confidence)/2) * deviation
	e.low, e.high = min(e.low, math.Expm1(shift-half)), max(e.high, math.Expm1(shift+half))
	e.notes = append(e.notes, fmt.Sprintf("the interval has in it by how much %s differed", count(q.sessions.Count, "calibrated session")))
}

// sessionReach is the shift of logarithms that a test at the level sees with 80 % power across sessions.
func (e evidence) sessionReach(level float64) float64 {
	return (e.sessions.Boundary(level) + e.sessions.Boundary(1-power)) * e.deviation
}

// runsAcrossSessions is about how many runs head needs beside the recording for an effect to be clean or worse, whichever comes
// first: +Inf where sessions differ by too much for any number, or the recording has too few runs.
func (e evidence) runsAcrossSessions(q question, effect float64) float64 {
	runs := func(level, reach, distance float64) float64 {
		wanted := distance / (e.sessions.Boundary(level) + e.sessions.Boundary(1-power))
		return max(e.noise.runs(level, reach, distance, false), e.sessions.HeadRuns(wanted, e.noise.base, e.noise.deviation))
	}
	sign := worse(1, q.metric.Better)
	shift := sign * math.Log1p(e.change)
	wanted := math.Inf(1)
	if effect < q.allowed() {
		wanted = min(wanted, runs((1-q.confidence)/2, e.cleanReach, asShift(q.allowed(), q.metric.Better)-shift))
	}
	if effect >= q.matters() {
		wanted = min(wanted, runs(e.share, e.reach, shift))
	}
	return wanted
}

// carriesStored says what comparisons with the recordings are worth.
func (d *decider) carriesStored() string {
	const stored = "recorded in another session"
	least, without := math.MaxInt, false
	for _, c := range d.candidates {
		switch q := c.question(d.in.Options); {
		case c.side.kind != Stored || c.metric.Kind != metric.Continuous:
		case q.sessions == nil:
			without = true
		default:
			least = min(least, q.sessions.Count)
		}
	}
	switch {
	case least == math.MaxInt:
		return stored + ": how much sessions differ is not on record, so a noisy metric is at most inconclusive"
	case without:
		return stored + fmt.Sprintf(": how much sessions differ is on record of %d, and not for every metric; one without is at most inconclusive", least)
	default:
		return stored + fmt.Sprintf(": how much sessions differ is on record of %d, and in every interval", least)
	}
}
