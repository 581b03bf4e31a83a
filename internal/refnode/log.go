package refnode

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/libp2p/go-libp2p/gologshim"
)

// NewLogger writes one line per event to w. level is the value of RUST_LOG, the variable of the programs whose
// contract this node speaks: off, error, warn, info, debug or trace, of which the first bare word counts; anything
// else means info. What the libraries have to say comes through from warn on, or from info on at debug.
//
// It sets the library-wide handler of libp2p, which is process-global: call it once.
func NewLogger(w io.Writer, level string) *slog.Logger {
	threshold := parseLevel(level)
	handler := slog.NewTextHandler(w, &slog.HandlerOptions{Level: threshold})
	floor := max(slog.LevelWarn, threshold)
	if threshold < slog.LevelInfo {
		floor = slog.LevelInfo
	}
	gologshim.SetDefaultHandler(&quieter{Handler: handler, least: floor})
	return slog.New(handler)
}

func parseLevel(text string) slog.Level {
	levels := map[string]slog.Level{
		"off": slog.LevelError + 4, "error": slog.LevelError, "warn": slog.LevelWarn,
		"info": slog.LevelInfo, "debug": slog.LevelDebug, "trace": slog.LevelDebug,
	}
	for directive := range strings.SplitSeq(strings.ToLower(text), ",") {
		if level, ok := levels[strings.TrimSpace(directive)]; ok {
			return level
		}
	}
	return slog.LevelInfo
}

// quieter is a handler that drops what lies below its own threshold.
type quieter struct {
	slog.Handler
	least slog.Level
}

func (q *quieter) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= q.least && q.Handler.Enabled(ctx, level)
}

func (q *quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &quieter{Handler: q.Handler.WithAttrs(attrs), least: q.least}
}

func (q *quieter) WithGroup(name string) slog.Handler {
	return &quieter{Handler: q.Handler.WithGroup(name), least: q.least}
}
