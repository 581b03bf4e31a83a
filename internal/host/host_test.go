package host_test

import (
	"runtime"
	"testing"

	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/result"
)

func TestDescribeIsStableAndNamesTheToolchain(t *testing.T) {
	build := []string{"sh", "-c", "exec go build ./..."}
	one, two := host.Describe(t.Context(), build), host.Describe(t.Context(), build)
	if one != two {
		t.Errorf("%+v, then %+v", one, two)
	}
	if one.Toolchain != runtime.Version() {
		t.Errorf("toolchain %q, want %q", one.Toolchain, runtime.Version())
	}
	if runtime.GOOS == "linux" && (one.Kernel == "" || one.MemoryBytes == 0) {
		t.Errorf("incomplete: %+v", one)
	}
}

func TestFingerprintsAreEqualWhereNothingDiffers(t *testing.T) {
	base := result.Environment{OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "a", Cores: 2, MemoryBytes: 24 << 30, Toolchain: "go1"}
	same, other := base, base
	same.MemoryBytes -= 100 << 20
	other.Governor = "powersave"
	if host.Fingerprint(base) != host.Fingerprint(same) {
		t.Error("a little less memory is another machine")
	}
	if host.Fingerprint(base) == host.Fingerprint(other) {
		t.Error("another governor is the same machine")
	}
}
