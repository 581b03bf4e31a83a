//go:build !linux

package instrument

import (
	"errors"
	"time"
)

func goFirst() error { return errors.ErrUnsupported }

func sleepAsThread(d time.Duration) { time.Sleep(d) }
