package refnode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	record "github.com/libp2p/go-libp2p-record"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	// tablePrefix keeps this DHT apart from every other one.
	tablePrefix protocol.ID = "/perfgate-refnode"
	// tableNamespace begins the keys that the DHT accepts: /refnode/NAME.
	tableNamespace = "refnode"
	// maxRecordBytes bounds one value.
	maxRecordBytes = 64 << 10
)

// table is the node's part of the distributed hash table.
type table struct {
	dht     *dht.IpfsDHT
	records *recordStore
	store   *records.ValueStore // reads the same records
}

// newTable joins the DHT as a server. The routing table fills from the peers that connect.
//
// Note: the periodic refresh is off. It looks up random keys and dials whomever it finds, which would cost an idle
// node CPU and change the overlay that min_peers asks for. Provider records are off because nothing reads them.
//
// Each request of another node for a record waits for delay first; zero is none.
func newTable(s *stack, delay time.Duration) (*table, error) {
	kept := newRecordStore()
	kept.delay = delay
	served, err := dht.New(s.host, dht.Mode(dht.ModeServer), dht.ProtocolPrefix(tablePrefix),
		dht.NamespacedValidator(tableNamespace, greatest{}), dht.Datastore(kept), dht.DisableProviders(),
		dht.DisableAutoRefresh(), dht.AddressFilter(s.scope.filter))
	if err != nil {
		return nil, fmt.Errorf("start DHT: %w", err)
	}
	return &table{dht: served, records: kept, store: records.NewValueStore(kept, greatest{}, 0)}, nil
}

func (t *table) close() error { return t.dht.Close() }

// size is the number of peers in the routing table.
func (t *table) size() int { return t.dht.RoutingTable().Size() }

// greatest is the rule of the table's records: any value up to maxRecordBytes, and of several the greatest in byte
// order. Whoever wants the newest to win begins values with a counter.
type greatest struct{}

var _ record.Validator = greatest{}

func (greatest) Validate(_ string, value []byte) error {
	if len(value) == 0 || len(value) > maxRecordBytes {
		return fmt.Errorf("value of %d bytes: must be 1..%d", len(value), maxRecordBytes)
	}
	return nil
}

func (greatest) Select(_ string, values [][]byte) (int, error) {
	if len(values) == 0 {
		return 0, errors.New("no values")
	}
	best := 0
	for i, value := range values {
		if bytes.Compare(value, values[best]) > 0 {
			best = i
		}
	}
	return best, nil
}

// recordStore counts the records that it holds, so that a scrape needs no walk over them. The DHT never writes the
// same key twice at a time.
type recordStore struct {
	*dssync.MutexDatastore
	count atomic.Int64
	delay time.Duration // before a record is read for another node; a fault
}

// ownCall marks the context of what this node itself wants of the table, with one of the values below it. The DHT hands
// contexts through to its store.
type ownCall struct{}

// reach is where a node looks for a record.
type reach int

const (
	fromAnywhere reach = iota + 1
	fromOthers         // not in its own store
)

func newRecordStore() *recordStore {
	return &recordStore{MutexDatastore: dssync.MutexWrap(datastore.NewMapDatastore())}
}

// Get hides what the node has itself from a search for what others have, and delays the requests of others.
func (r *recordStore) Get(ctx context.Context, key datastore.Key) ([]byte, error) {
	switch ctx.Value(ownCall{}) {
	case fromAnywhere:
	case fromOthers:
		return nil, datastore.ErrNotFound
	default:
		if err := pause(ctx, r.delay); err != nil {
			return nil, err
		}
	}
	return r.MutexDatastore.Get(ctx, key)
}

func (r *recordStore) Put(ctx context.Context, key datastore.Key, value []byte) error {
	had, err := r.Has(ctx, key)
	if err != nil {
		return err
	}
	if err := r.MutexDatastore.Put(ctx, key, value); err != nil || had {
		return err
	}
	r.count.Add(1)
	return nil
}

func (r *recordStore) Delete(ctx context.Context, key datastore.Key) error {
	had, err := r.Has(ctx, key)
	if err != nil {
		return err
	}
	if err := r.MutexDatastore.Delete(ctx, key); err != nil || !had {
		return err
	}
	r.count.Add(-1)
	return nil
}

// Batch routes batched writes through Put and Delete, so that they are counted.
func (r *recordStore) Batch(context.Context) (datastore.Batch, error) {
	return datastore.NewBasicBatch(r), nil
}
