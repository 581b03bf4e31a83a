package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// streamChunk is how many bytes of a paced stream go out at a time.
const streamChunk = 16 << 10

// send streams to another node: by computed instants, or bytes that are real.
func (w *worker) send(asked request, _ *http.Request) (answer, error) {
	if err := within("bytes", asked.Bytes, 1, maxSend); err != nil {
		return nil, err
	}
	if err := within("warmup_bytes", asked.WarmupBytes, 0, maxSend); err != nil {
		return nil, err
	}
	w.await(asked)
	rate := cmp.Or(w.does.SendBytesPerSecond, defaultBytesPerSecond)
	var done answer
	if w.does.Paced {
		done = w.sendPaced(asked, rate)
	} else {
		time.Sleep(time.Duration(float64(asked.WarmupBytes) / rate * 1e9))
		asked.AtNS = 0 // it was waited for
		done = w.work(asked, float64(asked.Bytes)/rate*1e3, func() error {
			addr, err := w.reach(asked.To)
			if err == nil {
				w.handOver(addr, "carry", fmt.Append(nil, asked.Bytes+asked.WarmupBytes))
			}
			return err
		})
	}
	done["bytes"] = asked.Bytes
	w.count(asked.Bytes+asked.WarmupBytes, 1)
	return done, nil
}

// carry takes note of a stream from another node; the body is how many bytes it had.
func (w *worker) carry(_ http.ResponseWriter, r *http.Request) {
	var size int64
	if json.NewDecoder(r.Body).Decode(&size) == nil {
		w.received.Add(size)
	}
}

// sendPaced streams over a socket, and tells the instants at which it did.
func (w *worker) sendPaced(asked request, rate float64) answer {
	started := testnode.MonotonicNS()
	addr, err := w.reach(asked.To)
	if err == nil {
		err = w.stream(addr, asked.WarmupBytes, rate)
	}
	if err == nil {
		started = testnode.MonotonicNS()
		err = w.stream(addr, asked.Bytes, rate)
	}
	return w.outcome(started, testnode.MonotonicNS(), err)
}

// stream has another node take so many bytes, and waits for its count of them.
func (w *worker) stream(addr string, size int64, rate float64) error {
	response, err := w.http.Post("http://"+addr+"/scripted/stream", "application/octet-stream", newPaced(size, rate))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	counted, err := io.ReadAll(response.Body)
	if err == nil && string(counted) != strconv.FormatInt(size, 10) {
		err = errors.New("the other node counted " + string(counted))
	}
	return err
}

// drain takes a stream of another node, and answers how many bytes it had.
func (w *worker) drain(out http.ResponseWriter, r *http.Request) {
	size, _ := io.Copy(io.Discard, r.Body) // one that was cut is a count that does not fit
	w.received.Add(size)
	fmt.Fprint(out, size)
}

// paced gives bytes at a rate: each not before it would have gone over a link of that rate.
type paced struct {
	begin      int64 // CLOCK_MONOTONIC in nanoseconds
	rate       float64
	given, all int64
}

func newPaced(size int64, rate float64) *paced {
	return &paced{begin: testnode.MonotonicNS(), rate: rate, all: size}
}

// Read waits for the instant at which the last of the bytes that it gives is through.
func (p *paced) Read(data []byte) (int, error) {
	if p.given == p.all {
		return 0, io.EOF
	}
	n := min(int64(len(data)), streamChunk, p.all-p.given)
	p.given += n
	testnode.SleepUntil(p.begin + int64(float64(p.given)/p.rate*1e9))
	return int(n), nil
}
