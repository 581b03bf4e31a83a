package measure

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// minSlopeWindow is the shortest steady window over which a slope of memory is taken: six looks.
const minSlopeWindow = 5 * time.Second

// memory is the median over the steady window of what pick takes from a look, mean over nodes.
func (n *Network) memory(m metric.Metric, pick func(Memory) float64) result.Measurement {
	return n.perNode(m, func(node Node) (float64, error) {
		looks, err := n.memoryLooks(node)
		if err != nil {
			return 0, err
		}
		var values []float64
		for _, look := range looks {
			values = append(values, pick(look))
		}
		return stat.Median(values)
	})
}

// memoryPeak is the highest resident set that a node had ever reached at the last look, mean over nodes.
func (n *Network) memoryPeak(m metric.Metric) result.Measurement {
	return n.perNode(m, func(node Node) (float64, error) {
		looks, err := n.memoryLooks(node)
		if err != nil {
			return 0, err
		}
		return looks[len(looks)-1].Peak, nil
	})
}

func (n *Network) memorySlope(m metric.Metric) result.Measurement {
	if n.Scenario.Duration < minSlopeWindow {
		return result.Unmeasurable(m, fmt.Sprintf("the steady window of %v is shorter than %v", n.Scenario.Duration, minSlopeWindow))
	}
	return n.perNode(m, func(node Node) (float64, error) {
		looks, err := n.memoryLooks(node)
		if err != nil {
			return 0, err
		}
		var times, values []float64
		for _, look := range looks {
			times, values = append(times, look.At.Seconds()), append(values, look.PSS)
		}
		return stat.TheilSen(times, values)
	})
}

// memoryLooks are the looks at a node's memory in the steady window, at least one.
func (n *Network) memoryLooks(node Node) ([]Memory, error) {
	var looks []Memory
	reason := "its memory was never read"
	for _, look := range node.Memory {
		switch {
		case look.Err != "":
			reason = look.Err
		case n.inSteady(look.At):
			looks = append(looks, look)
		}
	}
	if len(looks) == 0 {
		return nil, errors.New(reason)
	}
	return looks, nil
}

// cpuIdle is the share of one core in the steady window, or in its quiet part when nodes are under load in the other, mean
// over nodes.
func (n *Network) cpuIdle(m metric.Metric) result.Measurement {
	to := n.SteadyTo
	if n.Load != nil {
		to = n.Load.From
	}
	return n.rate(m, n.SteadyFrom, to, Usage.seconds)
}

// compare orders looks by time: those at the ends of a load are not taken by whoever takes the others.
func (u Usage) compare(v Usage) int { return cmp.Compare(u.At, v.At) }

func (u Usage) seconds() float64 { return u.CPU.Seconds() }

func (n *Network) diskWrite(m metric.Metric) result.Measurement {
	if n.Volatile {
		return result.Unmeasurable(m, "the nodes' storage lies in memory (tmpfs), where nothing is written to a disk")
	}
	return n.rate(m, n.SteadyFrom, n.SteadyTo, func(u Usage) float64 { return u.WriteBytes })
}

// rate is the growth for each second of what pick takes from the first and last look between two moments, mean over nodes.
// Cancelled writes may make a disk count fall; that counts as none.
func (n *Network) rate(m metric.Metric, from, to time.Duration, pick func(Usage) float64) result.Measurement {
	return n.perNode(m, func(node Node) (float64, error) {
		var looks []Usage
		reason := "what it used was not read twice"
		for _, u := range node.Usage {
			switch {
			case u.Err != "":
				reason = u.Err
			case u.At >= from && u.At <= to:
				looks = append(looks, u)
			}
		}
		if len(looks) == 0 {
			return 0, errors.New(reason)
		}
		first, last := slices.MinFunc(looks, Usage.compare), slices.MaxFunc(looks, Usage.compare)
		if first.At == last.At {
			return 0, errors.New(reason)
		}
		return max(0, pick(last)-pick(first)) / (last.At - first.At).Seconds(), nil
	})
}

// logLines counts the lines of all logs that the metric is named for.
func (n *Network) logLines(m metric.Metric) result.Measurement {
	pick := map[string]func(LogCounts) int{
		"log_errors":   func(c LogCounts) int { return c.Errors },
		"log_warnings": func(c LogCounts) int { return c.Warnings },
		"log_slow":     func(c LogCounts) int { return c.Slow },
	}[m.Name]
	total := 0
	for i, node := range n.Nodes {
		if node.Log == nil {
			return result.Failure(m, fmt.Sprintf("node %d: its log was not read", i))
		}
		total += pick(*node.Log)
	}
	return result.Value(m, float64(total))
}

func (n *Network) perNode(m metric.Metric, value func(Node) (float64, error)) result.Measurement {
	sum := 0.0
	for i, node := range n.Nodes {
		v, err := value(node)
		if err != nil {
			return result.Failure(m, fmt.Sprintf("node %d: %v", i, err))
		}
		sum += v
	}
	return result.Value(m, sum/float64(len(n.Nodes)))
}
