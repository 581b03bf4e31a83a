// Package runfiles reads what the runs of a results directory have left beside results.json: the peers over time and the
// nodes' logs.
package runfiles

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/logbook"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Stories reads the files of all runs that gave samples, a story for each scenario of nodes. Files that are not there, as in
// a results.json that was copied away, leave a story without runs; files that cannot be read are an error.
func Stories(dir string, r *result.Results) ([]report.Story, error) {
	var all []report.Story
	for _, plan := range r.Scenarios {
		if plan.Nodes == 0 {
			continue
		}
		story, err := read(dir, plan, r)
		if err != nil {
			return nil, err
		}
		all = append(all, story)
	}
	return all, nil
}

func read(dir string, plan result.Scenario, r *result.Results) (report.Story, error) {
	story := report.Story{Scenario: plan.Name, Nodes: plan.Nodes}
	var book logbook.Book
	runs := r.RunsOf(plan)
	slices.SortStableFunc(runs, func(a, b result.Run) int { return a.Run - b.Run })
	for _, run := range runs {
		if run.Warmup || r.Superseded(run) {
			continue
		}
		if run.Invalid == "" && run.Machine != nil {
			story.Machine = append(story.Machine, *run.Machine)
		}
		folder := filepath.Join(dir, plan.Name, fmt.Sprintf("run-%02d", run.Run))
		peers, err := peersOver(filepath.Join(folder, "metrics.jsonl"))
		if err != nil {
			return report.Story{}, err
		}
		if peers != nil {
			peers.Run = run.Run
			story.Runs = append(story.Runs, *peers)
		}
		if err := readLogs(&book, folder, run.Run); err != nil {
			return report.Story{}, err
		}
	}
	story.Complaints, story.Dropped = book.Entries(), book.Dropped
	return story, nil
}

// peersOver reads the peers over time; nil when the file is not there.
func peersOver(path string) (*report.RunStory, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // a run that was not tried has no such file, and that is no error
	}
	if err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	defer file.Close()
	observations, err := result.ReadObservations(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return overTime(observations), nil
}

// overTime takes the mean over nodes of each sweep. A node that a sweep has passed over, since it was slow, counts with what it
// showed last: without it the mean would be one of other nodes, and look like a change.
func overTime(observations []result.Observation) *report.RunStory {
	story := &report.RunStory{}
	sweeps := map[int64]map[int]*float64{} // a slow node's line may come after those of the next sweep
	for _, o := range observations {
		if sweeps[o.Timestamp] == nil {
			sweeps[o.Timestamp] = map[int]*float64{}
		}
		sweeps[o.Timestamp][o.Node] = o.Peers
		if o.Peers == nil {
			story.Missing++
		}
	}
	last := map[int]*float64{} // by node; nil when it could not be read
	for _, timestamp := range slices.Sorted(maps.Keys(sweeps)) {
		maps.Copy(last, sweeps[timestamp])
		mean := math.NaN() // no node could be read in that sweep
		if len(readable(sweeps[timestamp])) > 0 {
			mean, _ = stat.Mean(readable(last)) // there is one at least
		}
		story.Peers = append(story.Peers, mean)
	}
	return story
}

// readable are the gauges that could be read.
func readable(peers map[int]*float64) []float64 {
	var known []float64
	for _, count := range peers {
		if count != nil {
			known = append(known, *count)
		}
	}
	return known
}

func readLogs(book *logbook.Book, folder string, run int) error {
	nodes, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read logs: %w", err)
	}
	for _, entry := range nodes {
		number, named := strings.CutPrefix(entry.Name(), "node-")
		node, err := strconv.Atoi(number)
		if !named || err != nil || !entry.IsDir() {
			continue // none of perfgate's
		}
		if err := readLog(book, filepath.Join(folder, entry.Name(), "node.log"), run, node); err != nil {
			return err
		}
	}
	return nil
}

// readLog reads a log where there is one.
func readLog(book *logbook.Book, path string, run, node int) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read logs: %w", err)
	}
	defer file.Close()
	if err := book.Read(file, run, node); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
