package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

const (
	maxMessage = 256 << 10
	maxValue   = 64 << 10
	maxSend    = 4 << 30
	maxRequest = 128 << 10
	headers    = 28
	// packet is how many bytes make one.
	packet = 1000
	// maxAhead is how long before its instant a call may come.
	maxAhead = time.Minute

	defaultBytesPerSecond = 100e6
)

// worker does what the probe API asks, as the script says.
type worker struct {
	node  *node
	does  testnode.Work
	inbox inbox
	http  http.Client

	published, worked atomic.Int64
	puts, gets, dials atomic.Int64
	sent, received    atomic.Int64 // payload, in bytes
	wire              atomic.Int64 // what went out, in bytes
}

func newWorker(n *node) *worker {
	return &worker{node: n, does: *n.does.Work, inbox: inbox{work: *n.does.Work}}
}

// request is the body of any call.
type request struct {
	ID          string `json:"id"`
	Bytes       int64  `json:"bytes"`
	Key         string `json:"key"`
	From        string `json:"from"`
	To          string `json:"to"`
	WarmupBytes int64  `json:"warmup_bytes"`
	AtNS        int64  `json:"at_ns"`
}

type answer map[string]any

func (w *worker) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /probe", w.call("", w.describe))
	mux.HandleFunc("GET /probe/received", w.call("received", w.list))
	mux.HandleFunc("GET /probe/traffic", w.call("traffic", w.traffic))
	mux.HandleFunc("POST /probe/publish", w.call("publish", w.publish))
	mux.HandleFunc("POST /probe/dht/put", w.call("dht/put", w.put))
	mux.HandleFunc("POST /probe/dht/get", w.call("dht/get", w.get))
	mux.HandleFunc("POST /probe/send", w.call("send", w.send))
	mux.HandleFunc("POST /probe/connect", w.call("connect", w.connect))
	// From other nodes:
	mux.HandleFunc("POST /scripted/deliver", w.deliver)
	mux.HandleFunc("POST /scripted/carry", w.carry)
	mux.HandleFunc("POST /scripted/stream", w.drain)
}

// call serves a call: an error of do is a request that must be refused.
func (w *worker) call(name string, do func(request, *http.Request) (answer, error)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		asked, code, err := w.read(out, r)
		var answered answer
		if err == nil || w.does.Lenient {
			answered, err = do(asked, r)
			code = http.StatusBadRequest
		}
		time.Sleep(time.Duration(w.does.AnswerAfterMS+w.does.AnswerLateMS[name]) * time.Millisecond)
		out.Header().Set("Content-Type", "application/json")
		if err != nil && !w.does.Lenient {
			out.WriteHeader(code)
			_ = json.NewEncoder(out).Encode(answer{"error": err.Error()}) // who asked may have hung up
			return
		}
		if answered == nil {
			answered = answer{}
		}
		for field, replacement := range w.does.Patch[name] {
			if answered[field] = replacement; string(replacement) == "null" {
				delete(answered, field)
			}
		}
		out.WriteHeader(cmp.Or(w.does.Status[name], http.StatusOK))
		_ = json.NewEncoder(out).Encode(answered)
	}
}

// read reads the body of a request that has one.
func (w *worker) read(out http.ResponseWriter, r *http.Request) (asked request, code int, err error) {
	if r.Method == http.MethodGet {
		return asked, 0, nil
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(out, r.Body, maxRequest)); err != nil {
		return asked, http.StatusRequestEntityTooLarge, err
	}
	if err := json.Unmarshal(body.Bytes(), &asked); err != nil {
		return asked, http.StatusBadRequest, err
	}
	if ahead := time.Duration(asked.AtNS - testnode.MonotonicNS()); asked.AtNS < 0 || asked.AtNS > 0 && ahead > maxAhead {
		return asked, http.StatusBadRequest, fmt.Errorf("at_ns: %d: CLOCK_MONOTONIC in nanoseconds, at most %v ahead", asked.AtNS, maxAhead)
	}
	if w.does.Strict {
		decoder := json.NewDecoder(&body)
		decoder.DisallowUnknownFields()
		err = decoder.Decode(new(request))
	}
	return asked, http.StatusBadRequest, err
}

