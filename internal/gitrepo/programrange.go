package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// programSource reads by git itself, whatever kind of repository it is.
type programSource struct {
	at    location
	batch *exec.Cmd // git cat-file, once a tree was asked for
	ask   io.WriteCloser
	told  *bufio.Reader
	said  bytes.Buffer // its stderr
}

func newProgramSource(at location) *programSource { return &programSource{at: at} }

func (*programSource) reader() Reader { return ProgramReader }

// nodeFormat has a line for each commit, its parts parted by a character that git lets into none of them but the last.
const nodeFormat = "--format=%T%x00%P%x00%at%x00%an%x00%ae%x00%s"

func (s *programSource) walk(ctx context.Context, good, bad string, firstParent bool) ([]node, error) {
	end, err := s.list(ctx, "--no-walk", good)
	if err != nil {
		return nil, err
	}
	arguments := []string{"--topo-order"}
	if firstParent {
		arguments = append(arguments, "--first-parent")
	}
	rest, err := s.list(ctx, append(arguments, bad, "^"+good)...)
	if err != nil {
		return nil, err
	}
	rest, err = s.honest(ctx, good, rest)
	return append(end, rest...), err
}

func (s *programSource) list(ctx context.Context, arguments ...string) ([]node, error) {
	said, err := git(ctx, s.at.dir, append([]string{"rev-list", "--encoding=UTF-8", nodeFormat}, arguments...)...)
	if err != nil {
		return nil, err
	}
	return parseNodes(said.stdout)
}

// parseNodes reads what git rev-list prints with nodeFormat.
func parseNodes(text string) ([]node, error) {
	var all []node
	lines := strings.Split(text, "\n")
	if text == "" {
		lines = nil
	}
	for len(lines) > 0 {
		sha, named := strings.CutPrefix(lines[0], "commit ")
		if !named || len(lines) < 2 {
			return nil, fmt.Errorf("git rev-list: a commit was expected, and not %q", lines[0])
		}
		part := strings.SplitN(lines[1], "\x00", 6)
		if len(part) < 6 || !isHex(sha) || !isHex(part[0]) {
			return nil, fmt.Errorf("git rev-list: commit %q is %q", sha, lines[1])
		}
		n := node{sha: sha, tree: part[0], parents: strings.Fields(part[1]), author: readable(part[3]), email: readable(part[4]), title: readable(part[5])}
		if seconds, err := strconv.ParseInt(part[2], 10, 64); err == nil {
			n.date = time.Unix(seconds, 0).UTC()
		}
		all, lines = append(all, n), lines[2:]
	}
	return all, nil
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) >= 40
}

// readable leaves out what a terminal would act on, and takes what is not UTF-8 for Latin-1.
func readable(text string) string {
	if !utf8.ValidString(text) {
		runes := make([]rune, 0, len(text))
		for _, b := range []byte(text) {
			runes = append(runes, rune(b))
		}
		text = string(runes)
	}
	return strings.TrimSpace(printable(text))
}

func (s *programSource) tree(ctx context.Context, id string) ([]treeEntry, error) {
	if s.batch == nil {
		if err := s.start(ctx); err != nil {
			return nil, err
		}
	}
	raw, err := s.object(id)
	if err != nil {
		return nil, fmt.Errorf("git cat-file: folder %.10s: %w", id, err)
	}
	return parseTree(raw, len(id)/2)
}

func (s *programSource) start(ctx context.Context) error {
	s.batch = command(ctx, s.at.dir, "cat-file", "--batch")
	s.batch.Stderr = &s.said
	out, err := s.batch.StdoutPipe()
	if err == nil {
		s.told = bufio.NewReaderSize(out, 1<<16)
		s.ask, err = s.batch.StdinPipe()
	}
	if err == nil {
		err = s.batch.Start()
	}
	if err != nil {
		s.batch = nil
		return fmt.Errorf("git cat-file: %w", err)
	}
	return nil
}

// object asks for one object that has to be a tree.
func (s *programSource) object(id string) ([]byte, error) {
	if _, err := fmt.Fprintln(s.ask, id); err != nil {
		return nil, s.ended(err)
	}
	head, err := s.told.ReadString('\n')
	if err != nil {
		return nil, s.ended(err)
	}
	part := strings.Fields(head) // NAME TYPE SIZE, or NAME missing
	if len(part) != 3 || part[1] != "tree" {
		return nil, fmt.Errorf("it is %s", strings.Join(part[min(1, len(part)):], " "))
	}
	size, err := strconv.Atoi(part[2])
	if err != nil || size < 0 {
		return nil, fmt.Errorf("its size is %q", part[2])
	}
	raw := make([]byte, size+1) // a line feed ends it
	_, err = io.ReadFull(s.told, raw)
	return raw[:size], err
}

// parseTree reads a tree as git stores it: for each entry its mode, a space, its name, a zero and its raw hash.
func parseTree(raw []byte, hashSize int) ([]treeEntry, error) {
	var all []treeEntry
	for len(raw) > 0 {
		head, tail, found := bytes.Cut(raw, []byte{0})
		mode, name, named := strings.Cut(string(head), " ")
		if !found || !named || name == "" || len(tail) < hashSize {
			return nil, errors.New("it is cut short")
		}
		bits, err := strconv.ParseUint(mode, 8, 32)
		if err != nil {
			return nil, fmt.Errorf("entry %q: mode %q", name, mode)
		}
		all = append(all, treeEntry{name: name, id: hex.EncodeToString(tail[:hashSize]), mode: uint32(bits)})
		raw = tail[hashSize:]
	}
	return all, nil
}

// ended waits for a git that answers no more, and tells what it said.
func (s *programSource) ended(err error) error {
	s.close()
	return fmt.Errorf("%w: %s", err, printable(s.said.String()))
}

func (s *programSource) close() {
	if s.batch == nil {
		return
	}
	s.ask.Close()
	_, _ = io.Copy(io.Discard, s.told)
	_ = s.batch.Wait() // it was asked for what was wanted; how it ends says nothing more
	s.batch = nil
}
