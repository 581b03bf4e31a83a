package refnode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

const (
	// dhtTimeout bounds a put or get, and lookupTimeout the rest of a lookup whose first answer has been told.
	dhtTimeout    = 60 * time.Second
	lookupTimeout = 10 * time.Second
)

// putRequest is the body of POST /probe/dht/put: a value, or how many bytes of noise to make one of.
type putRequest struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
	Bytes int    `json:"bytes"`
	schedule
}

type putAnswer struct {
	outcome
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// dhtPut stores a value on the nodes that are nearest to its key, and is done when each of them has answered.
func (n *Node) dhtPut(ctx context.Context, request putRequest) (putAnswer, error) {
	if err := validName("key", request.Key); err != nil {
		return putAnswer{}, err
	}
	value := request.Value
	if len(value) > 0 && request.Bytes != 0 {
		return putAnswer{}, errors.New("value and bytes: one of them")
	}
	if len(value) == 0 {
		if err := within("bytes", int64(request.Bytes), 1, maxRecordBytes); err != nil {
			return putAnswer{}, err
		}
		value = make([]byte, request.Bytes)
		fillWithNoise(value)
	}
	if err := within("bytes of value", int64(len(value)), 1, maxRecordBytes); err != nil {
		return putAnswer{}, err
	}
	err := request.await(ctx)
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, ownCall{}, fromAnywhere), dhtTimeout)
	defer cancel()
	started := monotonicNS()
	if err == nil {
		err = n.table.dht.PutValue(ctx, tableKey(request.Key), value)
	}
	if err == nil {
		err = ctx.Err() // which the library does not tell: each of its nodes may have failed for want of time
	}
	answer := putAnswer{outcome: finish(started, err), Bytes: len(value), SHA256: digest(value)}
	if answer.OK {
		n.payload.sent.Add(uint64(len(value)))
	}
	return answer, nil
}

// getRequest is the body of POST /probe/dht/get.
type getRequest struct {
	Key  string `json:"key"`
	From string `json:"from"` // network (also ""): of another node, whatever this one has itself; local: what it has itself
	schedule
}

type getAnswer struct {
	outcome
	Found  bool   `json:"found"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"`
}

// dhtGet looks a value up. It is done when the first valid value is there, or when nobody has one.
func (n *Node) dhtGet(ctx context.Context, request getRequest) (getAnswer, error) {
	if err := validName("key", request.Key); err != nil {
		return getAnswer{}, err
	}
	look := n.fetch
	switch request.From {
	case "", "network":
	case "local":
		look = n.table.own
	default:
		return getAnswer{}, fmt.Errorf("from = %q: must be network or local", request.From)
	}
	if err := request.await(ctx); err != nil {
		return getAnswer{outcome: finish(monotonicNS(), err)}, nil
	}
	started := monotonicNS()
	value, err := look(ctx, tableKey(request.Key))
	answer := getAnswer{outcome: finish(started, err), Found: value != nil, Bytes: len(value)}
	if answer.Found {
		answer.SHA256 = digest(value)
	}
	return answer, nil
}

// fetch asks other nodes for a value, nil if none has one.
//
// The first answer is what a program waits for that wants one value; the lookup goes on behind it, as it does for that
// program, and is not cut off, since that would reset streams and burden whatever is measured next.
func (n *Node) fetch(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, dhtTimeout)
	defer cancel()
	search, stop := context.WithCancel(context.WithValue(n.life, ownCall{}, fromOthers))
	answers, err := n.table.dht.SearchValue(search, key)
	if err != nil {
		stop()
		return nil, err
	}
	select {
	case <-ctx.Done():
		stop()
		return nil, ctx.Err()
	case value, ok := <-answers:
		if !ok {
			stop()
			return nil, nil
		}
		n.payload.received.Add(uint64(len(value)))
		if !n.enter() {
			stop()
			return nil, context.Cause(n.life)
		}
		go func() {
			defer n.running.Done()
			drainLookup(answers, stop)
		}()
		return value, nil
	}
}

// drainLookup lets a lookup come to its end.
func drainLookup(answers <-chan []byte, stop func()) {
	defer stop()
	timer := time.NewTimer(lookupTimeout)
	defer timer.Stop()
	for {
		select {
		case _, more := <-answers:
			if !more {
				return
			}
		case <-timer.C:
			return
		}
	}
}

// own returns what the node has itself under a key, nil if that is nothing. It asks nobody.
func (t *table) own(ctx context.Context, key string) ([]byte, error) {
	kept, err := t.store.Get(context.WithValue(ctx, ownCall{}, fromAnywhere), key)
	if err != nil || kept == nil {
		return nil, err
	}
	return kept.GetValue(), nil
}

func tableKey(key string) string { return "/" + tableNamespace + "/" + key }

func digest(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:])
}
