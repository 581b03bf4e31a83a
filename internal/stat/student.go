package stat

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// studentBoundary returns the t that a Student variable of the given degrees of freedom, from 1, exceeds with
// probability p, in (0, 0.5]: if B is the p-quantile 2p of a beta variable with parameters degrees/2 and 1/2, it is
// √(degrees·(1-B)/B) (Abramowitz and Stegun 1964, 26.7.1).
func studentBoundary(p, degrees float64) float64 {
	b := mathext.InvRegIncBeta(degrees/2, 0.5, 2*p)
	return math.Sqrt(degrees * (1 - b) / b)
}
