package host

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
)

// Severity says what a finding costs.
type Severity string

// The severities.
const (
	OK   Severity = "ok"
	Warn Severity = "warn" // measuring works, with doubtful figures
	Bad  Severity = "bad"  // measuring does not work
)

// Finding is what one examination of the machine or the project found.
type Finding struct {
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
	// Mend says what to do about it, "" when all is well.
	Mend string `json:"mend,omitempty"`
}

// CheckBinary examines the subject: is it there, executable, and built for release? Build is the command that makes it,
// and may still have to run.
func CheckBinary(path string, build []string) Finding {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) && len(build) > 0 {
		if _, err := exec.LookPath(build[0]); err != nil {
			return Finding{"binary", Bad, fmt.Sprintf("%s is not built and %s is not installed", path, build[0]), "install " + build[0] + ", or name a binary with --subject"}
		}
		return Finding{"binary", OK, path + " is not built yet; " + strings.Join(build, " ") + " will make it", ""}
	}
	switch {
	case err != nil:
		return Finding{"binary", Bad, err.Error(), "build it, or name another with --subject"}
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0:
		return Finding{"binary", Bad, path + " is no executable file", "chmod +x " + path}
	case debugBuild(path):
		return Finding{"binary", Warn, path + " looks like a debug build: its figures say little about a release", "build in release mode (cargo build --release)"}
	}
	return Finding{"binary", OK, fmt.Sprintf("%s, %s", path, metric.Format(float64(info.Size()), metric.Bytes)), ""}
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