// told is an instant as the node tells it.
func (w *worker) told(at int64) int64 {
	offset := w.does.ClockOffsetMS
	if w.does.ClockJumpMS != 0 && time.Since(w.node.timeline.start).Milliseconds() >= w.does.ClockJumpAtMS {
		offset += w.does.ClockJumpMS
	}
	return at + nanoseconds(offset)
}

// await waits until the work is due, if the script says so, and tells when it learnt of it.
func (w *worker) await(asked request) {
	if asked.AtNS > 0 {
		w.node.truth.write(testnode.EventAsked, fmt.Sprint(asked.AtNS, " ", cmp.Or(asked.ID, asked.Key, asked.To)))
	}
	if w.does.Schedule == testnode.ScheduleKept && asked.AtNS < testnode.MonotonicNS()+maxAhead.Nanoseconds() { // a lenient node takes any
		testnode.SleepUntil(asked.AtNS)
	}
}

func (w *worker) describe(request, *http.Request) (answer, error) {
	limits := answer{"message_bytes": maxMessage, "value_bytes": maxValue, "send_bytes": int64(maxSend)}
	if w.does.Schedule != testnode.ScheduleUnknown {
		limits["ahead_ms"] = maxAhead.Milliseconds()
	}
	return answer{
		"level": "L3", "id": w.node.id(), "now_ns": w.told(testnode.MonotonicNS()),
		"operations": []string{"publish", "dht", "send", "connect", "traffic"}, "limits": limits,
	}, nil
}

func (w *worker) list(_ request, r *http.Request) (answer, error) {
	since, err := number(r.FormValue("since"), 0)
	if err != nil || since < 0 {
		return nil, fmt.Errorf("since: %q", r.FormValue("since"))
	}
	limit, err := number(r.FormValue("limit"), 1000)
	if err != nil || limit < 1 || limit > 10_000 {
		return nil, fmt.Errorf("limit: %q", r.FormValue("limit"))
	}
	messages, next := w.inbox.list(testnode.MonotonicNS(), since, limit)
	shown := make([]arrival, len(messages))
	for i, m := range messages {
		m.ReceivedNS = w.told(m.ReceivedNS)
		shown[i] = m
	}
	return answer{"next": next, "lost": 0, "messages": shown}, nil
}

func number(text string, absent int) (int, error) {
	if text == "" {
		return absent, nil
	}
	return strconv.Atoi(text)
}

func (w *worker) traffic(request, *http.Request) (answer, error) {
	sent, received, wire := w.sent.Load(), w.received.Load(), w.wire.Load()
	if w.does.WireFactor == 0 {
		wire = sent
	}
	return answer{
		"at_ns": w.told(testnode.MonotonicNS()), "header_bytes": headers,
		"bytes_sent": wire, "packets_sent": wire / packet, "payload_sent": sent,
		"bytes_received": received, "packets_received": received / packet, "payload_received": received,
	}, nil
}

// count takes note of payload that goes out, in so many copies.
func (w *worker) count(payload int64, copies int) {
	w.sent.Add(payload)
	w.wire.Add(int64(float64(payload) * float64(copies) * w.does.WireFactor))
}

func (w *worker) publish(asked request, _ *http.Request) (answer, error) {
	if err := within("bytes", asked.Bytes, 128, maxMessage); err != nil {
		return nil, err
	}
	if err := named("id", asked.ID); err != nil {
		return nil, err
	}
	others, err := w.node.others()
	if err != nil {
		return nil, err
	}
	count := w.published.Add(1)
	w.await(asked)
	at := testnode.MonotonicNS()
	w.count(asked.Bytes, len(others))
	w.node.truth.writeAt(testnode.EventPublished, at, asked.ID)
	body, err := json.Marshal(arrival{
		ID: asked.ID, From: w.node.id(), Bytes: int(asked.Bytes), ReceivedNS: at + nanoseconds(turn(w.does.DelaysMS, count)),
	})
	if err != nil {
		return nil, err
	}
	var handing sync.WaitGroup
	for _, addr := range others {
		handing.Go(func() { w.handOver(addr, "deliver", body) })
	}
	handing.Wait()
	if w.does.Schedule == testnode.ScheduleLied {
		testnode.SleepUntil(asked.AtNS)
		at = max(at, asked.AtNS)
	}
	return answer{"ok": true, "id": asked.ID, "published_ns": w.told(at)}, nil
}

