package runner

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/scrape"
	"github.com/communitas/perfgate/internal/workload"
)

func TestLastWords(t *testing.T) {
	trace := "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:4\nexit status 2\nmore\nand more\n"
	for name, test := range map[string]struct{ log, want string }{
		"none":                 {"", ""},
		"blank":                {"\n \n\x00\n", ""},
		"few":                  {"one\ntwo", "; its last words: one | two"},
		"the last five":        {"1\n2\n3\n4\n5\n6\n7\n", "; its last words: 3 | 4 | 5 | 6 | 7"},
		"from a panic on":      {"before\npanic: oh\n" + trace, "; its last words: panic: oh | goroutine 1 [running]: | main.main() | /src/main.go:4 | exit status 2"},
		"a panic at the end":   {"1\n2\n3\n4\n5\n6\nthread 'main' panicked at src/main.rs", "; its last words: thread 'main' panicked at src/main.rs"},
		"an error of Go's own": {"fatal error: all goroutines are asleep\nx\n", "; its last words: fatal error: all goroutines are asleep | x"},
		"colours":              {"\x1b[1;31mERROR\x1b[0m disk\x1b[K full", "; its last words: ERROR disk full"},
		"no text":              {"a\xff\xfeb\x07\tc", "; its last words: a?b c"},
		"too long":             {strings.Repeat("é", 301), "; its last words: " + strings.Repeat("é", 300) + "…"},
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(test.log), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := lastWords(path); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := lastWords(filepath.Join(t.TempDir(), "none")); got != "" {
		t.Errorf("no log: %q", got)
	}
}

// TestWhatANodeAnswersIsShortInResults: a reason that is too long could not be written.
func TestWhatANodeAnswersIsShortInResults(t *testing.T) {
	long := strings.Repeat("é\x1b[31m\n", 1<<16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "peers "+strings.Repeat("é", 1<<16)) }))
	defer server.Close()
	s := &session{t0: time.Now(), client: scrape.New()}
	n := &node{control: strings.TrimPrefix(server.URL, "http://"), parsers: map[string]*scrape.Parser{}}
	w := &work{session: s}
	w.keep(workload.Operation{}, probe.Outcome{Failure: long}, nil)
	w.keep(workload.Operation{}, probe.Outcome{}, errors.New(long))
	w.keep(workload.Operation{}, probe.Outcome{Failure: "\x01"}, nil)
	for what, got := range map[string]string{
		"a gauge": s.readSeries(t.Context(), n, "/", "peers")[0].Err, "a failure": w.load.Operations[0].Err, "a call": w.load.Operations[1].Err, "nothing": w.load.Operations[2].Err,
	} {
		if got == "" || utf8.RuneCountInString(got) > maxLine+1 || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%s: %d bytes: %.400q", what, len(got), got)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("\x1b[31mERROR\x1b[0m \x00\xff\t…")
	f.Fuzz(func(t *testing.T, line string) {
		got := printable(line)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxLine+1 || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q becomes %q", line, got)
		}
		if again := printable(got); utf8.RuneCountInString(got) <= maxLine && again != got {
			t.Errorf("%q becomes %q, and that %q", line, got, again)
		}
	})
}
