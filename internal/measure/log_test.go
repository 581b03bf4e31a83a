package measure

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestCountLog(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for name, test := range map[string]struct {
		log  string
		want LogCounts
	}{
		"empty":                    {"", LogCounts{}},
		"clean":                    {"INFO started\nINFO stopped\n", LogCounts{}},
		"each kind":                {"ERROR a\npanic: b\nWARN c\nslow d\ntimeout e\nexceeded f\n", LogCounts{2, 1, 3}},
		"one line, three kinds":    {"WARN ERROR timeout\n", LogCounts{1, 1, 1}},
		"twice in a line is once":  {"ERROR ERROR panicked\n", LogCounts{1, 0, 0}},
		"case counts":              {"error warn Slow TIMEOUT\n", LogCounts{}},
		"inside a word":            {"WARNING slowly\n", LogCounts{0, 1, 1}},
		"no line end at the end":   {"INFO\nERROR", LogCounts{1, 0, 0}},
		"no line at all":           {"\n\n\n", LogCounts{}},
		"bytes that are no text":   {"\xff\x00ERROR\xfe\n\x00WARN", LogCounts{1, 1, 0}},
		"carriage returns":         {"ERROR\r\nWARN\r\n", LogCounts{1, 1, 0}},
		"a word over two lines":    {"ERR\nOR\nWA\nRN\n", LogCounts{}},
		"at the end of a long one": {long + "ERROR\n" + long + "WARN", LogCounts{1, 1, 0}},
		"at both ends of one":      {"ERROR" + long + "ERROR slow\n", LogCounts{1, 0, 1}},
	} {
		got, err := CountLog(strings.NewReader(test.log))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestCountLogFindsAWordWhereverALineIsCut moves a word over every place where a part may end.
func TestCountLogFindsAWordWhereverALineIsCut(t *testing.T) {
	for before := range 70 {
		got, err := countLog(strings.NewReader(strings.Repeat("x", before)+"exceededpanic"+strings.Repeat("x", 40)+"\n"), 16)
		if want := (LogCounts{Errors: 1, Slow: 1}); err != nil || got != want {
			t.Fatalf("after %d bytes: %+v, %v", before, got, err)
		}
	}
}

func TestCountLogGivesNothingWithAnError(t *testing.T) {
	broken := errors.New("broken disk")
	got, err := CountLog(io.MultiReader(strings.NewReader("ERROR\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || got != (LogCounts{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzCountLog(f *testing.F) {
	f.Add([]byte("ERROR a\nWARN b\nslow timeout exceeded panic"))
	f.Add([]byte("xxxxxxxxxxxERROR\nyyyyyyyyyyyyyyexceeded"))
	f.Fuzz(func(t *testing.T, log []byte) {
		var want LogCounts
		for line := range bytes.SplitSeq(log, []byte("\n")) {
			for _, kind := range []struct {
				words []string
				count *int
			}{{[]string{"ERROR", "panic"}, &want.Errors}, {[]string{"WARN"}, &want.Warnings}, {[]string{"slow", "timeout", "exceeded"}, &want.Slow}} {
				for _, word := range kind.words {
					if bytes.Contains(line, []byte(word)) {
						*kind.count++
						break
					}
				}
			}
		}
		for _, size := range []int{16, 17, 64 << 10} {
			if got, err := countLog(bytes.NewReader(log), size); err != nil || got != want {
				t.Errorf("in parts of %d: %+v, %v, want %+v", size, got, err, want)
			}
		}
	})
}

func BenchmarkCountLog(b *testing.B) {
	log := strings.Repeat("2025-01-01T00:00:00Z  INFO node: received 12 messages from 4 peers\n", 10_000)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CountLog(strings.NewReader(log)); err != nil {
			b.Fatal(err)
		}
	}
}
