package compare_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// numbers makes a float64 of each eight bytes.
func numbers(raw []byte) []float64 {
	var values []float64
	for ; len(raw) >= 8 && len(values) < 32; raw = raw[8:] {
		values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
	}
	return values
}

func packed(values ...float64) []byte {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	return raw
}

// FuzzDecide judges any samples of any metric, beside a second results directory, as a trial, beside a recording, and nothing: it never
// panics, says the same twice and where it is explained, has a reason for everything, and never passes what holds no number.
func FuzzDecide(f *testing.F) {
	f.Add(uint8(0), packed(steady...), packed(scaled(1.2, steady...)...), uint8(0))
	f.Add(uint8(3), packed(1, 1, 0, 1), packed(1, 1, 1, 1), uint8(0))
	f.Add(uint8(7), packed(0, 0, 0, 0), packed(0, 3, 1, 0), uint8(1))
	f.Add(uint8(1), packed(1, 2, math.Inf(1), 3), packed(math.NaN(), 1, 2, 3), uint8(5))
	f.Fuzz(func(t *testing.T, which uint8, base, head []byte, timeouts uint8) {
		all := metric.Builtin()
		m := all[int(which)%len(all)]
		build := func(raw []byte) *result.Results {
			r := results(custom(m, numbers(raw)...))
			for i := range r.Series[0].Samples {
				r.Series[0].Samples[i].Censored = timeouts>>(i%8)&1 == 1
			}
			if len(r.Series[0].Samples) == 0 {
				r.Series[0].Status, r.Series[0].Reason = result.Failed, "no sample"
			}
			return r
		}
		b, h := build(base), build(head)
		for _, in := range []compare.Input{{Head: h, Base: b, Now: now}, {Head: h, Now: now}} {
			judge(t, in, numbers(head))
		}
		b.Trial = &result.Trial{ID: "a trial", Side: result.SideBase, Looks: []int{4, 6, 12}}
		h.Trial = &result.Trial{ID: "a trial", Side: result.SideHead, Looks: []int{4, 6, 12}}
		judge(t, compare.Input{Head: h, Base: b, Now: now}, numbers(head))
		b.Trial, h.Trial = nil, nil
		if b.Validate() == nil && b.Series[0].Status == result.Measured {
			judge(t, compare.Input{Head: h, Baselines: file(t, "", b), Now: now}, numbers(head))
		}
	})
}

func judge(t *testing.T, in compare.Input, head []float64) {
	t.Helper()
	v := compare.Decide(in)
	first, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("the verdict is no JSON: %v", err)
	}
	if again, _ := json.Marshal(compare.Decide(in)); !bytes.Equal(first, again) {
		t.Error("the second verdict differs")
	}
	if v.Reason == "" || v.Verdict == compare.NotJudged {
		t.Errorf("verdict %q because %q", v.Verdict, v.Reason)
	}
	for _, m := range v.Metrics {
		if m.Reason == "" {
			t.Errorf("%s is %q without a reason", m.Metric, m.Verdict)
		}
		if m.MoreRuns < 0 || m.MoreRuns > 1000 || m.MDE.Present() && m.MDE < 0 {
			t.Errorf("%s: %d more runs, MDE %v", m.Metric, m.MoreRuns, m.MDE)
		}
		told, e, err := compare.Explain(in, m.Metric)
		if raw, _ := json.Marshal(told); err != nil || !bytes.Equal(first, raw) || len(e.Metrics) != 1 {
			t.Errorf("%s is explained by another verdict, %d accounts, error %v", m.Metric, len(e.Metrics), err)
		}
	}
	for _, x := range head {
		if (math.IsNaN(x) || math.IsInf(x, 0)) && v.Verdict != compare.Failed {
			t.Errorf("%v among the samples is %s because %q", x, v.Verdict, v.Reason)
		}
	}
	if len(head) == 0 && v.Metrics[0].Verdict != compare.Failed {
		t.Errorf("no sample is %s because %q", v.Verdict, v.Reason)
	}
}
