package gitrepo

import (
	"container/heap"
	"context"
	"math"

	"github.com/go-git/go-git/v5/plumbing"
)

// The commits that one contains and another does not are found by painting: colour flows from the bad end to all its
// ancestors, and from the good end to all of its own. Those with the colour of the bad end alone are the range. Commits are
// taken by their date, the newest first, so that both colours come down the history side by side, and the walk can end soon
// after all that is still to be looked at has the colour of the good end.
//
// Dates may lie: a clock was wrong, a commit is younger than its child. So a commit that the good colour reaches late hands it
// on to all its ancestors that were looked at before. And when is it too early to end? A commit is in the range wrongly when it
// is an ancestor of the good end after all. Nothing that descends from the good end is, so only the commits matter where a branch
// began before the good end: the entries. Without one the range is exact, whatever the dates say. With some the walk goes on
// until it is well below the oldest of them.

// slop is how many commits below the oldest entry are looked at before the walk ends.
const slop = 1000

// painter walks a history. Commits are known by their place in painter.commits.
type painter struct {
	read        func(plumbing.Hash) (*node, []plumbing.Hash, int64, error)
	firstParent bool
	place       map[plumbing.Hash]int
	commits     []painting
	queue       []int // a heap: those to be looked at, the newest first
	open        int   // how many of them have the bad colour alone
	late        bool  // an ancestor that was looked at has changed its colour
	err         error // the first of reading
}

// painting is a commit under the brush.
type painting struct {
	node            *node // nil once it has the good colour
	hashes          []plumbing.Hash
	parents         []int // the places of those parents that were reached
	date            int64 // of its committer, in seconds
	good, bad, seen bool
}

// paint returns the good end, and after it the range.
func paint(ctx context.Context, p *painter, good, bad plumbing.Hash) ([]node, error) {
	first, end, err := p.begin(good, bad)
	if err != nil {
		return nil, err
	}
	for len(p.queue) > 0 && (p.open > 0 || !p.settled(end)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.open > 0 && p.look(end) {
			break
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return append([]node{first}, p.inside()...), nil
}

// inside are the commits that have the bad colour alone.
func (p *painter) inside() []node {
	var all []node
	for _, c := range p.commits {
		if c.bad && c.seen && !c.good {
			all = append(all, *c.node)
		}
	}
	return all
}

// begin gives both ends their colour, and returns the good one and its place.
func (p *painter) begin(good, bad plumbing.Hash) (node, int, error) {
	p.place = map[plumbing.Hash]int{}
	end, err := p.reach(good)
	if err != nil {
		return node{}, 0, err
	}
	first := *p.commits[end].node
	tip, err := p.reach(bad)
	if err != nil {
		return node{}, 0, err
	}
	p.colour(end, true)
	p.colour(tip, false)
	return first, end, nil
}

// reach reads a commit and puts it into the queue, unless that was done before.
func (p *painter) reach(hash plumbing.Hash) (int, error) {
	if i, known := p.place[hash]; known {
		return i, nil
	}
	n, parents, date, err := p.read(hash)
	if err != nil {
		return 0, err
	}
	i := len(p.commits)
	p.place[hash] = i
	p.commits = append(p.commits, painting{node: n, hashes: parents, date: date})
	heap.Push(p, i)
	return i, nil
}

// colour paints a commit, and with the good colour those of its ancestors too that were looked at.
func (p *painter) colour(i int, good bool) {
	c := &p.commits[i]
	if !good {
		if !c.bad && !c.good && !c.seen {
			p.open++
		}
		c.bad = true
		return
	}
	for todo := []int{i}; len(todo) > 0; {
		c := &p.commits[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		if c.good {
			continue
		}
		if c.bad && !c.seen {
			p.open--
		}
		c.good, c.node = true, nil
		if c.seen {
			p.late = true
			todo = append(todo, c.parents...) // on a line only the first: what the others lead to is on no line above
		}
	}
}

// look takes the newest commit and hands its colour to its parents. On a first-parent line that has arrived at the good end
// nothing else is left to do. An error ends the walk: nothing is left in the queue.
func (p *painter) look(end int) (arrived bool) {
	i, _ := heap.Pop(p).(int)
	c := &p.commits[i]
	c.seen = true
	hashes := c.hashes
	if !c.good {
		p.open--
		if p.firstParent {
			hashes = hashes[:min(1, len(hashes))]
		}
	}
	for _, hash := range hashes {
		parent, err := p.reach(hash)
		if err != nil {
			p.err, p.queue = err, nil
			return true
		}
		c = &p.commits[i] // the table may have moved
		c.parents = append(c.parents, parent)
		arrived = arrived || p.firstParent && !c.good && parent == end
		p.colour(parent, c.good)
	}
	return arrived
}

// settled tells whether the range cannot change any more, or hardly. All that is queued has the good colour.
func (p *painter) settled(end int) bool {
	oldest, entries := p.entries(end)
	if entries == 0 {
		return true
	}
	p.late = false
	for left := slop; left > 0 && len(p.queue) > 0; {
		if p.commits[p.queue[0]].date < oldest {
			left--
		}
		p.look(end)
		if p.late {
			return false
		}
	}
	return true
}

// entries counts the commits of the range of which no parent is in it, nor is the good end, and tells the date of the oldest.
func (p *painter) entries(end int) (oldest int64, number int) {
	oldest = math.MaxInt64
	for _, c := range p.commits {
		if !c.bad || c.good || !c.seen {
			continue
		}
		inside := false
		for _, parent := range c.parents {
			inside = inside || parent == end || !p.commits[parent].good
		}
		if !inside {
			oldest, number = min(oldest, c.date), number+1
		}
	}
	return oldest, number
}

// Len, Less, Swap, Push and Pop make the queue a heap. Of two of one date the one that was reached first comes first.
func (p *painter) Len() int { return len(p.queue) }

func (p *painter) Less(i, j int) bool {
	a, b := p.queue[i], p.queue[j]
	if da, db := p.commits[a].date, p.commits[b].date; da != db {
		return da > db
	}
	return a < b
}

func (p *painter) Swap(i, j int) { p.queue[i], p.queue[j] = p.queue[j], p.queue[i] }

// Push is for container/heap.
func (p *painter) Push(x any) {
	i, _ := x.(int)
	p.queue = append(p.queue, i)
}

// Pop is for container/heap.
func (p *painter) Pop() any {
	last := p.queue[len(p.queue)-1]
	p.queue = p.queue[:len(p.queue)-1]
	return last
}
