package intake_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/result"
)

func FuzzResults(f *testing.F) {
	f.Add([]byte(document(f, nothing)))
	f.Add([]byte(document(f, side("a", "head"))))
	f.Add([]byte(`{"schema":"perfgate.results/1","series":[{"samples":[{"value":1e308}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := intake.Results("results.json", raw)
		if err != nil {
			if _, ok := errors.AsType[*intake.RefusedError](err); r != nil || !ok || strings.ContainsAny(err.Error(), "\x1b\n\x00") {
				t.Errorf("%v, %q", r, err)
			}
			return
		}
		var out bytes.Buffer
		if err := result.Write(&out, r); err != nil {
			t.Fatalf("what was taken in cannot be written: %v", err)
		}
		if _, err := intake.Results("results.json", out.Bytes()); err != nil {
			t.Errorf("what was taken in is refused the second time: %v", err)
		}
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(archive(f, entry{name: "results.json", content: document(f, nothing)}))
	f.Add(archive(f, entry{name: "../x", content: "x"}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := intake.Archive(bytes.NewReader(raw), int64(len(raw)))
		if (err == nil) == (d.Head == nil) {
			t.Errorf("%v and %v", d, err)
		}
	})
}
