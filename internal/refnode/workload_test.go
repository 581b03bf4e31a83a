package refnode

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/ipfs/go-datastore"
)

func TestMessageReachesEverybodyElse(t *testing.T) {
	nodes := startMesh(t, 4, unchanged)
	awaitFullMesh(t, nodes)
	await(t, "the topic known everywhere", func() bool { return len(nodes[0].gossip.topic.ListPeers()) == 3 })
	if err := nodes[0].gossip.topic.Publish(t.Context(), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes[1:] {
		await(t, "the message", func() bool { return node.gossip.received.Load() == 1 })
	}
	if own := nodes[0].gossip.received.Load(); own != 0 {
		t.Errorf("the publisher counts %d messages of others, want 0", own)
	}
}

func TestRecordIsFoundByEverybody(t *testing.T) {
	nodes := startMesh(t, 4, unchanged)
	awaitFullMesh(t, nodes)
	for _, node := range nodes {
		await(t, "routing tables", func() bool { return node.table.size() == 3 })
	}
	key, value := "/"+tableNamespace+"/greeting", []byte("hello")
	if err := nodes[0].table.dht.PutValue(t.Context(), key, value); err != nil {
		t.Fatal(err)
	}
	for i, node := range nodes {
		got, err := node.table.dht.GetValue(t.Context(), key)
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("node %d got %q, %v", i, got, err)
		}
		await(t, "the record on every node, as there are fewer than replicas", func() bool {
			return node.table.records.count.Load() == 1
		})
	}
	if err := nodes[0].table.dht.PutValue(t.Context(), key, make([]byte, maxRecordBytes+1)); err == nil {
		t.Error("a record of more than the greatest size was stored")
	}
}

func TestRecordStoreCounts(t *testing.T) {
	store := newRecordStore()
	steps := []struct {
		name string
		do   func(context.Context) error
		want int64
	}{
		{"new", func(ctx context.Context) error { return store.Put(ctx, datastore.NewKey("a"), []byte("1")) }, 1},
		{"replaced", func(ctx context.Context) error { return store.Put(ctx, datastore.NewKey("a"), []byte("2")) }, 1},
		{"another", func(ctx context.Context) error { return store.Put(ctx, datastore.NewKey("b"), []byte("1")) }, 2},
		{"unknown deleted", func(ctx context.Context) error { return store.Delete(ctx, datastore.NewKey("c")) }, 2},
		{"deleted", func(ctx context.Context) error { return store.Delete(ctx, datastore.NewKey("a")) }, 1},
		{"batch", func(ctx context.Context) error {
			batch, err := store.Batch(ctx)
			if err != nil {
				return err
			}
			for i := range 3 {
				if err := batch.Put(ctx, datastore.NewKey(fmt.Sprint(i)), nil); err != nil {
					return err
				}
			}
			return batch.Commit(ctx)
		}, 4},
	}
	for _, step := range steps {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := store.count.Load(); got != step.want {
			t.Errorf("%s: %d records, want %d", step.name, got, step.want)
		}
	}
}

func TestGreatestRecordWins(t *testing.T) {
	best, err := greatest{}.Select("", [][]byte{[]byte("b"), []byte("c"), []byte("a"), []byte("c")})
	if err != nil || best != 1 {
		t.Errorf("selected %d, %v; want 1, the first of the greatest", best, err)
	}
	if _, err := (greatest{}).Select("", nil); err == nil {
		t.Error("selected one of no values")
	}
	if err := (greatest{}).Validate("", nil); err == nil {
		t.Error("accepted an empty value")
	}
}
