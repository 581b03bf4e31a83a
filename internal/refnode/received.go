package refnode

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

const (
	// inboxSize is how many messages a node remembers. It takes no memory before there are messages.
	inboxSize = 1 << 16
	// pageSize and maxPageSize are how many messages one answer has without and with a wish.
	pageSize    = 1000
	maxPageSize = 10_000
)

// arrival is a message that the node received.
type arrival struct {
	Seq        uint64 `json:"seq"` // 0, 1, 2, … in the order of arrival
	ID         string `json:"id"`
	From       string `json:"from"`
	Bytes      int    `json:"bytes"` // of the whole payload
	ReceivedNS int64  `json:"received_ns"`
}

// inbox remembers the messages that arrived last. Its zero value is empty.
type inbox struct {
	mu   sync.Mutex
	kept []arrival // a ring as soon as it is full: message seq is at seq % inboxSize
	next uint64    // number of the next message
}

// add numbers and keeps a message, over the oldest when there are too many.
func (b *inbox) add(message arrival) {
	b.mu.Lock()
	defer b.mu.Unlock()
	message.Seq = b.next
	if len(b.kept) < inboxSize {
		b.kept = append(b.kept, message)
	} else {
		b.kept[b.next%inboxSize] = message
	}
	b.next++
}

// page is the answer to GET /probe/received. Lost and the messages together are those from since up to next.
type page struct {
	Next     uint64    `json:"next"` // what to ask for the next time
	Lost     uint64    `json:"lost"` // overwritten before they were asked for
	Messages []arrival `json:"messages"`
}

// since returns up to limit messages from a number on, the oldest first. A number that is not yet known gives what is.
func (b *inbox) since(seq uint64, limit int) page {
	b.mu.Lock()
	defer b.mu.Unlock()
	answer := page{Next: b.next, Messages: []arrival{}}
	oldest := b.next - uint64(len(b.kept))
	if seq < oldest {
		answer.Lost, seq = oldest-seq, oldest
	}
	for ; seq < b.next && len(answer.Messages) < limit; seq++ {
		answer.Messages = append(answer.Messages, b.kept[seq%inboxSize])
	}
	if seq < b.next {
		answer.Next = seq
	}
	return answer
}

func (n *Node) serveReceived(w http.ResponseWriter, r *http.Request) {
	since, limit, err := pageOf(r.FormValue("since"), r.FormValue("limit"))
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusOK, n.inbox.since(since, limit))
}

// pageOf reads what a request for messages asks for; both may be absent.
func pageOf(since, limit string) (seq uint64, most int, err error) {
	most = pageSize
	if since != "" {
		if seq, err = strconv.ParseUint(since, 10, 63); err != nil {
			return 0, 0, errors.New("since: not a number from 0")
		}
	}
	if limit != "" {
		if most, err = strconv.Atoi(limit); err != nil || most < 1 || most > maxPageSize {
			return 0, 0, fmt.Errorf("limit: not a number from 1 to %d", maxPageSize)
		}
	}
	return seq, most, nil
}
