package hunt

import (
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/communitas/perfgate/internal/build"
)

// outside says why a build failed that says nothing of its commit: it was killed, had no room, its program is not installed, or the network
// did not give what it has to fetch. "" is for a build that the commit breaks.
func outside(failed *build.Error) string {
	switch {
	case killed(failed.Err):
		return "the build was killed"
	case errors.Is(failed.Err, exec.ErrNotFound):
		return "the program that builds is not installed"
	case errors.Is(failed.Err, syscall.ENOSPC):
		return "the disk is full"
	case errors.Is(failed.Err, syscall.ENOMEM):
		return "there was no memory for the build"
	}
	text := strings.ToLower(strings.Join(failed.Tail, "\n"))
	for _, sign := range []struct{ says, why string }{
		{"no space left on device", "the disk is full"},
		{"disk quota exceeded", "the disk is full"},
		{"(signal: 9, sigkill", "the build was killed"},
		{"(signal: 15, sigterm", "the build was killed"},
		{"signal: killed", "the build was killed"},
		{"signal: terminated", "the build was killed"},
		{"killed signal terminated program", "the build was killed"},
		{"cannot allocate memory", "there was no memory for the build"},
	} {
		if strings.Contains(text, sign.says) {
			return sign.why
		}
	}
	if line := unreachable(failed.Tail); line != "" {
		return "the build can not fetch what it needs from the network (" + normal(line) + ")"
	}
	return ""
}

// killed tells a build that was ended from outside, or by the kernel or its like for want of memory. A compiler that crashes is the fault of what it compiles.
func killed(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	if code := exit.ExitCode(); code == 128+int(syscall.SIGKILL) || code == 128+int(syscall.SIGTERM) { // of what a shell has called
		return true
	}
	state, ok := exit.Sys().(syscall.WaitStatus)
	return ok && state.Signaled() && slices.Contains([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}, state.Signal())
}

// What resolvers, Cargo, Go, npm, pip, git, curl and the like print when a host is not found can hardly mean anything else.
// That a connection was not made or came to nothing is also what a program may say that is built and tried, so that it counts only beside a word
// of fetching.
var (
	noName = regexp.MustCompile(`could ?n[o']t resolve (host|proxy)|could not resolve hostname|unable to resolve host|no such host|` +
		`name or service not known|(temporary failure|failure) in name resolution|getaddrinfo (enotfound|eai_again)|nodename nor servname|` +
		`dns error: failed to lookup|unknownhostexception|server misbehaving`)
	noConnection = regexp.MustCompile(`connection refused|connection reset|connection timed out|operation timed out|i/o timeout|econnrefused|` +
		`econnreset|etimedout|network is unreachable|no route to host|could ?n[o']t connect to server|failed to connect to|tls handshake timeout|` +
		`timeout was reached|read timed out|client\.timeout exceeded|spurious network error|\b(502 bad gateway|503 service unavailable|504 gateway timeout|` +
		`429 too many requests)`)
	fetching = regexp.MustCompile(`https?://|\bgit://|\bssh:|\bdownload|\bfetch|\bregistry\b|\bproxy\.|crates\.io|\bnpm err|\bpull access\b`)
	// quoted is a line of the source that a compiler shows.
	quoted = regexp.MustCompile(`^\s*\d*\s*\|`)
)

// unreachable is the line, of the last ones of a build, that says that it could not reach what it has to fetch; "" when none does.
func unreachable(tail []string) string {
	lines := slices.DeleteFunc(slices.Clone(tail), quoted.MatchString)
	fetches := fetching.MatchString(strings.ToLower(strings.Join(lines, "\n")))
	for _, line := range lines {
		if low := strings.ToLower(line); noName.MatchString(low) || fetches && noConnection.MatchString(low) {
			return line
		}
	}
	return ""
}
