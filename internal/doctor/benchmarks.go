package doctor

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/suite"
)

// checkBenchmarks looks for the programs that the commands of benchmarks name. It starts none of them.
func checkBenchmarks(benchmarks []suite.Benchmark, project string) outcome {
	var missing []string
	for _, b := range benchmarks {
		if len(b.Command) == 0 { // no configuration that was read has such a one
			continue
		}
		program := b.Command[0]
		if strings.ContainsRune(program, filepath.Separator) && !filepath.IsAbs(program) {
			program = filepath.Join(project, program)
		}
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Sprintf("benchmark %s: %v", b.Name, err))
		}
	}
	if len(missing) > 0 {
		return doubtful(strings.Join(missing, "; "), "such a benchmark fails", "install the program, or change the command in perfgate.toml")
	}
	return fine(fmt.Sprintf("%s, and every program is there", counted(len(benchmarks), "benchmark")))
}
