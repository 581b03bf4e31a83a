package doctor

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
)

// checkSystem says whether this system can be measured at all.
func checkSystem() outcome {
	if err := proc.Supported(); err != nil {
		return broken(err.Error(), "nodes cannot be measured", "measure on Linux")
	}
	return fine("nodes can be measured here")
}

// noBinary is what a missing subject costs.
const noBinary = "there is nothing to measure"

// checkBinary examines the subject: is it there, executable, and built for release? Build is the command that makes it,
// and may still have to run.
func checkBinary(path string, build []string) outcome {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) && len(build) > 0 {
		if _, err := exec.LookPath(build[0]); err != nil {
			return broken(fmt.Sprintf("%s is not built and %s is not installed", path, build[0]), noBinary,
				"install "+build[0]+", or name a binary with --subject")
		}
		return fine(path + " is not built yet; " + strings.Join(build, " ") + " will make it")
	}
	switch {
	case err != nil:
		return broken(err.Error(), noBinary, "build it, or name another with --subject")
	case !executable(info):
		return broken(path+" is no executable file", noBinary, "chmod +x "+path)
	case debugBuild(path):
		return doubtful(path+" looks like a debug build", "its times and memory say little about a release",
			"build in release mode (cargo build --release)")
	}
	return fine(fmt.Sprintf("%s, %s", path, metric.Format(float64(info.Size()), metric.Bytes)))
}

func executable(info os.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// debugBuild tells whether a binary looks unoptimised: it lies in a folder "debug", as Cargo's do.
func debugBuild(path string) bool {
	if filepath.Base(filepath.Dir(path)) == "debug" {
		return true
	}
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	rust := file.Section(".debug_info") != nil && file.Section(".debug_gdb_scripts") != nil && file.Section(".gopclntab") == nil
	return rust // Cargo's release profile leaves both out
}
