package stat

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// What a sequence of sign-flip tests has spent, counted.
//
// Given the sizes of the values, all ways to sign them are equally likely, at one look and over all looks together. So the
// error of a sequence of tests is a number of ways, and needs no theory of its own: a look may let cross as many further
// ways as the error that may be spent by then, less what was spent, has room for. The ways that crossed before are few,
// since alpha is small; they are listed, as the signs of the values up to their look. Of a later look they take a share that
// is counted with them held fixed, and what is left is what the look itself would spend.

// listedValues is the greatest number of values of a look whose crossing ways are listed: at 5 % they are some ten thousand.
const listedValues = 20

// Crosses goes through the looks at values, which are in the order in which they came, and returns the first look, from 0, at
// which they are proven to lie above 0: by sign-flip tests whose whole error is at most Alpha. While the looks before have at
// most 20 values, it is at most Alpha exactly, given the sizes of the values and whatever they are; beyond, what earlier looks
// take of a later one comes from normal theory, as in Levels. The look is -1 when none crosses. Values beyond those of
// the last look are not read.
//
// It returns ErrTooFew when there are fewer values than looks want, the errors of Levels, and those of SignFlip.
func (p SequentialPlan) Crosses(values []float64) (look int, err error) {
	return p.CrossesGiven(values, func(n int) (SignFlipTest, error) { return SignFlip(values[:n], 0) })
}

// CrossesGiven is Crosses for somebody who asks with several errors: test gives the sign-flip test of the first n values
// against 0, which is the same for all of them.
func (p SequentialPlan) CrossesGiven(values []float64, test func(n int) (SignFlipTest, error)) (look int, err error) {
	look, err = p.walk(values, test, flipAccount{}, func(LookAccount) {})
	if err != nil {
		return -1, fmt.Errorf("looks: %w", err)
	}
	return look, nil
}

// LookAccount says how one look was decided.
type LookAccount struct {
	// Look counts from 0. Values are how many values it has, all those of earlier looks among them.
	Look, Values int
	// May is the error that may be spent by this look, earlier looks included; Planned is May of the look before, 0 at the first.
	May, Planned float64
	// P is the p-value of the look's sign-flip test for values above 0, in (0, 1].
	P float64
	// Rule says which of its rules decided the look.
	Rule LookRule
	// Spent is the error that earlier looks have really spent, and Needed what crossing here would add to it: counted, for Counted
	// alone, else NaN. The look crosses when both together are at most May.
	Spent, Needed float64
	// Level is the greatest P that crosses by normal theory, for Bounded alone, else NaN.
	Level float64
	// Crossed tells that values are proven to lie above 0.
	Crossed bool
}

// LookRule is how a look comes to its answer.
type LookRule string

// The rules of looks, the cheapest first.
const (
	// WithinIncrement: P is at most May - Planned. Earlier looks have spent Planned at most, so it crosses.
	WithinIncrement LookRule = "within_increment"
	// AboveBudget: P is above May, which is more than any look can spend, so it does not cross.
	AboveBudget LookRule = "above_budget"
	// Counted: P lies between the two, and what earlier looks have spent is counted.
	Counted LookRule = "counted"
	// Bounded: P lies between the two, and there are too many values to count with: normal theory gives the level.
	Bounded LookRule = "bounded"
)

// Account is CrossesGiven with the books: what each look up to the one that crosses was decided by. Looks without a new value are
// left out. Errors are those of CrossesGiven, beside the looks before.
func (p SequentialPlan) Account(values []float64, test func(n int) (SignFlipTest, error)) ([]LookAccount, error) {
	var all []LookAccount
	_, err := p.walk(values, test, flipAccount{full: true}, func(a LookAccount) { all = append(all, a) })
	if err != nil {
		return all, fmt.Errorf("account of looks: %w", err)
	}
	return all, nil
}

// walk goes through the looks until one crosses, and tells of each. The account is that of no look.
func (p SequentialPlan) walk(values []float64, testOf func(n int) (SignFlipTest, error), account flipAccount, tell func(LookAccount)) (int, error) {
	if len(p.Values) != len(p.Fractions) {
		return -1, ErrLengths
	}
	before, planned := 0, 0.0
	for k, n := range p.Values {
		if n > len(values) {
			return -1, ErrTooFew
		}
		may, err := PowerSpending(p.Alpha, p.Exponent, p.Fractions[k])
		if err != nil {
			return -1, err
		}
		if n <= before {
			continue
		}
		test, err := testOf(n)
		if err != nil {
			return -1, err
		}
		a := LookAccount{Look: k, Values: n, May: may, Planned: planned, P: test.Greater, Spent: math.NaN(), Needed: math.NaN(), Level: math.NaN()}
		// Earlier looks have spent at most what was planned for them, and at least nothing: only between the two does it
		// matter what they have spent.
		switch {
		case a.P <= may-planned:
			a.Rule, a.Crossed = WithinIncrement, true
		case a.P > may:
			a.Rule = AboveBudget
		default:
			if err := p.count(values, &account, &a); err != nil {
				return -1, err
			}
		}
		tell(a)
		if a.Crossed {
			return k, nil
		}
		before, planned = n, may
	}
	return -1, nil
}

