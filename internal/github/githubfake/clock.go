package githubfake

import (
	"context"
	"sync"
	"time"
)

// Clock is a time that passes only while somebody waits.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
}

// NewClock makes a clock that shows the given moment.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the moment that the clock shows.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// Wait moves the clock on, and returns at once.
func (c *Clock) Wait(ctx context.Context, d time.Duration) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}
