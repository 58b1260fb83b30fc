package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// warmUp is how long a load runs before it counts.
const warmUp = 300 * time.Millisecond

const (
	chatPath  = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
	callerKey = "bench-caller-key-0123456789abcdef"
)

// sample is what the load saw in its time.
type sample struct {
	Requests int     `json:"requests"`
	Chunks   int     `json:"chunks"`
	Errors   int     `json:"errors"`
	Problem  string  `json:"problem,omitempty"` // the first error
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50_us,omitempty"`
	P99      float64 `json:"p99_us,omitempty"`
}

// loader sends requests over connections of its own, each with a goroutine.
type loader struct {
	addr   string
	conns  int
	rate   int // requests a second, open loop; 0 is one after another
	chunks int // of each stream; -1 asks for no stream
	delay  time.Duration
	hold   bool // stay behind the first event

	counting                 atomic.Bool
	requests, events, errors atomic.Int64
	problem                  atomic.Pointer[string]
	mu                       sync.Mutex
	latencies                []time.Duration
}

// runLoad applies one kind of load and prints, in lines: "start" when it is
// steady, "end" when it counts no more, and the sample as JSON. With -hold it
// prints "open" when all streams are, and keeps them until its standard input ends.
func runLoad(args []string) error {
	var l loader
	set := flag.NewFlagSet("load", flag.ContinueOnError)
	set.StringVar(&l.addr, "addr", "", "")
	set.IntVar(&l.conns, "conns", 1, "")
	set.IntVar(&l.rate, "rate", 0, "")
	set.IntVar(&l.chunks, "chunks", -1, "")
	set.DurationVar(&l.delay, "delay", 0, "")
	set.BoolVar(&l.hold, "hold", false, "")
	warm := set.Duration("warm", warmUp, "")
	span := set.Duration("for", time.Second, "")
	if err := set.Parse(args); err != nil {
		return err
	}
	if l.hold {
		return l.holdOpen()
	}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	began := time.Now()
	for i := range l.conns {
		wg.Go(func() { l.drive(i, began, ended) })
	}
	time.Sleep(*warm)
	fmt.Println("start")
	l.counting.Store(true)
	started := time.Now()
	time.Sleep(*span)
	l.counting.Store(false)
	took := time.Since(started)
	fmt.Println("end")
	close(ended)
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(l.sample(took))
}

func (l *loader) sample(took time.Duration) sample {
	s := sample{Requests: int(l.requests.Load()), Chunks: int(l.events.Load()), Errors: int(l.errors.Load()), Seconds: took.Seconds()}
	if p := l.problem.Load(); p != nil {
		s.Problem = *p
	}
	if n := len(l.latencies); n > 0 {
		slices.Sort(l.latencies)
		s.P50 = float64(l.latencies[n/2].Nanoseconds()) / 1e3
		s.P99 = float64(l.latencies[n*99/100].Nanoseconds()) / 1e3
	}
	return s
}

// drive keeps one connection busy until ended.
func (l *loader) drive(i int, began time.Time, ended <-chan struct{}) {
	var c *client
	defer func() {
		if c != nil {
			c.nc.Close()
		}
	}()
	raw := request(l.chunks, l.delay)
	if l.delay > 0 { // so that not all streams speak at once
		time.Sleep(rand.N(l.delay))
	}
	for n := 0; ; n++ {
		due := time.Time{}
		if l.rate > 0 {
			// Each connection has its share of the schedule. When an answer is
			// late, the next request is late too, and its latency says so.
			due = began.Add(time.Duration(n*l.conns+i) * time.Second / time.Duration(l.rate))
			time.Sleep(time.Until(due))
		}
		select {
		case <-ended:
			return
		default:
		}
		if c == nil {
			var err error
			if c, err = dial(l.addr); err != nil {
				l.failed(err)
				time.Sleep(10 * time.Millisecond)
				continue
			}
		}
		if err := c.exchange(raw, l); err != nil {
			l.failed(err)
			c.nc.Close()
			c = nil
			continue
		}
		l.done(due)
	}
}

