package githubfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// World is all that the fake knows: what a test begins with, and what there is at any later moment. It is plain data with a
// JSON form, so that a story can write and read it.
type World struct {
	// Accounts are who may ask, by token.
	Accounts []Account `json:"accounts"`
	// Repositories are all there are.
	Repositories []*Repository `json:"repositories"`
	// LastID is the last number that was given to anything.
	LastID int64 `json:"last_id"`
}

// Account is a user or an app behind a token.
type Account struct {
	// Token is what requests carry.
	Token string `json:"token"`
	// Login is the name; an app's ends in [bot].
	Login string `json:"login"`
	// App may write checks, and may not ask who it is. Users the other way round.
	App bool `json:"app"`
	// ReadOnly is the token of a pull request from a fork.
	ReadOnly bool `json:"read_only"`
	// Pushless is a user who may open issues and not push: GitHub leaves the labels of such issues out, and says nothing.
	Pushless bool `json:"pushless"`
	// Denied are subjects that this token may not write: checks, statuses, issues, pulls, contents.
	Denied []string `json:"denied"`
}

// Repository is one, with all that is in it.
type Repository struct {
	Owner         string            `json:"owner"`          // Owner is a login.
	Name          string            `json:"name"`           // Name is without the owner.
	DefaultBranch string            `json:"default_branch"` // DefaultBranch is main where it is "".
	ForkOf        string            `json:"fork_of"`        // ForkOf is OWNER/NAME, or "".
	Commits       []*Commit         `json:"commits"`        // Commits in any order.
	Branches      map[string]string `json:"branches"`       // Branches are the SHAs at their ends.
	Trees         map[string]Files  `json:"trees"`          // Trees are what was made by request.
	Checks        []*Check          `json:"checks"`         // Checks, oldest first.
	Statuses      []*Status         `json:"statuses"`       // Statuses, oldest first.
	Issues        []*Issue          `json:"issues"`         // Issues, pull requests among them, oldest first.
	Comments      []*Comment        `json:"comments"`       // Comments, oldest first.
	Runs          []*Run            `json:"runs"`           // Runs of workflows.
}

// Files are contents by path.
type Files map[string]string

// Commit is one, with its whole tree.
type Commit struct {
	SHA     string    `json:"sha"`     // SHA is 40 hexadecimal digits.
	Parents []string  `json:"parents"` // Parents are SHAs.
	Message string    `json:"message"` // Message is whole.
	Files   Files     `json:"files"`   // Files are all of the tree.
	Time    time.Time `json:"time"`    // Time is when it was made.
}

// Check is a check run.
type Check struct {
	ID          int64        `json:"id"`           // ID is given by the fake.
	By          string       `json:"by"`           // By is who created it.
	Name        string       `json:"name"`         // Name is what is shown.
	HeadSHA     string       `json:"head_sha"`     // HeadSHA is its commit.
	ExternalID  string       `json:"external_id"`  // ExternalID is the creator's.
	DetailsURL  string       `json:"details_url"`  // DetailsURL is the creator's.
	Status      string       `json:"status"`       // Status is queued, in_progress or completed.
	Conclusion  string       `json:"conclusion"`   // Conclusion is "" until it is completed.
	StartedAt   string       `json:"started_at"`   // StartedAt is as it was sent.
	CompletedAt string       `json:"completed_at"` // CompletedAt is as it was sent.
	Title       string       `json:"title"`        // Title of the output.
	Summary     string       `json:"summary"`      // Summary of the output.
	Text        string       `json:"text"`         // Text of the output.
	Annotations []Annotation `json:"annotations"`  // Annotations of all requests.
}

// Annotation is as GitHub has it.
type Annotation struct {
	Path      string `json:"path"`             // Path in the repository.
	StartLine int    `json:"start_line"`       // StartLine is from 1.
	EndLine   int    `json:"end_line"`         // EndLine is not before it.
	Level     string `json:"annotation_level"` // Level is notice, warning or failure.
	Title     string `json:"title"`            // Title may be "".
	Message   string `json:"message"`          // Message is not.
}

// Status is a commit status.
type Status struct {
	ID          int64  `json:"id"`          // ID is given by the fake.
	By          string `json:"by"`          // By is who posted it.
	SHA         string `json:"sha"`         // SHA is its commit.
	State       string `json:"state"`       // State is one of four.
	Context     string `json:"context"`     // Context is its name.
	Description string `json:"description"` // Description is one line.
	TargetURL   string `json:"target_url"`  // TargetURL is where it leads.
}

// Issue is an issue or a pull request.
type Issue struct {
	Number      int       `json:"number"`       // Number is shared by both.
	By          string    `json:"by"`           // By is who opened it.
	Title       string    `json:"title"`        // Title is one line.
	Body        string    `json:"body"`         // Body is Markdown.
	State       string    `json:"state"`        // State is open or closed.
	StateReason string    `json:"state_reason"` // StateReason is "", completed, not_planned or reopened.
	Labels      []string  `json:"labels"`       // Labels by name.
	Updated     time.Time `json:"updated"`      // Updated is when it was changed last.
	Pull        *Pull     `json:"pull"`         // Pull is nil for an issue.
}

