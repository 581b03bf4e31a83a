package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	api "github.com/google/go-github/v60/github"
)

// MaxBody is how many characters the body of a comment, an issue or a pull request may have, its marker included.
const MaxBody = 65000

// Marker is the line by which perfgate finds what it wrote: an HTML comment, which GitHub does not show.
type Marker string

// NewMarker makes the marker of a name: letters, digits, spaces and -_./: in it, at most 100 of them.
func NewMarker(name string) (Marker, error) {
	if !isName(name, " -_./:") || strings.Contains(name, "--") {
		return "", fmt.Errorf("%.120q cannot be a marker's name: letters, digits, spaces and -_./: are wanted, at most 100, and no two - in a row", name)
	}
	return Marker("<!-- perfgate: " + name + " -->"), nil
}

// on puts the marker before a body.
func (m Marker) on(body string) (string, error) {
	if !strings.HasPrefix(string(m), "<!-- perfgate: ") {
		return "", errors.New("the marker is none: make it with NewMarker")
	}
	full := string(m) + "\n" + body
	if count := utf8.RuneCountInString(full); count > MaxBody {
		return "", fmt.Errorf("the body has %d characters with its marker, more than %d: cut it", count, MaxBody)
	}
	return full, nil
}

// marks tells whether a body begins with the marker. One further down may be a quotation.
func (m Marker) marks(body string) bool {
	first, _, _ := strings.Cut(body, "\n")
	return strings.TrimRight(first, "\r ") == string(m)
}

// PutComment creates the comment with this marker below an issue or pull request, or brings it up to date. There is never
// more than one for long: whoever has created one looks again, and when there are several the oldest stays. Comments of others
// are left alone, whatever they begin with.
func (c *Client) PutComment(ctx context.Context, repository Repository, number int, marker Marker, body string) (Posted, error) {
	full, err := marker.on(body)
	if err == nil {
		err = errors.Join(repository.check(), checkNumber(number))
	}
	if err != nil {
		return Posted{}, fmt.Errorf("comment on #%d: %w", number, err)
	}
	posted, err := c.putComment(ctx, repository, number, marker, full)
	if errors.Is(err, errGone) {
		posted, err = c.putComment(ctx, repository, number, marker, full)
	}
	return posted, err
}

// errGone says that somebody removed the comment between finding it and bringing it up to date.
var errGone = errors.New("the comment was removed meanwhile")

func (c *Client) putComment(ctx context.Context, repository Repository, number int, marker Marker, full string) (Posted, error) {
	op := fmt.Sprintf("comment on #%d", number)
	kept, surplus, created, err := sole(ctx, c, (*api.IssueComment).GetID,
		func() ([]*api.IssueComment, error) { return c.comments(ctx, repository, number, marker) },
		func() (*api.IssueComment, error) {
			made, _, err := c.api.Issues.CreateComment(ctx, repository.Owner, repository.Name, number, &api.IssueComment{Body: &full})
			return made, c.wrap(op, err)
		})
	if err != nil {
		return Posted{}, err
	}
	if kept.GetBody() != full {
		kept, _, err = c.api.Issues.EditComment(ctx, repository.Owner, repository.Name, kept.GetID(), &api.IssueComment{Body: &full})
		if err := c.wrap(op, err); errors.Is(err, ErrNotFound) {
			return Posted{}, fmt.Errorf("%w: %w", err, errGone)
		} else if err != nil {
			return Posted{}, err
		}
	}
	for _, extra := range surplus {
		if err := c.deleteComment(ctx, repository, extra.GetID()); err != nil {
			return Posted{}, err
		}
	}
	return Posted{ID: kept.GetID(), URL: kept.GetHTMLURL(), Created: created}, nil
}

// comments returns ours with the marker, oldest first.
func (c *Client) comments(ctx context.Context, repository Repository, number int, marker Marker) ([]*api.IssueComment, error) {
	var found []*api.IssueComment
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.Issues.ListComments(ctx, repository.Owner, repository.Name, number, &api.IssueListCommentsOptions{ListOptions: page})
		if err != nil {
			return nil, false, err
		}
		for _, comment := range list {
			if !marker.marks(comment.GetBody()) {
				continue
			}
			own, err := c.ours(ctx, comment.GetUser())
			if err != nil {
				return nil, false, err
			}
			if own {
				found = append(found, comment)
			}
		}
		return answer, true, nil
	})
	if err != nil {
		return nil, c.wrap(fmt.Sprintf("look for the comment on #%d", number), err)
	}
	sortBy(found, (*api.IssueComment).GetID)
	return found, nil
}

// deleteComment is content when it is already gone.
func (c *Client) deleteComment(ctx context.Context, repository Repository, id int64) error {
	answer, err := c.api.Issues.DeleteComment(ctx, repository.Owner, repository.Name, id)
	if answer != nil && answer.StatusCode == http.StatusNotFound {
		return nil
	}
	return c.wrap("remove a comment that is there twice", err)
}

func checkNumber(number int) error {
	if number < 1 {
		return fmt.Errorf("%d is no number of an issue or pull request", number)
	}
	return nil
}
