package refnode

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/libp2p/go-libp2p/gologshim"
)

func TestParseLevel(t *testing.T) {
	want := map[string]slog.Level{
		"": slog.LevelInfo, "info": slog.LevelInfo, "WARN": slog.LevelWarn, "error": slog.LevelError,
		"debug": slog.LevelDebug, "trace": slog.LevelDebug, "off": slog.LevelError + 4,
		"quinn=trace, warn": slog.LevelWarn, "nonsense": slog.LevelInfo,
	}
	got := make(map[string]slog.Level)
	for text := range want {
		got[text] = parseLevel(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
}

func TestLibrariesSpeakFromWarnOn(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, "info")
	library := gologshim.Logger("a library").With("k", "v").WithGroup("g")
	log.Info("ours")
	library.Info("chatter")
	library.Warn("trouble")
	var lines []string
	for line := range strings.Lines(out.String()) {
		_, rest, _ := strings.Cut(line, "level=") // the rest begins after the time
		lines = append(lines, strings.TrimSpace(rest))
	}
	want := []string{`INFO msg=ours`, `WARN msg=trouble logger="a library" k=v`}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
