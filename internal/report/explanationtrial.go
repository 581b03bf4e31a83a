package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// What an explanation tells of the pairs and looks of a trial, and of the tests that share the error.

func (x explainer) pairs() {
	weighed := map[string]string{"log_ratio": "log(head/base), + is worse", "difference": "head - base, + is worse"}[x.m.Scale]
	heads := []string{"block", "pair", "base", "head", weighed, "below the tolerance by", ""}
	rows := [][]string{heads}
	for _, p := range x.m.Pairs {
		void := ""
		if p.Void != "" {
			void = "void: " + p.Void
		}
		rows = append(rows, []string{strconv.Itoa(p.Block), strconv.Itoa(p.Pair), number(p.Base), number(p.Head), number(p.Excess), number(p.Room), void})
	}
	if weighed == "" {
		for i, row := range rows {
			rows[i] = slices.Delete(row, 4, 6)
		}
	}
	x.table(fmt.Sprintf("pairs, in %s", x.m.Entry.Unit), rows)
}

func (x explainer) looks() {
	rows := [][]string{{"look", "pairs", "p worse", "p better", "adjusted", "change", "from", "to", ""}}
	counts := x.m.Worse == nil
	if counts {
		rows[0] = slices.Insert(rows[0], 2, "part of the error")
	}
	for _, l := range x.m.Looks {
		said := string(l.Outcome)
		if l.Look == x.m.Entry.DecidedAt {
			said += ", decided"
		}
		row := []string{strconv.Itoa(l.Look), strconv.Itoa(l.Pairs), number(l.PWorse), number(l.PBetter), number(l.PAdjusted), number(l.Change), number(l.Low), number(l.High), said}
		if counts {
			row = slices.Insert(row, 2, number(compare.Number(l.Share)))
		}
		rows = append(rows, row)
	}
	x.table("looks", rows)
}

// spending are the books of one direction; those of a change for the better are left out when no look comes near it.
func (x explainer) spending(name, proof string, s *compare.ExplainedSpending) {
	if s == nil || name == "better" && x.m.Entry.Verdict != compare.Improved {
		return
	}
	rows := [][]string{{"look", "pairs", "may be spent", "of that before", "p", "spent before", "more by this", ""}}
	for _, l := range s.Looks {
		rows = append(rows, []string{
			strconv.Itoa(l.Look), strconv.Itoa(l.Pairs), number(compare.Number(l.May)), number(compare.Number(l.Planned)), number(compare.Number(l.P)),
			number(l.Spent), number(l.Needed), bookText(l),
		})
	}
	x.table(fmt.Sprintf("proof %s, with an error of %s spent as (look/last look)^%s", proof, number(compare.Number(s.Alpha)), number(compare.Number(s.Exponent))), rows)
	for _, step := range s.Steps {
		text := "not proven by any look"
		if step.ProvenAt > 0 {
			text = fmt.Sprintf("proven at %s", count(step.ProvenAt, "pair"))
		}
		fmt.Fprintf(x.b, "  with the greater error %s: %s\n", number(compare.Number(step.Alpha)), text)
	}
}

func bookText(l compare.ExplainedBook) string {
	verb := "not proven"
	if l.Crossed {
		verb = "proven"
	}
	switch l.Rule {
	case stat.WithinIncrement:
		return verb + ": p is within what the look adds"
	case stat.AboveBudget:
		return verb + ": p is above all that may be spent"
	case stat.Counted:
		return verb + ": counted, spent before and more by this against what may be spent"
	default:
		return fmt.Sprintf("%s: p against the level %s of normal theory", verb, number(l.Level))
	}
}

func (x explainer) family() {
	f := x.m.Family
	if f == nil {
		if x.m.Test != "" {
			x.section("error budget", []string{fmt.Sprintf("outside: with policy %s it is judged at alpha %s by itself", x.m.Entry.Policy, number(compare.Number(x.whole.Alpha)))})
		}
		return
	}
	title := fmt.Sprintf("error budget: alpha %s over %s", metric.Format(x.whole.Alpha, metric.Ratio), count(f.Tests, "test"))
	if len(f.Members) > 0 {
		rows := [][]string{{"place", "metric", "p", "times", "adjusted", ""}}
		for i, m := range f.Members {
			mark := ""
			if m.This {
				mark = "this one"
			}
			name := compare.QualifiedName(m.Scenario, m.Metric)
			if m.Release != "" {
				name += " since release " + m.Release
			}
			rows = append(rows, []string{strconv.Itoa(i + 1), name, number(m.P), strconv.Itoa(m.Factor), number(m.Adjusted), mark})
		}
		x.table(title+", for the "+f.Direction+"; Holm: adjusted is p times the tests from here on, never less than the one before", rows)
		return
	}
	rows := [][]string{{"look", "direction", "not yet rejected", "alpha of each", "rejected"}}
	for _, s := range f.Steps {
		rejected := strings.Join(s.Rejected, ", ")
		if rejected == "" {
			rejected = "none"
		}
		rows = append(rows, []string{strconv.Itoa(s.Look), s.Direction, strconv.Itoa(s.Left), number(compare.Number(s.Alpha)), rejected})
	}
	x.table(title+"; Holm's steps, at every look", rows)
}