// handOver gives something to another node. One that is gone receives nothing.
func (w *worker) handOver(addr, what string, body []byte) {
	response, err := w.http.Post("http://"+addr+"/scripted/"+what, "application/json", bytes.NewReader(body))
	if err == nil {
		_ = response.Body.Close()
	}
}

func (w *worker) deliver(_ http.ResponseWriter, r *http.Request) {
	var message arrival
	if json.NewDecoder(r.Body).Decode(&message) != nil {
		return
	}
	message.ReceivedNS += nanoseconds(w.does.ReceiveAfterMS)
	if w.inbox.take(message) {
		w.received.Add(int64(message.Bytes))
		w.node.truth.writeAt(testnode.EventReceived, message.ReceivedNS, message.ID)
	}
}

func (w *worker) put(asked request, _ *http.Request) (answer, error) {
	if err := within("bytes", asked.Bytes, 1, maxValue); err != nil {
		return nil, err
	}
	if err := named("key", asked.Key); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(asked.Key))
	kept := value{Bytes: int(asked.Bytes), SHA256: hex.EncodeToString(sum[:])}
	w.count(asked.Bytes, 1)
	done := w.work(asked, turn(w.does.PutMS, w.puts.Add(1)), func() error { return w.node.store(asked.Key, kept) })
	maps.Copy(done, answer{"bytes": kept.Bytes, "sha256": kept.SHA256})
	return done, nil
}

func (w *worker) get(asked request, _ *http.Request) (answer, error) {
	if err := named("key", asked.Key); err != nil {
		return nil, err
	}
	if asked.From != "" && asked.From != "network" && asked.From != "local" {
		return nil, fmt.Errorf("from: %q", asked.From)
	}
	var kept value
	var found bool
	done := w.work(asked, turn(w.does.GetMS, w.gets.Add(1)), func() (err error) {
		others, err := w.node.others()
		if err == nil && (asked.From == "local" || len(others) > 0) {
			kept, found, err = w.node.load(asked.Key)
		}
		return err
	})
	if found && asked.From != "local" {
		w.received.Add(int64(kept.Bytes))
		w.wire.Add(int64(float64(kept.Bytes) * w.does.WireFactor)) // whoever sent it
	}
	maps.Copy(done, answer{"found": found && done["ok"] == true, "bytes": kept.Bytes, "sha256": kept.SHA256})
	return done, nil
}

func (w *worker) connect(asked request, _ *http.Request) (answer, error) {
	if asked.To == "" {
		return nil, fmt.Errorf("to: missing")
	}
	return w.work(asked, turn(w.does.ConnectMS, w.dials.Add(1)), func() error {
		_, err := w.reach(asked.To)
		return err
	}), nil
}

// reach returns the address of another node.
func (w *worker) reach(id string) (string, error) {
	others, err := w.node.others()
	if err == nil && others[id] == "" {
		return "", fmt.Errorf("no other node %q", id)
	}
	return others[id], err
}

// work does something when it is due that takes exactly so long as is told, and not less than that in truth.
func (w *worker) work(asked request, ms float64, do func() error) answer {
	w.await(asked)
	started := testnode.MonotonicNS()
	err := do()
	if nth(int(w.worked.Add(1)), w.does.FailEvery) {
		err = fmt.Errorf("failed by script")
	}
	done := started + nanoseconds(ms)
	time.Sleep(time.Duration(done - testnode.MonotonicNS()))
	if ms == 0 {
		done = testnode.MonotonicNS()
	}
	return w.outcome(started, done, err)
}

// outcome is what every timed piece of work answers.
func (w *worker) outcome(started, done int64, err error) answer {
	told := answer{"ok": err == nil, "started_ns": w.told(started), "done_ns": w.told(done)}
	if err != nil {
		told["error"] = err.Error()
	}
	return told
}

// turn takes the count-th of a list that begins anew at its end; 0 of none.
func turn(list []float64, count int64) float64 {
	if len(list) == 0 {
		return 0
	}
	return list[int(count-1)%len(list)]
}

func nanoseconds(ms float64) int64 { return int64(ms * float64(time.Millisecond)) }

func within(name string, value, least, most int64) error {
	if value < least || value > most {
		return fmt.Errorf("%s: %d: from %d to %d", name, value, least, most)
	}
	return nil
}

func named(name, value string) error {
	if value == "" || len(value) > 64 {
		return fmt.Errorf("%s: from 1 to 64 characters", name)
	}
	return nil
}
