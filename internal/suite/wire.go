package suite

// The wire types are perfgate.toml as it is written. A pointer tells an absent key, which has its default, from an
// empty one, which means none.

type wireFile struct {
	Schema    string          `toml:"schema"`
	Subject   wireSubject     `toml:"subject"`
	Node      wireNode        `toml:"node"`
	Scenario  []wireScenario  `toml:"scenario"`
	Benchmark []wireBenchmark `toml:"benchmark"`
}

type wireSubject struct {
	Name      string   `toml:"name"`
	Build     []string `toml:"build" example:"[\"go\", \"build\"]"`
	Clean     []string `toml:"clean" example:"[\"go\", \"clean\"]"`
	Binary    string   `toml:"binary"`
	Paths     []string `toml:"paths" example:"[\"cmd/\", \"go.mod\"]"`
	BuildRuns *int     `toml:"build_runs"`
}

type wireNode struct {
	Args          *[]string         `toml:"args" example:"[\"--listen\", \"{listen}\"]"`
	BootstrapArgs []string          `toml:"bootstrap_args" example:"[\"--bootstrap\", \"{bootstrap}\"]"`
	Config        string            `toml:"config"`
	Env           map[string]string `toml:"env" example:"{ RUST_LOG = \"info\" }"`
	Ready         *string           `toml:"ready"`
	Metrics       *string           `toml:"metrics" example:"\"/metrics\"; further series stand under [node.metrics]"`
	Peers         *string           `toml:"peers"`
	PeersCount    *string           `toml:"peers_count"`
	Probe         string            `toml:"probe"`
	StopSignal    *string           `toml:"stop_signal"`
	StopTimeout   *string           `toml:"stop_timeout" example:"\"5s\""`
}

// wireSeries is the table [node.metrics], which is read apart from the rest of the file: beside it the key "metrics" of
// [node] may name the page.
type wireSeries struct {
	Node struct {
		Metrics map[string]wireCustom `toml:"metrics" example:"{ series = \"app_records\", unit = \"count\", better = \"higher\" }"`
	} `toml:"node"`
}

type wireCustom struct {
	Series string  `toml:"series"`
	Unit   string  `toml:"unit"`
	Better string  `toml:"better"`
	Path   *string `toml:"path"`
}

type wireScenario struct {
	Name             string    `toml:"name"`
	Nodes            *int      `toml:"nodes"`
	Duration         *string   `toml:"duration" example:"\"120s\""`
	Runs             *int      `toml:"runs"`
	Warmup           *int      `toml:"warmup"`
	Quiet            *string   `toml:"quiet" example:"\"5s\""`
	Expect           *string   `toml:"expect"`
	FormationTimeout *string   `toml:"formation_timeout" example:"\"60s\""`
	Args             []string  `toml:"args" example:"[\"--min-peers\", \"8\"]"`
	Tags             *[]string `toml:"tags" example:"[\"pr\"]"`

	Workload []wireWorkload `toml:"workload"`
}

type wireBenchmark struct {
	Name    string    `toml:"name"`
	Command []string  `toml:"command" example:"[\"go\", \"test\", \"-bench\", \".\"]"`
	Format  *string   `toml:"format"`
	Runs    *int      `toml:"runs"`
	Warmup  *int      `toml:"warmup"`
	Tags    *[]string `toml:"tags" example:"[\"pr\"]"`
}

// or is the value of a key, or the default of an absent one.
func or[T any](value *T, absent T) T {
	if value == nil {
		return absent
	}
	return *value
}
