package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// honest are results as perfgate writes them.
func honest() *result.Results {
	r := &result.Results{
		Schema: result.Schema, Subject: result.Subject{Name: "node", Commit: strings.Repeat("ab", 20), BinarySHA256: strings.Repeat("cd", 32)},
		Tool: result.Tool{Name: "perfgate", Version: "v1.0.0"}, Environment: result.Environment{Fingerprint: "f00d", OS: "linux", Cores: 2},
		Scenarios: []result.Scenario{{Name: "quick", Nodes: 5, Runs: 3, Configuration: "c", DurationSeconds: 5}},
		Series:    []result.Series{{Scenario: "quick", Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Status: result.Measured, Count: 3}},
	}
	for i, v := range []float64{0.1, 0.11, 0.12} {
		r.Series[0].Samples = append(r.Series[0].Samples, result.Sample{Run: i + 1, Value: &v, Valid: true})
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: i + 1, Order: i + 1, Formed: true})
	}
	return r
}

// document is results.json after a change that its writer would not have let through.
func document(t testing.TB, change func(*result.Results)) string {
	t.Helper()
	r := honest()
	change(r)
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func side(id, side string) func(*result.Results) {
	return func(r *result.Results) { r.Trial = &result.Trial{ID: id, Side: side, Looks: []int{3}} }
}

// entry is one file of an archive.
type entry struct {
	name, content string
	mode          fs.FileMode
	stored        bool
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.stored {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.content)); err != nil && e.content != "" {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func nothing(*result.Results) {}

// documents are hostile as a results.json, with what the refusal has to name.
func documents(t testing.TB) map[string][2]string {
	t.Helper()
	good := document(t, nothing)
	swap := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	changed := func(change func(*result.Results)) string { return document(t, change) }
	return map[string][2]string{
		"empty":                    {"", "empty"},
		"no JSON":                  {"PERFGATE", "JSON"},
		"cut off":                  {good[:len(good)/2], "refused"},
		"two documents":            {good + good, "refused"},
		"an array":                 {"[" + good + "]", "refused"},
		"null":                     {"null", "schema"},
		"a byte order mark":        {"\ufeff" + good, "JSON"},
		"UTF-16":                   {"\xff\xfe{\x00}\x00", "JSON"},
		"another schema":           {swap(result.Schema, "perfgate.results/2"), "schema"},
		"NaN":                      {swap(`"value":0.1`, `"value":NaN`), "JSON"},
		"Infinity":                 {swap(`"value":0.1`, `"value":-Infinity`), "JSON"},
		"1e999":                    {swap(`"value":0.1`, `"value":1e999`), "refused"},
		"1e300":                    {swap(`"value":0.1`, `"value":1e300`), "cannot be"},
		"a negative time":          {swap(`"value":0.1`, `"value":-5`), "cannot be"},
		"a number of 5000 digits":  {swap(`"value":0.1`, `"value":`+strings.Repeat("9", 5000)), "digits"},
		"a text for a number":      {swap(`"value":0.1`, `"value":"0.1"`), "refused"},
		"100000 levels":            {swap(`"schema"`, `"x":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`,"schema"`), "levels"},
		"a million nothings":       {swap(`"samples":[`, `"samples":[`+strings.Repeat("{},", 1_100_000)), "values"},
		"a key twice":              {swap(`"schema"`, `"schema":"perfgate.results/1","schema"`), "twice"},
		"a key in another case":    {swap(`"schema"`, `"SCHEMA":"x","schema"`), "twice"},
		"a key of other letters":   {swap(`"series"`, `"ſeries":[],"series"`), "twice"},
		"a text of a megabyte":     {swap(`"reason":""`, `"reason":"`+strings.Repeat("a", 1<<20)+`"`), "bytes"},
		"17 MiB":                   {swap(`"schema"`, strings.Repeat(" ", 17<<20)+`"schema"`), "bytes"},
		"a series twice":           {changed(func(r *result.Results) { r.Series = append(r.Series, r.Series[0]) }), "twice"},
		"fewer samples than said":  {changed(func(r *result.Results) { r.Series[0].Count = 9 }), "cut"},
		"4000 series":              {changed(func(r *result.Results) { manySeries(r, 4000) }), "series"},
		"2000 samples":             {changed(func(r *result.Results) { manySamples(r, 2000) }), "samples"},
		"600 scenarios":            {changed(func(r *result.Results) { manyPlans(r, 600) }), "scenarios"},
		"21000 runs":               {changed(func(r *result.Results) { r.Runs = make([]result.Run, 21_000) }), "runs"},
		"2 billion nodes":          {changed(func(r *result.Results) { r.Scenarios[0].Nodes = 2_000_000_000 }), "nodes"},
		"a million planned runs":   {changed(func(r *result.Results) { r.Scenarios[0].Runs = 1_000_000 }), "runs"},
		"a window of -1 s":         {changed(func(r *result.Results) { r.Scenarios[0].DurationSeconds = -1 }), "lasts"},
		"run 0":                    {changed(func(r *result.Results) { r.Series[0].Samples[0].Run = 0 }), "run"},
		"a run of nothing":         {changed(func(r *result.Results) { r.Runs[0].Scenario = "other" }), "other"},
		"a metric that is no name": {changed(func(r *result.Results) { r.Series[0].Metric = "a|b](x)" }), "metric"},
		"a scenario that is markup": {changed(func(r *result.Results) {
			r.Scenarios[0].Name, r.Series[0].Scenario = "<img src=x>", "<img src=x>"
		}), "no name"},
		"a scenario that is a path": {changed(func(r *result.Results) {
			r.Scenarios[0].Name, r.Series[0].Scenario = "../../etc", "../../etc"
		}), "no name"},
		"a scenario that is a flag": {changed(func(r *result.Results) {
			r.Scenarios[0].Name, r.Series[0].Scenario = "--exec", "--exec"
		}), "no name"},
		"a unit that is a line":     {changed(func(r *result.Results) { r.Series[0].Unit = "s\n# x" }), "unit"},
		"a subject with an escape":  {changed(func(r *result.Results) { r.Subject.Name = "node\x1b[2J" }), "cannot be seen"},
		"a subject turned round":    {changed(func(r *result.Results) { r.Subject.Name = "node\u202e" }), "cannot be seen"},
		"a processor with a tag":    {changed(func(r *result.Results) { r.Environment.CPU = "EPYC\U000e0041" }), "cannot be seen"},
		"a long fingerprint":        {changed(func(r *result.Results) { r.Environment.Fingerprint = strings.Repeat("f", 300) }), "300 bytes"},
		"a commit that is a branch": {changed(func(r *result.Results) { r.Subject.Commit = "main" }), "commit"},
		"a commit that is a flag":   {changed(func(r *result.Results) { r.Subject.Commit = "--upload-pack=x" }), "commit"},
		"a commit cut short":        {changed(func(r *result.Results) { r.Subject.Commit = "abcdef0" }), "commit"},
		"a hash that is none":       {changed(func(r *result.Results) { r.Subject.BinarySHA256 = "@everyone" }), "hash"},
		"an override with a line":   {changed(func(r *result.Results) { r.Overrides = []string{"--nodes\n2"} }), "override"},
		"looks to 10^6":             {changed(func(r *result.Results) { r.Trial = &result.Trial{ID: "x", Side: "head", Looks: []int{1_000_000}} }), "looks"},
		"a look at each pair":       {changed(func(r *result.Results) { longTrial(r, 31, 100, 1) }), "more than 300000"},
		"two looks close together":  {changed(func(r *result.Results) { longTrial(r, 160, 2, 999) }), "160 x 2 x 1000/1"},
		"half of a trial":           {changed(side("x", "head")), "missing"},
		"the base as head":          {changed(side("x", "base")), "side"},
	}
}

func manySeries(r *result.Results, n int) {
	for i := range n {
		s := r.Series[0]
		s.Metric = fmt.Sprintf("m%d", i)
		r.Series = append(r.Series, s)
	}
}

func manySamples(r *result.Results, n int) {
	for i := len(r.Series[0].Samples); i < n; i++ {
		s := r.Series[0].Samples[0]
		s.Run = i + 1
		r.Series[0].Samples = append(r.Series[0].Samples, s)
	}
	r.Series[0].Count = n
}

// longTrial is one side of a trial of many metrics, with so many looks, the first after so many pairs, and then one after each.
func longTrial(r *result.Results, metrics, looks, first int) {
	manySeries(r, metrics-1)
	r.Trial = &result.Trial{ID: "x", Side: "head"}
	for i := range looks {
		r.Trial.Looks = append(r.Trial.Looks, first+i)
	}
}

func manyPlans(r *result.Results, n int) {
	for i := range n {
		r.Scenarios = append(r.Scenarios, result.Scenario{Name: fmt.Sprintf("s%d", i)})
	}
}

// archives are hostile as a zip archive.
func archives(t testing.TB) map[string]struct {
	raw  []byte
	says string
} {
	t.Helper()
	good := document(t, nothing)
	results := entry{name: "results.json", content: good}
	with := func(name string) []byte { return archive(t, results, entry{name: name, content: "x"}) }
	many, burst := []entry{results}, 1<<20
	if !testing.Short() {
		burst = 15 << 20
	}
	for i := range intake.MaxEntries {
		if testing.Short() {
			break // it takes long
		}
		many = append(many, entry{name: fmt.Sprintf("%d", i)})
	}
	encrypted := archive(t, results)
	for _, signature := range []string{"PK\x03\x04", "PK\x01\x02"} { // the flags stand 6 and 8 bytes behind it
		at := bytes.Index(encrypted, []byte(signature))
		encrypted[at+len(signature)+map[string]int{"PK\x03\x04": 2, "PK\x01\x02": 4}[signature]] |= 1
	}
	lying := archive(t, entry{name: "results.json", content: good + strings.Repeat(" ", 1000)})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	lying[at+24], lying[at+25] = 10, 0 // says that it has 10 bytes
	damaged := archive(t, entry{name: "results.json", content: good, stored: true})
	damaged[60] ^= 0xff
	return map[string]struct {
		raw  []byte
		says string
	}{
		"no archive behind its first letters": {[]byte("PK, and nothing else"), "no zip"},
		"cut off":                             {with("a")[:200], "no zip"},
		"a path upwards":                      {with("../results.json"), "leads out"},
		"a path up and down":                  {with("a/../../x"), "leads out"},
		"an absolute path":                    {with("/etc/passwd"), "leads out"},
		"a path of Windows":                   {with(`..\x`), "backslash"},
		"a drive":                             {with("C:x"), "colon"},
		"dots":                                {with("./results.json"), "leads out"},
		"a name with a NUL":                   {with("results.json\x00.txt"), "cannot be seen"},
		"a name turned round":                 {with("results\u202enosj."), "cannot be seen"},
		"a name that is no text":              {with("\xff\xfe"), "UTF-8"},
		"a name of 5000 bytes":                {with(strings.Repeat("n", 5000)), "5000 bytes"},
		"a name twice":                        {with("results.json"), "there already"},
		"a name in another case":              {with("RESULTS.JSON"), "there already"},
		"a link":                              {archive(t, entry{name: "results.json", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "link"},
		"a link elsewhere":                    {archive(t, results, entry{name: "quick", content: "/etc", mode: fs.ModeSymlink | 0o777}), "link"},
		"a device":                            {archive(t, results, entry{name: "null", mode: fs.ModeDevice | fs.ModeCharDevice | 0o666}), "device"},
		"a pipe":                              {archive(t, results, entry{name: "pipe", mode: fs.ModeNamedPipe | 0o666}), "device"},
		"a bomb":                              {archive(t, entry{name: "results.json", content: strings.Repeat(" ", burst) + good}), "burst"},
		"a larger bomb":                       {archive(t, entry{name: "results.json", content: strings.Repeat(" ", intake.MaxFile+1)}), "more than"},
		"a bomb as base":                      {archive(t, results, entry{name: "base/results.json", content: strings.Repeat(" ", burst)}), "burst"},
		"more than it says":                   {lying, "refused"},
		"damaged":                             {damaged, "refused"},
		"encrypted":                           {encrypted, "encrypted"},
		"fifty thousand files":                {archive(t, many...), "entries"},
		"nothing":                             {archive(t), "no results.json"},
		"a folder around it":                  {archive(t, entry{name: "results/results.json", content: good}), "at the top"},
		"a folder of that name":               {archive(t, entry{name: "results.json/"}), "no results.json"},
		"a base without a trial":              {archive(t, results, entry{name: "base/results.json", content: good}), "no side of a trial"},
		"a base of another trial": {archive(t, entry{name: "results.json", content: document(t, side("a", "head"))},
			entry{name: "base/results.json", content: document(t, side("b", "base"))}), "another trial"},
		"head twice": {archive(t, entry{name: "results.json", content: document(t, side("a", "head"))},
			entry{name: "base/results.json", content: document(t, side("a", "head"))}), "not the base"},
	}
}

// refused wants a refusal that says what is wrong in visible words, and gives nothing beside it.
func refused(t *testing.T, d intake.Delivery, err error, says string) {
	t.Helper()
	if _, ok := errors.AsType[*intake.RefusedError](err); !ok {
		t.Fatalf("it was not refused: %v", err)
	}
	if d.Head != nil || d.Base != nil {
		t.Error("there are results beside the refusal")
	}
	text := err.Error()
	if !strings.Contains(text, says) {
		t.Errorf("it says %q, and nothing of %q", text, says)
	}
	if len(text) > 1000 || strings.ContainsAny(text, "\x1b\x00\n\u202e") {
		t.Errorf("the refusal itself is not fit to be shown: %q", text)
	}
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	for name, c := range documents(t) {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && len(c[0]) > 1<<20 {
				t.Skip("large")
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "results.json"), []byte(c[0]), 0o600); err != nil {
				t.Fatal(err)
			}
			d, err := intake.Open(dir)
			refused(t, d, err, c[1])
			d, err = intake.Open(filepath.Join(dir, "results.json"))
			refused(t, d, err, "")
		})
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	for name, c := range archives(t) {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && strings.HasPrefix(name, "fifty") {
				t.Skip("long")
			}
			path := filepath.Join(t.TempDir(), "results.zip")
			if err := os.WriteFile(path, c.raw, 0o600); err != nil {
				t.Fatal(err)
			}
			d, err := intake.Open(path)
			refused(t, d, err, c.says)
		})
	}
}

func TestHostileFoldersAreRefused(t *testing.T) {
	good := document(t, nothing)
	write := func(t *testing.T, path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(t *testing.T, to, path string) {
		t.Helper()
		if err := os.Symlink(to, path); err != nil {
			t.Skip(err)
		}
	}
	for name, c := range map[string]struct {
		fill func(t *testing.T, dir string)
		says string
	}{
		"empty":            {func(*testing.T, string) {}, "no results.json"},
		"a link out of it": {func(t *testing.T, dir string) { t.Helper(); link(t, "/etc/passwd", filepath.Join(dir, "results.json")) }, "link"},
		"a link inside": {func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "real.json"), good)
			link(t, "real.json", filepath.Join(dir, "results.json"))
		}, "link"},
		"a folder of that name": {func(t *testing.T, dir string) { t.Helper(); write(t, filepath.Join(dir, "results.json", "x"), good) }, "folder"},
		"a base that is a link": {func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "results.json"), document(t, side("a", "head")))
			write(t, filepath.Join(dir, "other", "results.json"), document(t, side("a", "base")))
			link(t, "other", filepath.Join(dir, "base"))
		}, "no folder"},
		"two cases of one name": {func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "results.json"), good)
			write(t, filepath.Join(dir, "Results.json"), good)
		}, "there already"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.fill(t, dir)
			d, err := intake.Open(dir)
			refused(t, d, err, c.says)
		})
	}
}
