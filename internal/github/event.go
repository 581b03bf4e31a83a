package github

import (
	"encoding/json"
	"errors"
	"fmt"

	api "github.com/google/go-github/v60/github"
)

// Event is what started a workflow, as far as perfgate has to know. SHAs, owners and repositories are whole and of their letters;
// all other texts are as others chose them: names of branches have what git allows, which is nearly all.
type Event struct {
	// Name is that of $GITHUB_EVENT_NAME: pull_request, pull_request_target, workflow_run, push, schedule, workflow_dispatch.
	Name string
	// Action is what happened to the subject, such as synchronize or completed; "" where there is none.
	Action string
	// Repository is where it happened: for the pull request of a fork the one it wants to go to. Of a schedule it is the zero
	// Repository: GITHUB_REPOSITORY has it.
	Repository Repository
	// DefaultBranch is the repository's; "" when the payload does not say.
	DefaultBranch string
	// HeadSHA is the commit to be judged: the pull request's head, the run's, or what was pushed. "" for schedule and
	// workflow_dispatch, where GITHUB_SHA has it, and when a branch was removed.
	HeadSHA string
	// HeadOwner and HeadBranch are where that commit comes from; HeadOwner is "" when that repository is gone.
	HeadOwner, HeadBranch string
	// BaseBranch and BaseSHA are what a pull request wants to go to, else "".
	BaseBranch, BaseSHA string
	// Before is what a push moved the branch from; "" for a new branch.
	Before string
	// Number is the pull request's. It is 0 for a workflow_run: find it with PullOf.
	Number int
	// Fork says that HeadSHA is from another repository, or that nobody knows from which.
	Fork bool
	// Run is set for a workflow_run.
	Run Run
	// Schedule is the cron expression of a schedule.
	Schedule string
	// Ref is the whole ref of a push or workflow_dispatch, such as refs/heads/main.
	Ref string
	// Inputs are those of a workflow_dispatch, as text.
	Inputs map[string]string
}

// Run is the workflow run that a workflow_run tells of.
type Run struct {
	// ID is GitHub's, for Artifacts.
	ID int64
	// Attempt is from 1.
	Attempt int
	// Name is the workflow's.
	Name string
	// Event is what started it, such as pull_request.
	Event string
	// Conclusion is success, failure, cancelled or another; "" while it goes on.
	Conclusion string
	// URL is its page.
	URL string
}

// MaxEvent is how many bytes a payload may have: GitHub sends none above 25 MB.
const MaxEvent = 25 << 20

// ErrUnknownEvent is for an event of another name than those of Event.
var ErrUnknownEvent = errors.New("none that perfgate knows")

// ParseEvent reads the payload at $GITHUB_EVENT_PATH. It errs with ErrUnknownEvent on an event of another name. A payload without what its event has to have is refused: nothing is
// guessed about which commit or pull request is meant.
func ParseEvent(name string, payload []byte) (Event, error) {
	parsers := map[string]func([]byte, *Event) error{
		"pull_request": parsePull, "pull_request_target": parsePull, "workflow_run": parseRun, "push": parsePush,
		"schedule": parseSchedule, "workflow_dispatch": parseDispatch,
	}
	parse, ok := parsers[name]
	if !ok {
		return Event{}, fmt.Errorf("event %.100q is %w: it takes pull_request, workflow_run, push, schedule and workflow_dispatch", name, ErrUnknownEvent)
	}
	if len(payload) > MaxEvent {
		return Event{}, fmt.Errorf("the payload of %s has %d bytes, more than %d", name, len(payload), MaxEvent)
	}
	event := Event{Name: name}
	if err := parse(payload, &event); err != nil {
		return Event{}, fmt.Errorf("payload of %s: %w", name, err)
	}
	return event, nil
}

