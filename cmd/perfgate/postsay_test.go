package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// What post prints in a job is read by GitHub's runner, which carries out "##[command]" wherever it stands.
func TestPostAsJSONHasNoCommandOfAStranger(t *testing.T) {
	var out bytes.Buffer
	p := &program{stdout: &out, asJSON: true}
	want := account{Reason: "crashed: ##[set-output name=verdict]pass <b>"}
	if err := p.sayPosted(want, postPlace{}, ""); err != nil {
		t.Fatal(err)
	}
	var got account
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Reason != want.Reason || strings.Contains(out.String(), "##[") {
		t.Errorf("%v: %q of\n%s", err, got.Reason, out.String())
	}
}
