package doctor

import (
	"fmt"
	"strings"
)

// checkConfiguration names what is allowed in the configuration and most likely not meant.
func (e *Examination) checkConfiguration() outcome {
	if warnings := e.Suite.Warnings(); len(warnings) > 0 {
		return doubtful(strings.Join(warnings, "; "), "the metrics that it names are missing, or late", "change it in "+e.Config)
	}
	return fine(fmt.Sprintf("%s: %s, %s", e.Config, counted(len(e.Suite.Scenarios), "scenario"), counted(len(e.Suite.Benchmarks), "benchmark")))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
