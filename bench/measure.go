package main

import (
	"fmt"
	"time"
)

// schedule says how much is measured.
type schedule struct {
	rounds       int
	chat, stream time.Duration // of each figure, each round
	streams      int           // held open for the memory figures
	saturate     time.Duration // of load before the figure of what comes after it
	after        time.Duration // of that figure
}

// result is what was measured of one target, a value for each round.
type result struct {
	Target string `json:"target"`
	// Saturation and Paced are non-streaming chats: 64 connections one after
	// another, and 1,000 a second open loop.
	Saturation []point `json:"saturation"`
	Paced      []point `json:"paced"`
	// Slow is Paced with an upstream that takes 20 ms to answer.
	Slow []point `json:"slow"`
	// After is Paced at once after a burst that fills the proxy's core.
	After []point `json:"after_a_burst"`
	// Burst and Streams are streams of 50 chunks: 16 at a time without delay, and
	// 200 at a time with 20 ms between chunks.
	Burst   []point `json:"burst"`
	Streams []point `json:"streams"`
	// Memory is with open idle streams, in a fresh process.
	Memory *memory `json:"memory,omitempty"`
	// MemoryFull is Memory of a gateway whose ledger holds a month's entries.
	MemoryFull *memory `json:"memory_full_ledger,omitempty"`
	// Allocs is allocations a non-streaming chat, where the target tells.
	Allocs []float64 `json:"allocations,omitempty"`
}

// point is one load's sample with the target's CPU time over it.
type point struct {
	sample
	CPU float64 `json:"cpu_seconds"`
}

// memory is Pss in bytes, before and with the streams.
type memory struct {
	Streams int   `json:"streams"`
	Before  int64 `json:"before_bytes"`
	With    int64 `json:"with_bytes"`
}

func (r *result) errors() int {
	n := 0
	for _, points := range [][]point{r.Saturation, r.Paced, r.Slow, r.After, r.Burst, r.Streams} {
		for _, p := range points {
			n += p.Errors
		}
	}
	return n
}

// chunksPerStream is the length of the streams, in content chunks.
const chunksPerStream = 50

// measure goes over all targets in every round, so that all see the machine in
// the same moods.
func (l *lab) measure(targets []*target, s schedule) ([]*result, error) {
	results := make([]*result, len(targets))
	for i, t := range targets {
		results[i] = &result{Target: t.name}
		var err error
		if results[i].Memory, err = l.memoryOf(t.start, s.streams); err == nil && t.full != nil {
			results[i].MemoryFull, err = l.memoryOf(t.full, s.streams)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	running := make([]*process, len(targets))
	for i, t := range targets {
		var err error
		if running[i], err = t.start(); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	for round := range s.rounds {
		for i, t := range targets {
			fmt.Fprintf(l.out, "round %d of %d: %s\n", round+1, s.rounds, t.name)
			if err := l.round(t, running[i], results[i], s); err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	return results, nil
}

// memoryOf measures the memory of a fresh process; nil when it is not ours to measure.
func (l *lab) memoryOf(start func() (*process, error), streams int) (*memory, error) {
	p, err := start()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if p.pid == 0 {
		return nil, nil
	}
	m, err := l.memory(p, streams)
	if err != nil {
		return nil, fmt.Errorf("open streams: %w", err)
	}
	return m, nil
}

// round measures every figure of one target once.
func (l *lab) round(t *target, p *process, r *result, s schedule) error {
	var before float64
	if t.metrics != "" {
		var err error
		if before, err = mallocs(t.metrics); err != nil {
			fmt.Fprintln(l.out, "no count of allocations:", err)
			t.metrics = ""
		}
	}
	for _, load := range []struct {
		into *[]point
		args []string
	}{
		{&r.Saturation, []string{"-conns", "64", "-for", s.chat.String()}},
		{&r.Paced, []string{"-conns", "64", "-rate", "1000", "-for", s.chat.String()}},
		{&r.Slow, []string{"-conns", "64", "-rate", "1000", "-delay", "20ms", "-for", s.chat.String()}},
		{nil, []string{"-conns", "64", "-for", s.saturate.String()}},
		{&r.After, []string{"-conns", "64", "-rate", "1000", "-warm", "0s", "-for", s.after.String()}},
		{&r.Burst, []string{"-conns", "16", "-chunks", fmt.Sprint(chunksPerStream), "-for", s.stream.String()}},
		{&r.Streams, []string{"-conns", "200", "-chunks", fmt.Sprint(chunksPerStream), "-delay", "20ms", "-warm", "500ms", "-for", s.stream.String()}},
	} {
		if p.pid == 0 && (load.into == &r.Burst || load.into == &r.Streams) {
			continue // streams are measured by CPU alone
		}
		pt, err := l.point(p, load.args)
		if err != nil {
			return err
		}
		if pt.Problem != "" {
			fmt.Fprintf(l.out, "%s: %d wrong answers, the first: %s\n", t.name, pt.Errors, pt.Problem)
		}
		if load.into == nil {
			continue // it was only to fill the core
		}
		*load.into = append(*load.into, pt)
		if load.into == &r.Saturation && t.metrics != "" {
			// The warm-up's requests count too: their number follows from the time.
			chats := float64(pt.Requests) * (1 + warmUp.Seconds()/pt.Seconds)
			if after, err := mallocs(t.metrics); err == nil && chats > 0 {
				r.Allocs = append(r.Allocs, (after-before)/chats)
			}
		}
	}
	return nil
}

func (l *lab) point(p *process, args []string) (point, error) {
	var pt point
	var began time.Duration
	var err error
	pt.sample, err = l.load(append([]string{"-addr", p.addr}, args...), func(start bool) {
		switch {
		case p.pid == 0:
		case start:
			began = cpuTime(p.pid)
		default:
			pt.CPU = (cpuTime(p.pid) - began).Seconds()
		}
	})
	return pt, err
}

// memory opens streams that then say nothing, and compares.
func (l *lab) memory(p *process, streams int) (*memory, error) {
	if _, err := l.point(p, []string{"-conns", "4", "-chunks", "2", "-for", "200ms"}); err != nil {
		return nil, err
	}
	m := &memory{Streams: streams, Before: pss(p.pid)}
	_, err := l.load([]string{"-addr", p.addr, "-hold", "-conns", fmt.Sprint(streams), "-chunks", "1", "-delay", "60s"}, func(bool) {
		time.Sleep(1500 * time.Millisecond)
		m.With = pss(p.pid)
	})
	return m, err
}
