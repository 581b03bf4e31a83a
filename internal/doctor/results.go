package doctor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/result"
)

// maxLogs is how many bytes of logs are read, all logs together: an examination has to end soon.
const maxLogs = 256 << 20

// lastResults is what the last measurement left.
type lastResults struct {
	dir     string
	results *result.Results // nil when it left none that can be read
	err     error           // why there is none
}

// readLast reads the results in a folder; "" is none.
func readLast(dir string) lastResults {
	last := lastResults{dir: dir}
	if dir == "" {
		return last
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		last.dir = resolved // "latest" is a link, through which no folder can be walked
	}
	file, err := os.Open(filepath.Join(last.dir, "results.json"))
	if err != nil {
		last.err = err
		return last
	}
	defer file.Close()
	last.results, last.err = result.Read(file)
	return last
}

// memoryPerNode is the largest memory of a node in any scenario, in bytes; 0 when it was not measured.
func (l lastResults) memoryPerNode() float64 {
	most := 0.0
	for _, seconds := range l.largest("memory_per_node") {
		most = max(most, seconds)
	}
	return most
}

// formation is the longest formation of each scenario that was measured, in seconds. A time-out counts: it took longer.
func (l lastResults) formation() map[string]float64 { return l.largest("formation_time") }

func (l lastResults) largest(name string) map[string]float64 {
	found := map[string]float64{}
	if l.results == nil {
		return found
	}
	for _, s := range l.results.Series {
		for _, sample := range s.Usable() {
			if s.Metric == name {
				found[s.Scenario] = max(found[s.Scenario], *sample.Value)
			}
		}
	}
	return found
}

// none is what is said when there are no results to look at.
func (l lastResults) none() (outcome, bool) {
	switch {
	case l.dir == "":
		return fine("there are none yet"), true
	case l.results == nil && !errors.Is(l.err, os.ErrNotExist):
		return doubtful(l.err.Error(), "what happened in the last runs is unknown", "measure again, or name other results with --results"), true
	}
	return outcome{}, false
}

// measured names what a run was of.
func measured(run result.Run) string {
	if run.Benchmark != "" {
		return "benchmark " + run.Benchmark
	}
	return run.Scenario
}

// checkRuns says how many of the last runs gave nothing, and why.
func (l lastResults) checkRuns() outcome {
	if o, ok := l.none(); ok {
		return o
	}
	if l.results == nil {
		return fine(l.dir + " has no results.json: only its logs are looked at")
	}
	runs, failed, why := 0, 0, ""
	for _, run := range l.results.Runs {
		if run.Order == 0 {
			continue // not tried
		}
		runs++
		reason := run.Failure
		for _, f := range run.Findings {
			if reason == "" && f.Kind == result.FindingNotFormed {
				reason = f.Text
			}
		}
		if reason == "" {
			continue
		}
		if failed++; failed == 1 {
			why = fmt.Sprintf("%s, run %d: %s", measured(run), run.Run, reason)
		}
	}
	if failed > 0 {
		return doubtful(fmt.Sprintf("%d of %s in %s gave nothing, the first of them %s", failed, counted(runs, "run"), l.dir, why),
			"these runs are no samples", "mend the cause, or raise formation_timeout where the network was on its way")
	}
	return fine(fmt.Sprintf("%s in %s, and all formed", counted(runs, "run"), l.dir))
}

// checkLogs searches the logs of the last runs for what the monitoring guide names.
func (l lastResults) checkLogs() outcome {
	if l.dir == "" {
		return fine("there are none yet")
	}
	seen := make(sightings, len(signs()))
	logs := nodeLogs(l.dir)
	left := int64(maxLogs)
	cut := ""
	for _, log := range logs {
		name, err := filepath.Rel(l.dir, log)
		if err != nil {
			name = log
		}
		n, err := seen.lookInto(name, log, left)
		if err != nil {
			return doubtful(err.Error(), "why nodes failed is unknown", "")
		}
		if left -= n; left <= 0 {
			cut = " (only the first 256 MiB were read)"
			break
		}
	}
	if len(logs) == 0 {
		return fine("no node's log in " + l.dir)
	}
	var found []string
	for i, s := range signs() {
		if times := seen[i].times; times > 0 {
			found = append(found, fmt.Sprintf("%q in %s, first in %s: %s", s.name, counted(times, "line"), seen[i].log, seen[i].line))
		}
	}
	if len(found) > 0 {
		return doubtful(fmt.Sprintf("%s%s of %s", strings.Join(found, "; "), cut, l.dir),
			"such nodes are not connected, or gone, and what they show is not what is to be measured", "read these logs, and mend the node")
	}
	return fine(fmt.Sprintf("nothing refused, no panic, no crash in the %s of %s%s", counted(len(logs), "log"), l.dir, cut))
}

// nodeLogs lists the logs of nodes in a results directory: of all runs, or of the one run that lies at its top.
func nodeLogs(dir string) []string {
	var logs []string
	for _, pattern := range []string{"node-*/node.log", "*/*/node-*/node.log"} {
		found, err := filepath.Glob(filepath.Join(escaped(dir), pattern))
		if err == nil {
			logs = append(logs, found...)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(logs)))
}

// escaped is a path as a pattern that matches it alone.
func escaped(path string) string {
	if filepath.Separator == '\\' {
		return path // there a pattern has no escapes
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// lookInto searches at most limit bytes of a file and returns how many it read.
func (s sightings) lookInto(name, path string, limit int64) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("read logs: %w", err)
	}
	defer file.Close()
	part := &io.LimitedReader{R: file, N: limit}
	err = s.look(name, part)
	return limit - part.N, err
}
