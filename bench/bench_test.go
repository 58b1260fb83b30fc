package main

import (
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// startStub serves the upstream in this process.
func startStub(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer nc.Close(); serveStub(nc) })
		}
	})
	return l.Addr().String()
}

// The load accepts the upstream's answers, whole and only whole, and counts the
// events of a stream.
func TestLoadReadsWhatTheStubSends(t *testing.T) {
	addr := startStub(t)
	for _, chunks := range []int{-1, 0, 1, 50} {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.nc.Close() })
		l := &loader{chunks: chunks}
		l.counting.Store(true)
		for range 2 {
			if err := c.exchange(request(chunks, 0), l); err != nil {
				t.Fatalf("%d chunks: %v", chunks, err)
			}
		}
		_, events := streamed(chunks)
		if chunks < 0 {
			events = 0
		}
		if got := int(l.events.Load()); got < 2*events || got > 2*events+8 { // counted by average length
			t.Errorf("%d chunks: counted %d events in two streams of %d", chunks, got, events)
		}
		wrong := &loader{chunks: chunks + 1}
		if err := c.exchange(request(chunks, 0), wrong); err == nil {
			t.Errorf("an answer of %d chunks passed for one of %d", chunks, chunks+1)
		}
	}
}

// A refusal is an error that says what was refused.
func TestLoadTellsRefusals(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		defer theirs.Close()
		theirs.Read(make([]byte, 4096))
		theirs.Write([]byte("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 9\r\n\r\nslow down"))
	}()
	err := newClient(ours).exchange(request(-1, 0), &loader{chunks: -1})
	if err == nil || !strings.Contains(err.Error(), "429") || !strings.Contains(err.Error(), "slow down") {
		t.Errorf("error %v", err)
	}
}

// The upstream paces a stream as its request says.
func TestStubDelay(t *testing.T) {
	c, err := dial(startStub(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.nc.Close() })
	began := time.Now()
	if err := c.exchange(request(5, 4*time.Millisecond), &loader{chunks: 5}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 20*time.Millisecond {
		t.Errorf("5 chunks of 4 ms came in %v", took)
	}
}

func TestSummary(t *testing.T) {
	paced := func(p50, p99 float64) []point {
		return []point{{sample: sample{P50: p50, P99: p99}}, {sample: sample{P50: p50 + 1, P99: p99 + 1}}, {sample: sample{P50: 900, P99: 9000}}}
	}
	chats := func(cpu float64) []point {
		return []point{{sample{Requests: 1000, Seconds: 2}, cpu}, {sample{Requests: 2000, Seconds: 2}, 2 * cpu}, {sample{Requests: 10, Seconds: 2}, 99}}
	}
	got := summary([]*result{
		{Target: "direct", Paced: paced(100, 300)},
		{Target: baseline, Saturation: chats(0.1), Paced: paced(150, 500), Memory: &memory{Streams: 1000, Before: 10 << 20, With: 60 << 20}},
		{Target: "other", Saturation: chats(0.05), Paced: paced(140, 290), Memory: &memory{Streams: 1000, Before: 10 << 20, With: 35 << 20}},
	})
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("CPU of the baseline", got[1].Figures.CPUPer10k, 1)
	near("CPU of the other", got[2].Figures.CPUPer10k, 0.5)
	near("its ratio", got[2].Ratios["cpu_per_10k"], 0.5)
	near("added p50", got[1].Figures.AddedP50, 50)
	near("added p99, never below nothing", got[2].Figures.AddedP99, 0)
	near("KB per stream", got[1].Figures.KBPerStream, 51.2)
	near("Pss", got[2].Figures.PssMB, 35)
	near("what was not measured", got[1].Figures.CPUPerMBurst, -1)
	if _, ok := got[2].Ratios["cpu_per_m_burst"]; ok || len(got[0].Ratios) > 0 {
		t.Errorf("ratios of what was not measured: %v, %v", got[0].Ratios, got[2].Ratios)
	}
}

func TestExternalTarget(t *testing.T) {
	for s, want := range map[string]process{
		"a=http://127.0.0.1:80":         {addr: "127.0.0.1:80"},
		"a=http://127.0.0.1:80,pid=123": {addr: "127.0.0.1:80", pid: 123},
	} {
		target, err := external(s)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := target.start()
		if target.name != "a" || p.addr != want.addr || p.pid != want.pid {
			t.Errorf("%s: %s at %+v", s, target.name, p)
		}
	}
	for _, s := range []string{"", "a", "=http://x:1", "a=x:1", "a=https://x:1", "a=http://x:1,pid=y"} {
		if _, err := external(s); err == nil {
			t.Errorf("%q passed", s)
		}
	}
}
