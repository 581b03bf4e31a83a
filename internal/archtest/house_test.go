package archtest

import "strings"

// floor is a storey of the house: what stands on it may import what stands below.
type floor int

// The floors, from the ground up. Vocabulary and decisions are pure.
const (
	vocabulary floor = iota // words and numbers
	decisions               // values in, values out
	edges                   // each touches one part of the world
	drivers                 // ask the decisions what comes next, and the edges to do it
	shell                   // the programs
	apart                   // outside the house: what tests need; nothing that ships may know of it
)

func (f floor) String() string {
	return [...]string{"vocabulary", "decisions", "edges", "drivers", "shell", "apart"}[f]
}

func (f floor) pure() bool { return f <= decisions }

// room is the place of one package.
type room struct {
	folder string
	floor  floor
	beside []string // packages of its own floor that it may import
}

// house has a row for every package of the module.
func house() []room {
	return []room{
		{folder: "internal/metric", floor: vocabulary},
		{folder: "internal/stat", floor: vocabulary},
		{folder: "internal/result", floor: vocabulary, beside: []string{"internal/metric"}},
		{folder: "internal/diagnosis", floor: vocabulary},

		{folder: "internal/tomlfile", floor: decisions},
		{folder: "internal/logbook", floor: decisions},
		{folder: "internal/suite", floor: decisions, beside: []string{"internal/tomlfile"}},
		{folder: "internal/baseline", floor: decisions, beside: []string{"internal/tomlfile"}},
		{folder: "internal/workload", floor: decisions, beside: []string{"internal/suite"}},
		{folder: "internal/measure", floor: decisions, beside: []string{"internal/suite", "internal/workload"}},
		{folder: "internal/compare", floor: decisions, beside: []string{"internal/baseline"}},
		{folder: "internal/bisect", floor: decisions},
		{folder: "internal/demo", floor: decisions},
		{folder: "internal/noise", floor: decisions, beside: []string{"internal/baseline", "internal/compare"}},
		{folder: "internal/refresh", floor: decisions, beside: []string{"internal/baseline", "internal/compare"}},
		{folder: "internal/report", floor: decisions, beside: []string{
			"internal/baseline", "internal/bisect", "internal/compare", "internal/logbook", "internal/noise", "internal/refresh",
		}},

		{folder: "internal/proc", floor: edges},
		{folder: "internal/scrape", floor: edges},
		{folder: "internal/probe", floor: edges, beside: []string{"internal/scrape"}},
		{folder: "internal/quicprobe", floor: edges},
		{folder: "internal/store", floor: edges},
		{folder: "internal/runner", floor: edges, beside: []string{
			"internal/contain", "internal/proc", "internal/scrape", "internal/probe", "internal/quicprobe", "internal/store", "internal/host",
		}},
		{folder: "internal/contain", floor: edges, beside: []string{"internal/proc"}},
		{folder: "internal/runfiles", floor: edges},
		{folder: "internal/intake", floor: edges},
		{folder: "internal/build", floor: edges},
		{folder: "internal/bench", floor: edges},
		{folder: "internal/anatomy", floor: edges},
		{folder: "internal/gitrepo", floor: edges},
		{folder: "internal/worktree", floor: edges, beside: []string{"internal/gitrepo", "internal/store"}},
		{folder: "internal/github", floor: edges},
		{folder: "internal/host", floor: edges, beside: []string{"internal/proc"}},
		{folder: "internal/doctor", floor: edges, beside: []string{"internal/contain", "internal/gitrepo", "internal/proc", "internal/runner"}},
		{folder: "internal/refnode", floor: edges},

		{folder: "internal/gate", floor: drivers},
		{folder: "internal/post", floor: drivers},
		{folder: "internal/hunt", floor: drivers, beside: []string{"internal/gate"}},

		{folder: "cmd/perfgate", floor: shell},
		{folder: "cmd/refnode", floor: shell},

		{folder: "internal/actions", floor: apart},
		{folder: "internal/archtest", floor: apart},
		{folder: "internal/instrument", floor: apart},
		// These ask the decisions themselves, on simulated results. The rules of other tools share no code with them.
		{folder: "internal/calibration", floor: apart, beside: []string{
			"internal/baseline", "internal/bisect", "internal/compare", "internal/metric", "internal/result", "internal/stat",
		}},
		{folder: "internal/calibration/calibrate", floor: apart, beside: []string{
			"internal/calibration", "internal/baseline", "internal/result",
		}},
		{folder: "internal/github/githubfake", floor: apart},
		{folder: "internal/github/githubfake/serve", floor: apart, beside: []string{"internal/github/githubfake"}},
		{folder: "internal/calibration/bisections", floor: apart, beside: []string{"internal/calibration"}},
		{folder: "internal/testnode", floor: apart},
		{folder: "internal/testnode/headless", floor: apart},
		{folder: "internal/testnode/scripted", floor: apart, beside: []string{"internal/testnode"}},
	}
}