// Pull is what a pull request has more than an issue.
type Pull struct {
	HeadOwner  string `json:"head_owner"`  // HeadOwner is a login: another one's is a fork.
	HeadBranch string `json:"head_branch"` // HeadBranch is a branch of its repository of the same name.
	HeadSHA    string `json:"head_sha"`    // HeadSHA follows the branch where the world has it.
	Base       string `json:"base"`        // Base is a branch.
	Merged     string `json:"merged"`      // Merged is the SHA by which it was merged, or "".
}

// Comment is one below an issue or pull request.
type Comment struct {
	ID      int64     `json:"id"`      // ID is given by the fake.
	Number  int       `json:"number"`  // Number is that of the issue.
	By      string    `json:"by"`      // By is who wrote it.
	Body    string    `json:"body"`    // Body is Markdown.
	Updated time.Time `json:"updated"` // Updated is when it was changed last.
}

// Run is a workflow run, as far as its artifacts need one.
type Run struct {
	ID        int64      `json:"id"`        // ID is at least 1.
	HeadSHA   string     `json:"head_sha"`  // HeadSHA is its commit.
	Artifacts []Artifact `json:"artifacts"` // Artifacts it has left.
}

// Artifact is a zip archive.
type Artifact struct {
	ID      int64  `json:"id"`      // ID is at least 1.
	Name    string `json:"name"`    // Name is the workflow's.
	Expired bool   `json:"expired"` // Expired cannot be had any more.
	Content []byte `json:"content"` // Content is the archive; base64 in JSON.
	File    string `json:"file"`    // File holds the content instead, when it is not "".
}

// ReadWorld reads a world from a JSON file.
func ReadWorld(path string) (*World, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	w := &World{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// Repository returns one by OWNER/NAME, or nil.
func (w *World) Repository(fullName string) *Repository {
	for _, r := range w.Repositories {
		if r.Owner+"/"+r.Name == fullName {
			return r
		}
	}
	return nil
}

// Push puts a commit that changes the files on a branch, and returns its SHA. A branch that is not there begins with it.
func (r *Repository) Push(branch, message string, changed Files) string {
	made := &Commit{Message: message, Files: Files{}, Time: time.Unix(0, 0)}
	if tip := r.commit(r.Branches[branch]); tip != nil {
		made.Parents, made.Time = []string{tip.SHA}, tip.Time
		maps.Copy(made.Files, tip.Files)
	}
	maps.Copy(made.Files, changed)
	made.SHA = CommitSHA(*made)
	if r.Trees == nil {
		r.Trees = map[string]Files{}
	}
	if r.Branches == nil {
		r.Branches = map[string]string{}
	}
	r.Trees[treeSHA(made.Files)] = made.Files
	r.Commits = append(r.Commits, made)
	r.Branches[branch] = made.SHA
	return made.SHA
}

// complete fills in what a test need not say.
func (w *World) complete(now time.Time) error {
	if w.LastID == 0 {
		w.LastID = 1000
	}
	for _, r := range w.Repositories {
		r.DefaultBranch = cmp.Or(r.DefaultBranch, "main")
		if r.Branches == nil {
			r.Branches = map[string]string{}
		}
		if r.Trees == nil {
			r.Trees = map[string]Files{}
		}
		for _, c := range r.Commits {
			if c.Time.IsZero() {
				c.Time = now
			}
			r.Trees[treeSHA(c.Files)] = c.Files
		}
		for _, i := range r.Issues {
			i.State = cmp.Or(i.State, "open")
			if i.Updated.IsZero() {
				i.Updated = now
			}
		}
		for _, x := range r.Comments {
			if x.Updated.IsZero() {
				x.Updated = now
			}
		}
		if err := r.fetch(); err != nil {
			return err
		}
	}
	return nil
}

// fetch reads the artifacts that are in files.
func (r *Repository) fetch() error {
	for _, run := range r.Runs {
		for i, a := range run.Artifacts {
			if a.File == "" {
				continue
			}
			content, err := os.ReadFile(a.File)
			if err != nil {
				return err
			}
			run.Artifacts[i].Content = content
		}
	}
	return nil
}

func (w *World) nextID() int64 {
	w.LastID++
	return w.LastID
}

func (r *Repository) nextNumber() int {
	highest := 0
	for _, i := range r.Issues {
		highest = max(highest, i.Number)
	}
	return highest + 1
}

func (r *Repository) commit(sha string) *Commit {
	at := slices.IndexFunc(r.Commits, func(c *Commit) bool { return c.SHA == sha })
	if at < 0 {
		return nil
	}
	return r.Commits[at]
}

// resolve finds the commit of a SHA or a branch.
func (r *Repository) resolve(ref string) *Commit {
	if sha, ok := r.Branches[ref]; ok {
		return r.commit(sha)
	}
	return r.commit(ref)
}

func (r *Repository) issue(number int) *Issue {
	for _, i := range r.Issues {
		if i.Number == number {
			return i
		}
	}
	return nil
}
