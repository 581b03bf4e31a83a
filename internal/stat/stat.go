// Package stat holds the statistics that perfgate decides with: small samples,
// no assumption about the shape of the noise where one can be avoided, exact
// distributions wherever they can be counted, and intervals beside every
// estimate.
//
// Everything is a pure function of its arguments. Inputs are never changed and
// nothing is drawn at random. A value that does not exist is an error: with the
// error comes NaN for a number, 1 for a p-value and the whole line for an
// interval, so that an error that is overlooked can not look like evidence.
//
// NaN is refused everywhere. An infinity is refused too, but for the functions
// that say otherwise: there +Inf stands for a censored value (a time-out), which
// ranks above every measured one and ties with other censored ones.
//
// docs/MATH.md has each definition with its source, and says which library
// computes it.
package stat

import (
	"errors"
	"math"
	"slices"
)

// What can be wrong with the arguments. Every error of this package wraps one
// of these together with the operation.
var (
	// ErrTooFew is returned when there are fewer values than the definition needs.
	ErrTooFew = errors.New("too few values")
	// ErrTooMany is returned above a documented limit of size.
	ErrTooMany = errors.New("too many values")
	// ErrNotFinite is returned for NaN, for an infinity where none has a place,
	// and for a result that overflows.
	ErrNotFinite = errors.New("value is not a finite number")
	// ErrNotPositive is returned for a value at or below zero where a logarithm
	// or a ratio is taken.
	ErrNotPositive = errors.New("value is not positive")
	// ErrNoSpread is returned when all values are equal and the definition
	// divides by their spread.
	ErrNoSpread = errors.New("values have no spread")
	// ErrZeroCenter is returned by a relative measure whose center is zero.
	ErrZeroCenter = errors.New("center of the values is zero")
	// ErrOutOfRange is returned for a parameter outside its documented range.
	ErrOutOfRange = errors.New("parameter out of range")
	// ErrLengths is returned when slices that belong together differ in length.
	ErrLengths = errors.New("lengths differ")
	// ErrUnordered is returned when times go backwards.
	ErrUnordered = errors.New("times are not in order")
	// ErrCensored is returned when so much is censored that there is no estimate.
	ErrCensored = errors.New("censored values leave nothing to estimate")
	// ErrUnreachable is returned when no number of runs up to the documented
	// limit gives the wanted power.
	ErrUnreachable = errors.New("no number of runs is enough")
)

// Alternative is the direction in which a one-sided test looks. Its zero value
// is no direction, and every test refuses it with ErrOutOfRange.
type Alternative uint8

// The directions of a one-sided test.
const (
	// Greater looks for head above base, or for values above the constant.
	Greater Alternative = iota + 1
	// Less looks for head below base, or for values below the constant.
	Less
)

// of returns the tail that speaks for the alternative, given P(X <= x) and
// P(X >= x) of a statistic that grows with head.
func (a Alternative) of(lower, upper float64) (float64, error) {
	switch a {
	case Greater:
		return min(upper, 1), nil
	case Less:
		return min(lower, 1), nil
	default:
		return 1, ErrOutOfRange
	}
}

// checkNumbers wants at least one value and no NaN; infinities may stay.
func checkNumbers(values []float64) error {
	if len(values) == 0 {
		return ErrTooFew
	}
	if slices.ContainsFunc(values, math.IsNaN) {
		return ErrNotFinite
	}
	return nil
}

// checkFinite wants at least least values, all finite.
func checkFinite(values []float64, least int) error {
	if len(values) < least {
		return ErrTooFew
	}
	for _, v := range values {
		if !isFinite(v) {
			return ErrNotFinite
		}
	}
	return nil
}

// checkShare wants 0 < p < 1; NaN fails.
func checkShare(p float64) error {
	if p > 0 && p < 1 {
		return nil
	}
	return ErrOutOfRange
}

func isFinite(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0)
}

// allEqual reports whether the values are one and the same. It is asked before
// a spread is computed, since a rounded mean gives a constant series like
// 0.1, 0.1, 0.1 a tiny spread that it does not have.
func allEqual(values []float64) bool {
	for _, v := range values {
		if v != values[0] {
			return false
		}
	}
	return true
}