// place returns the row of a package.
func place(folder string) (room, bool) {
	for _, r := range house() {
		if r.folder == folder {
			return r, true
		}
	}
	return room{}, false
}

// apartFrom tells whether a package stands outside the house.
func apartFrom(folder string) bool {
	r, ok := place(folder)
	return ok && r.floor == apart
}

// home says which package may import a library.
type home struct {
	library string // a module, or a folder of it
	folder  string
	why     string
}

// homes has a row for each library and each package that imports it outside of tests. The first row of a library is its
// home, the others are exceptions.
func homes() []home {
	return []home{
		{"github.com/montanaflynn/stats", "internal/stat", "its definitions differ between releases: one package pins them"},
		{"gonum.org/v1/gonum", "internal/stat", "quantiles of the normal and beta distributions"},

		{"github.com/BurntSushi/toml", "internal/tomlfile", "it is strict in one way for all files of perfgate"},
		{"github.com/BurntSushi/toml", "internal/refnode", "another program: it reads a file of its own"},
		{"github.com/BurntSushi/toml", "internal/testnode/headless", "another program: it stands in for one in Rust that reads TOML"},

		{"golang.org/x/perf", "internal/bench", "the format of Go's benchmarks"},
		{"golang.org/x/perf", "internal/calibration", "benchstat's own test: a rule that perfgate's are held against"},
		{"github.com/ianlancetaylor/demangle", "internal/anatomy", "the names of Rust and C++"},

		{"github.com/go-git/go-git/v5", "internal/gitrepo", "the history is read in one place"},
		{"github.com/go-git/go-billy/v5", "internal/gitrepo", "the folders that go-git reads from"},

		{"github.com/google/go-github/v60", "internal/github", "what is said to GitHub is said in one place"},
		{"github.com/getkin/kin-openapi", "internal/github/githubfake", "GitHub's published description is what the fake holds requests to"},

		{"github.com/prometheus/common", "internal/scrape", "the parser of the metrics page"},
		{"github.com/prometheus/client_model", "internal/scrape", "what that parser returns"},
		{"github.com/prometheus/client_model", "internal/refnode", "what a collector of client_golang fills"},
		{"github.com/prometheus/client_golang", "internal/refnode", "the node's own metrics page"},

		{"github.com/libp2p", "internal/refnode", "it would double the gate's binary"},
		{"github.com/multiformats", "internal/refnode", "the addresses of libp2p"},
		{"github.com/ipfs", "internal/refnode", "the storage of libp2p's DHT"},
		{"github.com/quic-go/quic-go", "internal/refnode", "the handshake that learns a peer's identity"},
		{"github.com/quic-go/quic-go", "internal/testnode/headless", "real QUIC without libp2p"},

		{"golang.org/x/net", "internal/refnode", "a UDP socket that is read in batches, as quic-go does, and counted"},

		{"golang.org/x/sys", "internal/proc", "processes, signals and clocks of Linux"},
		{"golang.org/x/sys", "internal/contain", "cgroups"},
		{"golang.org/x/sys", "internal/probe", "the clock that nodes tell their times in"},
		{"golang.org/x/sys", "internal/refnode", "the same clock, and how a write becomes packets"},
		{"golang.org/x/sys", "internal/doctor", "what the machine allows"},
		{"golang.org/x/sys", "internal/host", "what the machine does"},
		{"golang.org/x/sys", "internal/testnode", "the clock that the tests' truth is told in"},
		{"golang.org/x/sys", "internal/testnode/scripted", "faults that only the system can make"},

		{"github.com/spf13/cobra", "cmd/perfgate", "the command line"},
		{"github.com/spf13/pflag", "cmd/perfgate", "the command line"},
		{"github.com/charmbracelet/log", "cmd/perfgate", "the program chooses the handler, all others get a *slog.Logger"},
		{"github.com/charmbracelet/lipgloss", "internal/report", "columns and colours of a table"},
		{"github.com/muesli/termenv", "internal/report", "with or without colour is an argument, and not the terminal's word"},
		{"github.com/muesli/termenv", "cmd/perfgate", "the log's colours"},
		{"github.com/schollz/progressbar/v3", "cmd/perfgate", "the display of a measurement"},
		{"golang.org/x/term", "cmd/perfgate", "is this a terminal, and how wide?"},
	}
}

// testLibraries may be imported by the tests of every package, and by nothing else.
func testLibraries() []string {
	return []string{
		"github.com/google/go-cmp",
		"github.com/rogpeppe/go-internal", // testscript
		"github.com/itchyny/gojq",         // jq, where none is installed
		"github.com/charmbracelet/x/ansi", // how wide a text is on a terminal
	}
}

// within tells whether an import path is the library or lies in it.
func within(library, prefix string) bool {
	return library == prefix || strings.HasPrefix(library, prefix+"/")
}
