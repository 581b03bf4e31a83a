package calibration

import "math/rand/v2"

// fixed gives the same values in every design.
type fixed struct{ sides Sides }

func (f fixed) size() int                     { return len(f.sides.Head) }
func (f fixed) pairs(*rand.Rand, int) Sides   { return f.sides }
func (f fixed) apart(*rand.Rand, int) Sides   { return f.sides }
func (f fixed) stored(*rand.Rand, int) Sides  { return f.sides }
func (f fixed) history(*rand.Rand, int) Sides { return f.sides }
func (f fixed) shown(value float64) float64   { return value }