func (l *loader) failed(err error) {
	if !l.counting.Load() {
		return
	}
	l.errors.Add(1)
	text := err.Error()
	l.problem.CompareAndSwap(nil, &text)
}

func (l *loader) done(due time.Time) {
	if !l.counting.Load() {
		return
	}
	l.requests.Add(1)
	if !due.IsZero() {
		took := time.Since(due)
		l.mu.Lock()
		l.latencies = append(l.latencies, took)
		l.mu.Unlock()
	}
}

// holdOpen opens all streams, waits for the first event of each, and keeps them.
func (l *loader) holdOpen() error {
	raw := request(l.chunks, l.delay)
	for range l.conns {
		c, err := dial(l.addr)
		if err != nil {
			return err
		}
		defer c.nc.Close()
		if _, err := c.nc.Write(raw); err != nil {
			return err
		}
		if _, err := c.head(); err != nil {
			return err
		}
		if n, err := c.chunk(); err != nil || n == 0 {
			return fmt.Errorf("no first event: %w", errors.Join(err, io.ErrUnexpectedEOF))
		}
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// request is a chat completion as an SDK sends it, ready for the wire.
func request(chunks int, delay time.Duration) []byte {
	body := `{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant who answers briefly and to the point."},` +
		`{"role":"user","content":"` + strings.Repeat("Tell me about the quick brown fox. ", 5) + `"}],"temperature":0.7,"max_tokens":256`
	if chunks >= 0 {
		body += `,"stream":true,"stream_options":{"include_usage":true},"seed":` + strconv.Itoa(seed(chunks, delay))
	}
	if chunks < 0 && delay > 0 {
		body += `,"seed":` + strconv.Itoa(seed(0, delay))
	}
	body += "}"
	return []byte("POST " + chatPath + " HTTP/1.1\r\nHost: gateway.example\r\nUser-Agent: bench\r\nAccept: application/json\r\n" +
		"Content-Type: application/json\r\napi-key: " + callerKey + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// client is one connection to a target.
type client struct {
	nc net.Conn
	br *bufio.Reader
}

func dial(addr string) (*client, error) {
	nc, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return newClient(nc), nil
}

func newClient(nc net.Conn) *client { return &client{nc, bufio.NewReader(nc)} }

// exchange sends a request and checks that the whole answer came.
func (c *client) exchange(raw []byte, l *loader) error {
	c.nc.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.nc.Write(raw); err != nil {
		return err
	}
	length, err := c.head()
	if err != nil {
		return err
	}
	want := len(completion)
	if l.chunks >= 0 {
		want, _ = streamed(l.chunks)
	}
	got := length
	if length >= 0 {
		if _, err := c.br.Discard(length); err != nil {
			return err
		}
	} else {
		got = 0
		part := want / max(l.chunks+4, 1)
		for {
			n, err := c.chunk()
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			if l.chunks >= 0 && l.counting.Load() {
				// Events are counted as they come, by their bytes: a proxy may cut them anew.
				l.events.Add(int64((got+n)/part - got/part))
			}
			got += n
		}
	}
	if got != want {
		return fmt.Errorf("a body of %d bytes, want %d", got, want)
	}
	return nil
}

// head reads the answer's header and returns the body's length, -1 for chunks.
func (c *client) head() (length int, err error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
		status := string(bytes.TrimSpace(line))
		rest, _ := io.ReadAll(io.LimitReader(c.br, int64(c.br.Buffered())))
		_, body, _ := bytes.Cut(rest, []byte("\r\n\r\n"))
		return 0, fmt.Errorf("%s: %.200s", status, body)
	}
	length = -1
	for {
		line, err := c.br.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			return length, nil
		}
		const name = "content-length:"
		if len(line) > len(name) && line[7] == '-' && bytes.EqualFold(line[:len(name)], []byte(name)) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(name):]))); err != nil {
				return 0, err
			}
		}
	}
}

// chunk reads one chunk and returns its length, 0 for the last.
func (c *client) chunk() (int, error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
	if err != nil {
		return 0, err
	}
	_, err = c.br.Discard(int(n) + 2)
	return int(n), err
}
