package host

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const stat = `cpu  400 40 80 9000 30 7 70 12 0 0
cpu0 100 10 20 4000 10 3 30 5 0 0
cpu1 300 30 60 5000 20 4 40 7 0 0
intr 123 0 9
ctxt 5
`

func TestProcessorsAreAddedUp(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		allowed func(int) bool
		want    processors
		wantErr string
	}{
		"all":              {stat, nil, processors{2, 90.3, 0.77, 0.12}, ""},
		"one of two":       {stat, func(cpu int) bool { return cpu == 1 }, processors{1, 50.2, 0.44, 0.07}, ""},
		"none of them":     {stat, func(int) bool { return false }, processors{}, "none that may be used"},
		"nothing":          {"", nil, processors{}, "none that may be used"},
		"the sum alone":    {"cpu 1 2 3 4 5 6 7 8\n", nil, processors{}, "none that may be used"},
		"too few fields":   {"cpu0 1 2 3 4 5 6 7\n", nil, processors{}, "cpu0 has 7 fields"},
		"a negative count": {"cpu0 1 2 3 -4 5 6 7 8\n", nil, processors{}, "cpu0: "},
		"no processor":     {"cpuidle 1 2 3 4 5 6 7 8\n", nil, processors{}, `"cpuidle" is no processor`},
		"a very long line": {stat + "intr " + strings.Repeat("0 ", 1<<20), nil, processors{}, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			allowed := test.allowed
			if allowed == nil {
				allowed = func(int) bool { return true }
			}
			got, err := parseProcessors([]byte(test.text), allowed)
			if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Fatalf("error %v, want %q", err, test.wantErr)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(processors{}), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPressureOfEveryKernel(t *testing.T) {
	full := 2.5
	for name, test := range map[string]struct {
		text    string
		want    pressure
		wantErr string
	}{
		"both":          {"some avg10=0.10 avg60=0.00 avg300=0.00 total=7000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n", pressure{7, &full}, ""},
		"some alone":    {"some avg10=0.10 avg60=0.00 avg300=0.00 total=500\n", pressure{some: 0.0005}, ""},
		"full alone":    {"full avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n", pressure{}, `no line "some"`},
		"another line":  {"some total=1\nirq total=4\n", pressure{some: 1e-6}, ""},
		"without total": {"some avg10=0.10\n", pressure{}, "no total"},
		"no number":     {"some total=many\n", pressure{}, "invalid syntax"},
		"nothing":       {"", pressure{}, `no line "some"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePressure([]byte(test.text))
			if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Fatalf("error %v, want %q", err, test.wantErr)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(pressure{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestThrottlingOfBothVersions(t *testing.T) {
	for name, test := range map[string]struct {
		text             string
		seconds, periods float64
		fails            bool
	}{
		"version 2":             {"usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 250000\n", 0.25, 3, false},
		"version 1":             {"nr_periods 9\nnr_throttled 3\nthrottled_time 250000000\n", 0.25, 3, false},
		"the root of version 2": {"usage_usec 5\nuser_usec 3\n", 0, 0, true},
		"no numbers":            {"nr_throttled x\nthrottled_usec y z\n", 0, 0, true},
		"nothing":               {"", 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			seconds, periods, err := throttling([]byte(test.text))
			if seconds != test.seconds || periods != test.periods || (err != nil) != test.fails {
				t.Errorf("%v s in %v periods, error %v", seconds, periods, err)
			}
		})
	}
}

func FuzzParseProcessors(f *testing.F) {
	f.Add([]byte(stat))
	f.Add([]byte("cpu0 1 2 3 4 5 6 7 18446744073709551615\ncpu00 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := parseProcessors(text, func(cpu int) bool { return cpu%2 == 0 })
		if err != nil && all != (processors{}) {
			t.Errorf("%+v beside %v", all, err)
		}
		if err == nil && !(all.count > 0 && all.idle >= 0 && all.interrupts >= 0 && all.steal >= 0) {
			t.Errorf("impossible: %+v", all)
		}
	})
}

func FuzzParsePressure(f *testing.F) {
	f.Add([]byte("some avg10=0.10 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2\n"))
	f.Add([]byte("some total="))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parsePressure(text)
		if err != nil && p != (pressure{}) {
			t.Errorf("%+v beside %v", p, err)
		}
		if err == nil && (!(p.some >= 0) || p.full != nil && !(*p.full >= 0)) {
			t.Errorf("impossible: %+v", p)
		}
	})
}

func FuzzThrottling(f *testing.F) {
	f.Add([]byte("nr_throttled 3\nthrottled_usec 250000\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		seconds, periods, err := throttling(text)
		if !(seconds >= 0 && periods >= 0) || err != nil && (seconds != 0 || periods != 0) {
			t.Errorf("%v s in %v periods, error %v", seconds, periods, err)
		}
	})
}
