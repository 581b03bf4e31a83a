package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/scrape"
)

// Level is a contract level, 0 to 3.
type Level int

func (l Level) String() string { return fmt.Sprintf("L%d", int(l)) }

// Subject is a running node to be examined, and where it answers.
type Subject struct {
	// Name is what the node is called in texts.
	Name string
	// Control is its control address, IP:PORT.
	Control string
	// Ready, Metrics and Probe are paths there: /health, /metrics, /probe. An empty Probe is a node without one.
	Ready, Metrics, Probe string
	// PeerGauge is the series that counts connected peers.
	PeerGauge string
}

// Status is what came of a step.
type Status string

// What can come of a step.
const (
	Kept     Status = "kept"     // the rules hold
	Violated Status = "violated" // Problems say which do not
	Skipped  Status = "skipped"  // Problems say why it could not be tried
	Absent   Status = "absent"   // it is optional and not offered; Problems say what that costs
)

// Step is one rule, or a few that belong together, and what came of it.
type Step struct {
	// Name says what was tried.
	Name string
	// Level is the one that needs it.
	Level Level
	// Status is what came of it, and Problems say so in words; empty for rules that hold.
	Status   Status
	Problems []Problem
}

// Problem is a rule that does not hold, or why it could not be tried.
type Problem struct {
	// Section of docs/PROBE.md has the rule.
	Section Section
	// Text says what is wrong.
	Text string
}

// Examination is what a node was found to offer.
type Examination struct {
	// Level is the highest whose rules hold, and those of all below it.
	Level Level
	// Partly is true when steps of that level could not be tried, for want of a second node.
	Partly bool
	// Steps are in the order of levels. A level that is not reached ends the examination after its own steps.
	Steps []Step
}

// errSkip is a step that cannot be tried, errAbsent one that is optional and not offered.
var (
	errSkip   = errors.New("cannot be tried")
	errAbsent = errors.New("is not offered")
)

// Examine finds out which contract level a running node reaches, and which rules it breaks. Other, of the same network, is
// needed to try what one node does for another; nil leaves that out. The examination publishes some messages, stores two
// small values, and streams a few MiB. It ends with the context.
func Examine(ctx context.Context, subject Subject, other *Subject) Examination {
	client := NewClient()
	defer client.Close()
	pages := scrape.New()
	defer pages.Close()
	e := &exam{subject: newExaminee(client, pages, subject), token: fmt.Sprintf("x%x", NowNS())}
	if other != nil {
		second := newExaminee(client, pages, *other)
		e.other = &second
	}
	var result Examination
	for level := Level(0); ; level++ {
		broken := false
		for _, s := range steps() {
			if s.level != level+1 {
				continue
			}
			step := e.try(ctx, s)
			broken = broken || step.Status == Violated
			result.Steps = append(result.Steps, step)
		}
		if result.Level = level; broken || level == 3 {
			break
		}
	}
	for _, step := range result.Steps {
		result.Partly = result.Partly || step.Level == result.Level && step.Status == Skipped
	}
	return result
}

// rule is a step before it was tried.
type rule struct {
	name    string
	level   Level
	section Section
	try     func(context.Context, *exam) error
}

// steps are all rules that are tried, in this order.
func steps() []rule {
	return append([]rule{
		{"the node says when it is ready", 1, SectionOther, tryReady},
		{"a metrics page has the peer gauge", 1, SectionOther, tryMetrics},
		{"the node tells its id and its peers", 2, SectionPeers, tryPeers},
	}, workSteps()...)
}

// exam is an examination under way.
type exam struct {
	subject examinee
	other   *examinee
	token   string // begins every id and key, so that no two examinations meet

	description Description // of the subject, once it was asked
	otherID     string
	delivers    bool // a message has reached the other node
}

type examinee struct {
	Subject
	node  *Node
	pages *scrape.Client
}

func newExaminee(client *Client, pages *scrape.Client, s Subject) examinee {
	return examinee{Subject: s, node: client.Node(s.Name, "http://"+s.Control+s.Probe), pages: pages}
}

func (e *exam) try(ctx context.Context, s rule) Step {
	step := Step{Name: s.name, Level: s.level, Status: Kept}
	err := s.try(ctx, e)
	for _, cause := range flatten(err) {
		problem := Problem{Section: s.section, Text: said(cause)}
		if violated, ok := errors.AsType[*ViolationError](cause); ok {
			problem.Section = violated.Section
		}
		step.Problems = append(step.Problems, problem)
	}
	switch {
	case errors.Is(err, errSkip):
		step.Status = Skipped
	case errors.Is(err, errAbsent):
		step.Status = Absent
	case err != nil:
		step.Status = Violated
	}
	return step
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, each := range joined.Unwrap() {
			all = append(all, flatten(each)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// said is an error without the name of the node that is examined anyway.
func said(err error) string {
	if call, ok := errors.AsType[*CallError](err); ok {
		return call.Call + ": " + call.Err.Error()
	}
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), errSkip.Error()+": "), errAbsent.Error()+": ")
}

func tryReady(ctx context.Context, e *exam) error {
	_, err := e.subject.pages.Get(ctx, "http://"+e.subject.Control+e.subject.Ready)
	return err
}

func tryMetrics(ctx context.Context, e *exam) error {
	page, err := e.subject.pages.Get(ctx, "http://"+e.subject.Control+e.subject.Metrics)
	if err != nil {
		return err
	}
	metrics, err := scrape.ParseMetrics(page.Body)
	if err != nil {
		return err
	}
	peers, err := metrics.Value(e.subject.PeerGauge)
	if err == nil && !(peers >= 0 && peers == float64(int64(peers))) {
		return fmt.Errorf("series %s: %v is no number of peers", e.subject.PeerGauge, peers)
	}
	return err
}

func tryPeers(ctx context.Context, e *exam) error {
	if e.subject.Probe == "" {
		return errors.New("the node has no probe API (node.probe is empty)")
	}
	_, err := e.subject.peers(ctx)
	return err
}

// peers asks for the peers, by the rules of this API.
func (x examinee) peers(ctx context.Context) (Peers, error) {
	body, _, err := x.node.get(ctx, "peers", "/peers")
	if err != nil {
		return Peers{}, err
	}
	answer, err := ParsePeers(body)
	if err != nil {
		return Peers{}, x.node.failed("peers", &ViolationError{SectionPeers, err.Error()})
	}
	return answer, nil
}
