package baseline

import "time"

// The wire types are baselines.toml as it is written.

type wireFile struct {
	Schema     string                `toml:"schema"`
	Metric     map[string]wireMetric `toml:"metric" example:"[metric.formation_time]"`
	Waiver     []wireWaiver          `toml:"waiver"`
	Calibrated []wireCalibration     `toml:"calibrated"`
	Recorded   []wireRecording       `toml:"recorded"`
}

type wireMetric struct {
	Target    *string `toml:"target" example:"\"< 30s\""`
	Tolerance any     `toml:"tolerance"`
	Floor     *string `toml:"floor" example:"\"1ms\""`
	Policy    *string `toml:"policy" example:"\"block\""`
	// TargetPolicy is for the target alone, where it is to differ from Policy.
	TargetPolicy *string               `toml:"target_policy" example:"\"block\""`
	Scenario     map[string]wireLimits `toml:"scenario" example:"[metric.formation_time.scenario.standard]"`
}

type wireLimits struct {
	Target       *string `toml:"target" example:"\"< 30s\""`
	Tolerance    any     `toml:"tolerance"`
	Floor        *string `toml:"floor" example:"\"1ms\""`
	Policy       *string `toml:"policy" example:"\"block\""`
	TargetPolicy *string `toml:"target_policy" example:"\"block\""`
}

type wireWaiver struct {
	Metric   string `toml:"metric"`
	Scenario string `toml:"scenario"`
	Until    any    `toml:"until"` // a time.Time: a field of that type would not tell a date from a time
	Max      any    `toml:"max"`
	Reason   string `toml:"reason"`
}

type wireRecording struct {
	Environment   string                `toml:"environment"`
	Note          string                `toml:"note"`
	Traits        map[string]string     `toml:"traits" example:"{ kernel = \"6.1.0\" }"`
	Scenario      string                `toml:"scenario"`
	Benchmark     string                `toml:"benchmark"`
	Release       string                `toml:"release" example:"\"v1.2.0\""`
	Configuration string                `toml:"configuration"`
	Subject       string                `toml:"subject"`
	Commit        string                `toml:"commit"`
	BinarySHA256  string                `toml:"binary_sha256"`
	Time          time.Time             `toml:"time" example:"2026-12-31T12:00:00Z"`
	Series        map[string]wireSeries `toml:"series"`
}

type wireSeries struct {
	Unit     string    `toml:"unit"`
	Better   string    `toml:"better"`
	Samples  []float64 `toml:"samples"`
	Censored []float64 `toml:"censored"`
	// Commit and Time are those of samples that are older than the recording they stand in.
	Commit string    `toml:"commit"`
	Time   time.Time `toml:"time" example:"2026-12-31T12:00:00Z"`
}

type wireCalibration struct {
	Environment   string               `toml:"environment"`
	Scenario      string               `toml:"scenario"`
	Benchmark     string               `toml:"benchmark"`
	Configuration string               `toml:"configuration"`
	Subject       string               `toml:"subject"`
	Time          time.Time            `toml:"time" example:"2026-12-31T12:00:00Z"`
	Sessions      int                  `toml:"sessions"`
	Pairs         int                  `toml:"pairs"`
	FalseAlarms   int                  `toml:"false_alarms"`
	Noise         map[string]wireNoise `toml:"noise"`
}

type wireNoise struct {
	Within  float64 `toml:"within"`
	Between float64 `toml:"between"`
	Pair    float64 `toml:"pair"`
	Lag1    float64 `toml:"lag1"`
	MDE     float64 `toml:"mde"`
}