// count tells whether a look crosses, when its p-value alone does not say. The account is that of looks before, and is carried on.
func (p SequentialPlan) count(values []float64, a *flipAccount, look *LookAccount) error {
	k := look.Look
	if p.Values[k] > flipValues || slices.Max(p.Values[:k]) > listedValues {
		until := SequentialPlan{p.Alpha, p.Exponent, p.Fractions[:k+1], p.Values[:k+1]}
		levels, err := until.Levels()
		if err != nil {
			return err
		}
		look.Rule, look.Level, look.Crossed = Bounded, levels[k], look.P <= levels[k]
		return nil
	}
	values = values[:look.Values]
	weights, ways := flipWeights(values, 0), math.Exp2(float64(len(values)))
	least := sumAbove(values, weights, 0) - flipRounding*sumOf(weights)
	look.Rule = Counted
	further, counted := look.P*ways, 0
	for {
		for ; counted < len(a.crossed); counted++ {
			further -= a.crossed[counted].tail(weights).atLeast(least)
		}
		// Looks that are not listed yet have spent at most what was planned, and leave out at most as many ways as they have spent.
		room := (look.May - a.spent) * ways
		if a.looks == k || !a.full && (further > room || further <= (look.May-look.Planned)*ways) {
			look.Spent, look.Needed, look.Crossed = a.spent, further/ways, further <= room
			return nil
		}
		if err := a.list(p, values); err != nil {
			return err
		}
	}
}

// flipAccount lists the ways that crossed at the looks so far.
type flipAccount struct {
	full    bool // list all looks, for books, and not only as many as it takes to decide
	looks   int  // gone through
	values  int  // of the last look
	spent   float64
	crossed []flipPrefix
}

// flipPrefix are the ways of one look that crossed there first.
type flipPrefix struct {
	values int
	above  []uint32 // bit i says that value i is above 0
}

// tail are the ways of a later look, which has these weights, that go on from those that crossed.
func (p flipPrefix) tail(weights []float64) flipTail {
	sums := make([]float64, len(p.above))
	for i, way := range p.above {
		for ; way != 0; way &= way - 1 {
			sums[i] += weights[bits.TrailingZeros32(way)]
		}
	}
	slices.Sort(sums)
	return flipRoom{}.tail(sums, weights[p.values:])
}

// list goes through one more look of the plan.
func (a *flipAccount) list(p SequentialPlan, values []float64) error {
	j := a.looks
	a.looks++
	if p.Values[j] <= a.values {
		return nil
	}
	may, err := PowerSpending(p.Alpha, p.Exponent, p.Fractions[j])
	if err == nil {
		a.look(values[:p.Values[j]], may)
	}
	return err
}

// look adds the ways that cross at a look to the list.
func (a *flipAccount) look(values []float64, may float64) {
	ways := math.Exp2(float64(len(values)))
	room := (may - a.spent) * ways
	a.values = len(values)
	if room < 1 {
		return
	}
	weights := flipWeights(values, 0)
	all, total := flipRoom{}.tail([]float64{0}, weights), sumOf(weights)
	var before []flipTail
	for _, p := range a.crossed {
		before = append(before, p.tail(weights))
	}
	further := func(bound float64) float64 {
		count := all.atLeast(bound - flipRounding*total)
		for _, tail := range before {
			count -= tail.atLeast(bound - flipRounding*total)
		}
		return count
	}
	// The smallest bound that has room lies between. What crosses is at least that; what is equal to a sum that does not cross, but for
	// rounding, lies below it by as much as is allowed for rounding.
	low, high := 0.0, total*(1+1e-9)
	for range 60 {
		if middle := (low + high) / 2; further(middle) <= room {
			high = middle
		} else {
			low = middle
		}
	}
	next := flipPrefix{values: len(values)}
	for _, way := range waysMissing(weights, total-high) {
		above := way ^ (1<<len(values) - 1)
		if !a.hasCrossed(above) {
			next.above = append(next.above, above)
		}
	}
	if len(next.above) == 0 {
		return
	}
	slices.Sort(next.above)
	a.spent += float64(len(next.above)) / ways
	a.crossed = append(a.crossed, next)
}

// hasCrossed tells whether the way crossed at an earlier look.
func (a *flipAccount) hasCrossed(way uint32) bool {
	for _, p := range a.crossed {
		if _, found := slices.BinarySearch(p.above, way&(1<<p.values-1)); found {
			return true
		}
	}
	return false
}

// waysMissing lists the subsets of the weights whose sum is at most most, as bits.
func waysMissing(weights []float64, most float64) []uint32 {
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(weights[a], weights[b]) })
	var all []uint32
	var add func(from int, way uint32, sum float64)
	add = func(from int, way uint32, sum float64) {
		all = append(all, way)
		for i := from; i < len(order) && sum+weights[order[i]] <= most; i++ {
			add(i+1, way|1<<order[i], sum+weights[order[i]])
		}
	}
	if most >= 0 {
		add(0, 0, 0)
	}
	return all
}
