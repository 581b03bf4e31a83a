package testnode

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything has every group and field of a script once.
func everything() Script {
	return Script{
		LifetimeMS: 5000,
		Size:       4,
		Together:   true,
		Defaults: Node{
			Work: &Work{
				DelaysMS: []float64{0.5, 3}, LoseEvery: 1, TwiceEvery: 2, ForeignEvery: 3, SwapEvery: 4, AnswerAfterMS: 5,
				ClockOffsetMS: -0.5, ClockJumpAtMS: 6, ClockJumpMS: 7, PutMS: []float64{1}, GetMS: []float64{2}, ConnectMS: []float64{3},
				FailEvery: 8, SendBytesPerSecond: 9, Patch: map[string]map[string]json.RawMessage{"publish": {"id": json.RawMessage(`null`)}},
				Status: map[string]int{"": 404}, Lenient: true, Strict: true,
			},
			End:     &End{AtMS: 9, Code: 3},
			Signals: &Signals{IgnoreINT: true, IgnoreTERM: true, StopAfterMS: 4},
			Child:   &Child{AtMS: 5, Kind: ChildDaemon, LifetimeMS: 6, Stubborn: true},
			Memory:  &Memory{AtMS: 1, MiB: 2, GrowKiBPerSecond: 3},
			CPU:     &CPU{FromMS: 1, UntilMS: 2, Cores: 0.5},
			Writes:  []Write{{AtMS: 1, Bytes: 2}},
			Log:     []Line{{AtMS: 1, Text: "WARN slow", Repeat: 3}},
		},
		Nodes: map[int]Node{2: {Peers: []Peers{}, Links: []Link{}, End: &End{Signal: "SIGSEGV"}}},
	}
}

func TestScriptSurvivesJSON(t *testing.T) {
	want := everything()
	got, err := ParseScript([]byte(want.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("script (-want +got):\n%s", diff)
	}
}

func TestScriptNode(t *testing.T) {
	script := everything()
	if diff := cmp.Diff(script.Defaults, script.Node(0)); diff != "" {
		t.Errorf("a node without exceptions (-want +got):\n%s", diff)
	}
	want := script.Defaults
	want.Peers, want.Links, want.End = []Peers{}, []Link{}, &End{Signal: "SIGSEGV"}
	if diff := cmp.Diff(want, script.Node(2)); diff != "" {
		t.Errorf("a node whose groups peers, links and end are its own (-want +got):\n%s", diff)
	}
}

func TestParseScriptKeepsTheSpellingOfANumber(t *testing.T) {
	script, err := ParseScript([]byte(`{"defaults": {"peers": [{"peers": 4.0}, {"peers": 4e0}, {"peers": "NaN"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Peers{{Peers: "4.0"}, {Peers: "4e0"}, {Peers: "NaN"}}
	if diff := cmp.Diff(want, script.Defaults.Peers); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
}

func TestParseScriptRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no JSON":            {`peers = 4`, "parse script: invalid character"},
		"more than a script": {`{} {}`, "more after the first JSON value"},
		"a stray brace":      {`{}}`, "more after the first JSON value"},
		"an unknown key":     {`{"defaults": {"peerz": []}}`, `unknown field "peerz"`},
		"peers null":         {`{"defaults": {"peers": [{"peers": null}]}}`, "peers is null"},
		"peers true":         {`{"defaults": {"peers": [{"peers": true}]}}`, "cannot unmarshal bool"},
		"a time before":      {`{"defaults": {"peers": [{"at_ms": -1, "peers": 1}]}}`, "peers: -1 ms: from 0"},
		"an unknown mode":    {`{"nodes": {"3": {"pages": [{"mode": "blank"}]}}}`, `nodes.3: pages: mode "blank": unknown`},
		"a negative index":   {`{"nodes": {"-1": {}}}`, "index -1"},
		"code and signal":    {`{"defaults": {"end": {"code": 1, "signal": "SIGKILL"}}}`, "code and signal: one of them"},
		"an unknown signal":  {`{"defaults": {"end": {"signal": "SIGNOPE"}}}`, `signal "SIGNOPE": one of`},
		"no kind of child":   {`{"defaults": {"child": {}}}`, `kind ""`},
		"a child for ever":   {`{"defaults": {"child": {"kind": "plain", "lifetime_ms": 86400000}}}`, "lifetime_ms 86400000"},
		"a node for ever":    {`{"lifetime_ms": 86400000}`, "lifetime_ms 86400000"},
		"no cores":           {`{"defaults": {"cpu": {}}}`, "cores 0"},
		"an end before":      {`{"defaults": {"cpu": {"cores": 1, "from_ms": 5, "until_ms": 5}}}`, "until_ms 5"},
		"together with whom": {`{"together": true}`, "together: needs size"},
		"a link before":      {`{"defaults": {"links": [{"at_ms": -1}]}}`, "links: -1 ms: from 0"},
		"a link that ends":   {`{"defaults": {"links": [{"at_ms": 5, "until_ms": 5}]}}`, "links: until_ms 5"},
		"too many links":     {`{"defaults": {"links": [{"count": 101}]}}`, "links: count 101"},
		"a message early":    {`{"defaults": {"work": {"delays_ms": [-1]}}}`, "work: delays_ms: -1 ms"},
		"less than none":     {`{"defaults": {"work": {"lose_every": -1}}}`, "work: lose_every: -1"},
		"no HTTP status":     {`{"defaults": {"work": {"status": {"send": 20}}}}`, `status of "send": 20`},
		"nothing to write":   {`{"defaults": {"writes": [{}]}}`, "bytes 0"},
	} {
		t.Run(name, func(t *testing.T) {
			script, err := ParseScript([]byte(test.text))
			checkError(t, err, test.want)
			if diff := cmp.Diff(Script{}, script); diff != "" {
				t.Errorf("with an error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSONPanicsOnAWrongScript(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a script that no node would take became JSON")
		}
	}()
	_ = Script{Defaults: Node{CPU: &CPU{Cores: math.NaN()}}}.JSON()
}

func TestValueCount(t *testing.T) {
	for value, want := range map[Value]int{"0": 0, "4": 4, "4.0": 4, "4e0": 4, "10000": 10000} {
		if got, ok := value.Count(); !ok || got != want {
			t.Errorf("Count of %q is %d, %v, want %d", value, got, ok, want)
		}
	}
	for _, value := range []Value{"", "abc", "-1", "NaN", "+Inf", "-Inf", "4.5", "10001", "1e300"} {
		if got, ok := value.Count(); ok {
			t.Errorf("Count of %q is %d, want none", value, got)
		}
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add([]byte(everything().JSON()))
	f.Add([]byte(`{"defaults": {"peers": [{"at_ms": 3, "peers": 4e0}]}}`))
	f.Add([]byte(`{"nodes": {"1": {"end": {"code": 7}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		script, err := ParseScript(data)
		if err != nil {
			if diff := cmp.Diff(Script{}, script); diff != "" {
				t.Fatalf("with an error (-want +got):\n%s", diff)
			}
			return
		}
		text := script.JSON()
		again, err := ParseScript([]byte(text))
		if err != nil {
			t.Fatalf("what JSON gives is refused: %v\n%s", err, text)
		}
		if again.JSON() != text {
			t.Fatalf("JSON is not stable:\n%s\n%s", text, again.JSON())
		}
	})
}
