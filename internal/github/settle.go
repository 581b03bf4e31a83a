package github

import (
	"context"
	"errors"
	"slices"

	api "github.com/google/go-github/v60/github"
)

// maxCreations bounds how often one thing is created anew because nobody could say whether it was.
const maxCreations = 8

// settle makes what is not there yet, once. It looks first; and when creating ends without an answer it looks again before
// it creates again, since the request may have had its effect.
func settle[T any](ctx context.Context, c *Client, look func() (T, bool, error), create func() (T, error)) (T, bool, error) {
	var last error
	for attempt := 1; ; attempt++ {
		found, ok, err := look()
		if err != nil || ok {
			return found, ok && last != nil, err
		}
		made, err := create()
		if err == nil {
			return made, true, nil
		}
		if !unknownOutcome(err) || attempt >= maxCreations {
			return made, false, err
		}
		last = err
		wait := backOff(attempt)
		if wait >= c.remaining() {
			return made, false, err
		}
		c.log.Debug("it is not known whether it was created, looking", "what", err.Error(), "wait", wait)
		if waited := c.clock.Wait(ctx, wait); waited != nil {
			return made, false, errors.Join(waited, err)
		}
	}
}

// sole makes or finds the one thing of which there may be only one, where GitHub does not see to that. Whoever creates one
// lists them again: of those that others have created at the same time the oldest stays, which has the lowest id, and the rest
// is surplus. list returns the oldest first.
func sole[T any](
	ctx context.Context, c *Client, id func(T) int64, list func() ([]T, error), create func() (T, error),
) (kept T, surplus []T, created bool, err error) {
	var all []T
	made, created, err := settle(ctx, c, func() (T, bool, error) {
		var none T
		var err error
		if all, err = list(); err != nil || len(all) == 0 {
			return none, false, err
		}
		return all[0], true, nil
	}, create)
	if err != nil {
		return made, nil, false, err
	}
	if len(all) == 0 {
		if all, err = list(); err != nil {
			return made, nil, created, err
		}
	}
	if !slices.ContainsFunc(all, func(x T) bool { return id(x) == id(made) }) { // it cannot be listed yet
		all = append(all, made)
		sortBy(all, id)
	}
	return all[0], all[1:], created, nil
}

// pages calls for each page of a list until there is none left, or the page says so by false.
func pages(call func(api.ListOptions) (*api.Response, bool, error)) error {
	options := api.ListOptions{PerPage: 100, Page: 1}
	for {
		answer, more, err := call(options)
		if err != nil || !more || answer.NextPage <= options.Page {
			return err
		}
		options.Page = answer.NextPage
	}
}