func parsePull(payload []byte, e *Event) error {
	var p api.PullRequestEvent
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	pull := p.GetPullRequest()
	if pull == nil {
		return errors.New("it has no pull_request")
	}
	of := pullOf(pull)
	e.Action, e.Number = p.GetAction(), of.Number
	e.HeadSHA, e.HeadOwner, e.HeadBranch, e.Fork = of.HeadSHA, of.HeadOwner, of.HeadBranch, of.Fork
	e.BaseBranch, e.BaseSHA = of.BaseBranch, of.BaseSHA
	e.DefaultBranch = p.GetRepo().GetDefaultBranch()
	return errors.Join(e.in(p.GetRepo()), checkNumber(e.Number), e.judged(), CheckSHA(e.BaseSHA), CheckBranch(e.BaseBranch))
}

func parseRun(payload []byte, e *Event) error {
	var p api.WorkflowRunEvent
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	run := p.GetWorkflowRun()
	if run == nil {
		return errors.New("it has no workflow_run")
	}
	head := run.GetHeadRepository()
	e.Action, e.DefaultBranch = p.GetAction(), p.GetRepo().GetDefaultBranch()
	e.HeadSHA, e.HeadOwner, e.HeadBranch = run.GetHeadSHA(), head.GetOwner().GetLogin(), run.GetHeadBranch()
	e.Fork = foreign(head, p.GetRepo())
	e.Run = Run{
		ID: run.GetID(), Attempt: run.GetRunAttempt(), Name: run.GetName(), Event: run.GetEvent(), Conclusion: run.GetConclusion(), URL: run.GetHTMLURL(),
	}
	if e.Run.ID < 1 {
		return errors.New("its run has no id")
	}
	return errors.Join(e.in(p.GetRepo()), e.judged())
}

func parsePush(payload []byte, e *Event) error {
	var p api.PushEvent
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	repository := p.GetRepo()
	e.Repository = Repository{Owner: repository.GetOwner().GetLogin(), Name: repository.GetName()}
	if e.Repository.Owner == "" {
		e.Repository.Owner = repository.GetOwner().GetName()
	}
	e.DefaultBranch, e.Ref = repository.GetDefaultBranch(), p.GetRef()
	e.HeadSHA, e.Before = unlessZero(p.GetAfter()), unlessZero(p.GetBefore())
	e.HeadOwner, e.HeadBranch = e.Repository.Owner, branchOf(e.Ref)
	err := errors.Join(e.Repository.check(), checkRef(e.Ref))
	for _, sha := range []string{e.HeadSHA, e.Before} {
		if sha != "" {
			err = errors.Join(err, CheckSHA(sha))
		}
	}
	if p.After == nil {
		err = errors.Join(err, errors.New("it does not say what was pushed"))
	}
	return err
}

func parseSchedule(payload []byte, e *Event) error {
	var p struct {
		Schedule   string          `json:"schedule"`
		Repository *api.Repository `json:"repository"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	if p.Schedule == "" {
		return errors.New("it has no schedule")
	}
	e.Schedule = p.Schedule
	if p.Repository == nil {
		return nil
	}
	e.DefaultBranch = p.Repository.GetDefaultBranch()
	return e.in(p.Repository)
}

func parseDispatch(payload []byte, e *Event) error {
	var p api.WorkflowDispatchEvent
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	e.Ref, e.DefaultBranch = p.GetRef(), p.GetRepo().GetDefaultBranch()
	e.HeadBranch = branchOf(e.Ref)
	var err error
	if e.Inputs, err = parseInputs(p.Inputs); err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	if err := e.in(p.GetRepo()); err != nil {
		return err
	}
	e.HeadOwner = e.Repository.Owner
	return checkRef(e.Ref)
}

// parseInputs reads inputs as text: a number and a truth value as they stand there, and null as no input.
func parseInputs(text json.RawMessage) (map[string]string, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	inputs := map[string]string{}
	for name, value := range raw {
		var words string
		switch {
		case string(value) == "null":
		case json.Unmarshal(value, &words) == nil:
			inputs[name] = words
		default:
			inputs[name] = string(value)
		}
	}
	return inputs, nil
}

// in takes the repository of the payload.
func (e *Event) in(repository *api.Repository) error {
	if repository == nil {
		return errors.New("it has no repository")
	}
	e.Repository = Repository{Owner: repository.GetOwner().GetLogin(), Name: repository.GetName()}
	return e.Repository.check()
}
