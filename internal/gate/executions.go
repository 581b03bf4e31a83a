package gate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// executions are what the runs of one benchmark gave. A metric that not every run gives, or not in one unit, is no measure: it
// fails as a whole, with what changed as the reason, and all others stay.
type executions struct {
	all []execution
	// order are the metrics in the order in which they first came, first what they were then.
	order []string
	first map[string]metric.Metric
}

type execution struct {
	run, order int
	// values by the name of their metric; nil where the run failed for the reason that failure says.
	values  map[string]bench.Value
	failure string
	// invalid says what disturbed the machine, "" for nothing.
	invalid string
}

// add takes a run and tells how its metrics differ from those of the runs before.
func (e *executions) add(run result.Run, values []bench.Value) []result.Finding {
	x := execution{run: run.Run, order: run.Order, failure: run.Failure, invalid: run.Invalid}
	if run.Failure != "" {
		e.all = append(e.all, x)
		return nil
	}
	if e.first == nil {
		e.first = map[string]metric.Metric{}
	}
	x.values = map[string]bench.Value{}
	var changes []string
	before, earlier := e.reference()
	for _, v := range values {
		x.values[v.Metric.Name] = v
		change := e.changed(v.Metric)
		if change != "" && earlier {
			changes = append(changes, v.Metric.Name+change)
		}
	}
	for _, name := range e.order {
		if _, there := x.values[name]; !there {
			changes = append(changes, name+" is missing")
		}
	}
	e.all = append(e.all, x)
	if len(changes) == 0 {
		return nil
	}
	return []result.Finding{{Kind: result.FindingChanged, Node: -1, Text: fmt.Sprintf("other metrics than in run %d: %s", before, listed(changes))}}
}

// changed says how a metric differs from what it was first, and notes a new one.
func (e *executions) changed(m metric.Metric) string {
	first, known := e.first[m.Name]
	switch {
	case !known:
		e.order = append(e.order, m.Name)
		e.first[m.Name] = m
		return " is new"
	case first.Unit != m.Unit:
		return fmt.Sprintf(" is in %s and was in %s", m.Unit, first.Unit)
	case first.Better != m.Better:
		return fmt.Sprintf(" is better when %s and was when %s", m.Better, first.Better)
	}
	return ""
}

// reference is the first run that gave anything.
func (e *executions) reference() (run int, ok bool) {
	for _, x := range e.all {
		if x.failure == "" {
			return x.run, true
		}
	}
	return 0, false
}

// series are what the runs gave so far.
func (e *executions) series() []result.Series {
	var assembler result.Assembler
	reasons := map[string]string{}
	for _, name := range e.order {
		reasons[name] = e.unsteady(name)
	}
	for _, x := range e.all {
		var measurements []result.Measurement
		for _, name := range e.order {
			measurements = append(measurements, e.measurement(x, name, reasons[name]))
		}
		assembler.Add("", x.run, x.order, measurements)
	}
	return assembler.Series()
}

// measurement is what one run says of one metric.
func (e *executions) measurement(x execution, name, unsteady string) result.Measurement {
	m := e.first[name]
	v, there := x.values[name]
	switch {
	case x.failure != "":
		return result.Failure(m, firstLine(x.failure))
	case !there, v.Metric.Unit != m.Unit, v.Metric.Better != m.Better:
		return result.Failure(m, unsteady)
	}
	measured := result.Value(m, v.Value)
	measured.Invalid = cmp.Or(unsteady, x.invalid)
	return measured
}

// unsteady says in which run a metric is missing or another than in the first that gave it; "" when it is the same in all.
func (e *executions) unsteady(name string) string {
	m := e.first[name]
	given := 0
	for _, x := range e.all {
		if _, there := x.values[name]; there && given == 0 {
			given = x.run
		}
	}
	for _, x := range e.all {
		v, there := x.values[name]
		switch {
		case x.failure != "":
		case !there:
			return fmt.Sprintf("not in every run: in run %d, and not in run %d", given, x.run)
		case v.Metric.Unit != m.Unit:
			return fmt.Sprintf("the unit changes between runs: %s in run %d, %s in run %d", m.Unit, given, v.Metric.Unit, x.run)
		case v.Metric.Better != m.Better:
			return fmt.Sprintf("the direction changes between runs: better is %s in run %d, %s in run %d", m.Better, given, v.Metric.Better, x.run)
		}
	}
	return ""
}

// listed joins at most five changes.
func listed(changes []string) string {
	const most = 5
	if len(changes) > most {
		return strings.Join(changes[:most], ", ") + fmt.Sprintf(", and %d more", len(changes)-most)
	}
	return strings.Join(changes, ", ")
}

// firstLine is a failure without the last words of the command.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "; its last words: ")
	return line
}
