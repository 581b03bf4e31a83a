package baseline_test

import (
	"strings"
	"testing"
)

func TestCheckBenchmarksFindsThoseThatAreNotThere(t *testing.T) {
	f := parse(t, `schema = "perfgate.baselines/1"
[metric."codec/Encode"]
policy = "warn"
[metric."wier/send"]
policy = "warn"
[metric.memory_private]
policy = "warn"
[[waiver]]
metric = "hash/sum"
until = 2027-01-31
max = "15%"
reason = "known"
`)
	err := f.CheckBenchmarks([]string{"codec", "wire"})
	for _, want := range []string{`:4: `, `there is no benchmark "wier"`, "did you mean wire?", `there is no benchmark "hash"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if err := f.CheckBenchmarks([]string{"codec", "wier", "hash"}); err != nil {
		t.Error(err)
	}
}
