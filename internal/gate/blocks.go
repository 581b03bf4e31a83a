package gate

import (
	"crypto/rand"
	"encoding/binary"
	chance "math/rand/v2"
)

// blockOf is the block of a pair, from 1: two pairs are a block.
func blockOf(pair int) int { return (pair + 1) / 2 }

// turns are both sides in the order in which they take a pair of a unit. The second pair of a block has the order of the first
// turned round, and the coin that says which side begins is thrown anew for each unit and block. It depends on nothing but the
// seed, the unit and the block: which other units are still measured changes no order.
func (t *trial) turns(unit, pair int) [2]*side {
	coin := chance.New(chance.NewPCG(t.Seed, uint64(unit)<<32|uint64(blockOf(pair))))
	if baseFirst := coin.IntN(2) == 0; baseFirst == (pair%2 == 1) {
		return [2]*side{t.base, t.head}
	}
	return [2]*side{t.head, t.base}
}

// drawSeed draws a seed other than 0.
func drawSeed() uint64 {
	for {
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // it never fails
		if seed := binary.LittleEndian.Uint64(raw[:]); seed != 0 {
			return seed
		}
	}
}
