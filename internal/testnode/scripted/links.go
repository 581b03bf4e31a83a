package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// scheduleLinks puts in the TCP connections to the bootstrap. Those of the beginning come first of all, and then the nodes
// meet, where the script wants it.
func (n *node) scheduleLinks() {
	dials := n.options.bootstrap != ""
	var first sync.WaitGroup
	for _, link := range n.does.Links {
		switch {
		case !dials:
		case link.AtMS == 0:
			first.Go(func() { n.hang(link) })
		default:
			n.timeline.at(link.AtMS, func() { go n.hang(link) })
		}
	}
	if dials && n.options.script.Together {
		go func() { first.Wait(); n.meet() }()
	}
}

// hang makes the connections of one link and sees to their end. Without them the script is not fulfilled, which ends the
// program.
func (n *node) hang(link testnode.Link) {
	var made []net.Conn
	for range max(link.Count, 1) {
		connection, err := net.Dial("tcp", n.options.bootstrap)
		if err == nil {
			_, err = connection.Write([]byte{toLink})
		}
		if err != nil {
			os.Exit(report(n.stderr, fmt.Errorf("link by script: %w", err)))
		}
		made = append(made, connection)
	}
	count := strconv.Itoa(len(made))
	n.truth.write(testnode.EventLink, count)
	n.mu.Lock()
	n.links = append(n.links, made...) // a connection that nobody holds would be closed
	n.mu.Unlock()
	if link.UntilMS == 0 {
		return
	}
	end := n.timeline.start.Add(time.Duration(link.UntilMS) * time.Millisecond)
	time.AfterFunc(time.Until(end), func() {
		n.truth.write(testnode.EventLinkEnd, count)
		for _, connection := range made {
			_ = connection.Close() // the bootstrap may have ended
		}
	})
}
