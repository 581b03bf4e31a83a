//go:build unix

package gitrepo_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// long is how many commits the repository of the benchmarks has, and longRange how many of them are read: a third are merges, in
// which 16 branches that live long take turns.
const (
	long      = 20000
	longRange = 12000
)

// generate writes a history for git fast-import. The commit that ends branch 0 is reached by all others.
func generate(to io.Writer, commits int) {
	w := bufio.NewWriter(to)
	rng := rand.New(rand.NewPCG(22, 23))
	var tips []int
	for i := 1; i <= commits; i++ {
		branch := rng.IntN(16)
		text := fmt.Sprintf("change %d of many, with a title as people write them\n\nAnd a few words more.\n", i)
		fmt.Fprintf(w, "commit refs/heads/main\nmark :%d\n", i)
		for _, role := range []string{"author", "committer"} {
			fmt.Fprintf(w, "%s a <a@example.org> %d +0000\n", role, 1_500_000_000+60*i)
		}
		fmt.Fprintf(w, "data %d\n%s\n", len(text), text)
		switch {
		case len(tips) == 0:
			for d := range 20 {
				for f := range 10 {
					fmt.Fprintf(w, "M 644 inline folder%02d/sub%d/file%02d\ndata 1\n0\n", d, f%3, f)
				}
			}
			for range 16 {
				tips = append(tips, i)
			}
		case i == commits:
			fmt.Fprintf(w, "from :%d\n", tips[0])
			for _, tip := range tips[1:] {
				if tip != tips[0] {
					fmt.Fprintf(w, "merge :%d\n", tip)
				}
			}
		default:
			fmt.Fprintf(w, "from :%d\n", tips[branch])
			if other := rng.IntN(16); tips[other] != tips[branch] && rng.IntN(3) == 0 {
				fmt.Fprintf(w, "merge :%d\n", tips[other])
			}
		}
		fmt.Fprintf(w, "M 644 inline folder%02d/sub%d/file%02d\ndata %d\n%d\n", rng.IntN(20), rng.IntN(3), rng.IntN(10), len(fmt.Sprint(i)), i)
		if i == commits-longRange {
			fmt.Fprintf(w, "reset refs/tags/good\nfrom :%d\n\n", i)
		}
		tips[branch] = i
	}
	w.Flush()
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return sum
}

// BenchmarkReadRange says what a range of 12,000 commits costs to read. CPU-s/op is processor time with that of git's processes,
// MiB the most that the process of the benchmark ever had in memory. Promised: 1 s and 200 MiB by the library.
func BenchmarkReadRange(b *testing.B) {
	dir := b.TempDir()
	git(b, dir, nil, "init", "-q", "--bare", "--initial-branch=main")
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	generate(in, long)
	in.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	git(b, dir, nil, "repack", "-adq")
	for _, reader := range []gitrepo.Reader{gitrepo.LibraryReader, gitrepo.ProgramReader} {
		for name, plan := range map[string]gitrepo.RangePlan{
			"graph": {AllParents: true}, "graph,paths": {AllParents: true, Paths: []string{"folder01/", "folder02/", "folder03/sub1/file03"}},
			"line,paths": {Paths: []string{"folder01/", "**/file03"}},
		} {
			b.Run(reader.String()+"/"+name, func(b *testing.B) {
				plan.Good, plan.Bad, plan.Reader = "good", "main", reader
				from := processor(b)
				var read gitrepo.Range
				for b.Loop() {
					if read, err = gitrepo.ReadRange(b.Context(), dir, plan); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric((processor(b)-from).Seconds()/float64(b.N), "CPU-s/op")
				b.ReportMetric(float64(len(read.Commits)), "commits")
				var used syscall.Rusage
				if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(used.Maxrss)/1024, "MiB")
			})
		}
	}
}
