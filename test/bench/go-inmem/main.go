// The other side of test/bench/inmem.ts: three servers of HashiCorp's library
// in one process, in memory, and clients that each wait for their answer.
//
//	go-inmem <clients> <milliseconds>
//
// It prints how many commands were answered in a second.
package main

import (
	"fmt"
	"io"
	"io/ioutil"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

type count struct{ applied uint64 }

func (c *count) Apply(*raft.Log) interface{} { c.applied++; return c.applied }

func (c *count) Snapshot() (raft.FSMSnapshot, error) {
	return nil, fmt.Errorf("this program takes no snapshots")
}

func (c *count) Restore(io.ReadCloser) error { return nil }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	clients, err := strconv.Atoi(os.Args[1])
	check(err)
	ms, err := strconv.Atoi(os.Args[2])
	check(err)

	var members raft.Configuration
	var transports []*raft.InmemTransport
	for i := 0; i < 3; i++ {
		address, transport := raft.NewInmemTransport("")
		transports = append(transports, transport)
		members.Servers = append(members.Servers, raft.Server{
			ID: raft.ServerID(address), Address: address,
		})
	}
	var servers []*raft.Raft
	for i, transport := range transports {
		for _, other := range transports {
			transport.Connect(other.LocalAddr(), other)
		}
		store := raft.NewInmemStore()
		snaps := raft.NewInmemSnapshotStore()
		config := raft.DefaultConfig()
		config.LocalID = members.Servers[i].ID
		config.Logger = hclog.New(&hclog.LoggerOptions{Output: ioutil.Discard})
		check(raft.BootstrapCluster(
			config, store, store, snaps, transport, members))
		server, err := raft.NewRaft(
			config, &count{}, store, store, snaps, transport)
		check(err)
		servers = append(servers, server)
	}

	var leader *raft.Raft
	for leader == nil {
		time.Sleep(10 * time.Millisecond)
		for _, server := range servers {
			if server.State() == raft.Leader {
				leader = server
			}
		}
	}

	var answered uint64
	var stop int32
	var running sync.WaitGroup
	command := make([]byte, 64)
	for i := 0; i < clients; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for atomic.LoadInt32(&stop) == 0 {
				check(leader.Apply(command, 0).Error())
				atomic.AddUint64(&answered, 1)
			}
		}()
	}
	time.Sleep(time.Duration(ms) * time.Millisecond / 4)
	before, start := atomic.LoadUint64(&answered), time.Now()
	time.Sleep(time.Duration(ms) * time.Millisecond)
	after, took := atomic.LoadUint64(&answered), time.Since(start)
	atomic.StoreInt32(&stop, 1)
	running.Wait()
	fmt.Println(float64(after-before) / took.Seconds())
}
