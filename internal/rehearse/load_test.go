package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// served is a transport that lets a handler answer without a network, so that time
// can be virtual. What the handler writes arrives when it writes it.
type served func(http.ResponseWriter, *http.Request)

// RoundTrip implements http.RoundTripper.
func (f served) RoundTrip(r *http.Request) (*http.Response, error) {
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: pw, began: make(chan int, 1)}
	go func() {
		f(w, r)
		w.WriteHeader(200)
		pw.Close()
	}()
	select {
	case status := <-w.began:
		context.AfterFunc(r.Context(), func() { pr.CloseWithError(r.Context().Err()) })
		return &http.Response{StatusCode: status, Header: w.header, Body: pr, Request: r}, nil
	case <-r.Context().Done():
		pr.CloseWithError(r.Context().Err())
		return nil, r.Context().Err()
	}
}

type pipeWriter struct {
	header http.Header
	body   *io.PipeWriter
	once   sync.Once
	began  chan int
}

func (w *pipeWriter) Header() http.Header    { return w.header }
func (w *pipeWriter) WriteHeader(status int) { w.once.Do(func() { w.began <- status }) }
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(200)
	return w.body.Write(b)
}

const whole = `{"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":20}}`

// loadOf is a crowd of twenty who write ten times a minute for a minute.
func loadOf(f served) *Load {
	return &Load{
		Crowd: Crowd{Users: 20, PerMinute: 10, Ramp: 10 * time.Second, For: time.Minute, Seed: 1},
		Traffic: Traffic{URL: "http://gateway.test", Route: Chat, Model: "gpt-4o", Key: "key-of-load",
			User: DefaultPrompt, System: DefaultSystem, MaxTokens: 512},
		Timeout: 10 * time.Second, Transport: f,
	}
}

func runLoad(t *testing.T, ctx context.Context, l *Load) *Report {
	t.Helper()
	r, err := l.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Against a server of known latencies every figure is right: nine of ten answers take a
// second, the tenth takes three.
func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		l := loadOf(func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1)%10 == 0 {
				time.Sleep(2 * time.Second)
			}
			time.Sleep(time.Second)
			fmt.Fprint(w, whole)
		})
		r := runLoad(t, t.Context(), l)
		if r.Samples != 200 || r.Answered != 200 || r.Failed != 0 || r.Unfinished != 0 || r.EndedEarly {
			t.Errorf("%+v", r)
		}
		if math.Abs(r.FullPerMinute-200) > 4 || r.Samples != int64(float64(r.Users)*r.PerUser) {
			t.Errorf("%v a minute, want 200 to within 2 %%", r.FullPerMinute)
		}
		if got, want := r.PerMinute, 200/(r.Elapsed/60); math.Abs(got-want) > 1e-6 || r.Elapsed < 65 || r.Elapsed > 75 {
			t.Errorf("%v a minute in %v s", got, r.Elapsed)
		}
		s := r.Latency
		for what, c := range map[string][2]float64{
			"average": {s.Average, 1.2}, "median": {s.Median, 1}, "p90": {s.P90, 1}, "p95": {s.P95, 3}, "p99": {s.P99, 3},
			"min": {s.Min, 1}, "max": {s.Max, 3}, "deviation": {s.Deviation, 0.6},
		} {
			if math.Abs(c[0]-c[1]) > 0.008*c[1] {
				t.Errorf("%s = %v, want %v", what, c[0], c[1])
			}
		}
		if r.Tokens.Prompt != 6000 || r.Tokens.Completion != 4000 || r.Tokens.Total != 10_000 || r.FirstToken != nil || r.Late.Max != 0 {
			t.Errorf("tokens %+v, first token %v, late %v", r.Tokens, r.FirstToken, r.Late)
		}
		if diff := cmp.Diff([]Status{{Status: 200, Count: 200}}, r.Kinds); diff != "" {
			t.Error(diff)
		}
	})
}

// A load is open: answers that never come keep nobody from writing when it is due, and
// each is given up in its time.
func TestOpenLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loadOf(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		l.Timeout = 40 * time.Second
		r := runLoad(t, t.Context(), l)
		if r.Samples != 200 || r.Failed != 200 || r.Kinds[0].Code != "timeout" || r.Kinds[0].Status != 0 || r.Kinds[0].Count != 200 {
			t.Errorf("%+v", r)
		}
		if r.Elapsed < 100 || r.Elapsed > 110 {
			t.Errorf("it took %v s, want the last message's minute, ramp and timeout", r.Elapsed)
		}
	})
}

// Of streams the first token is timed; one that breaks off is an error and no sample of
// latency.
func TestStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		l := loadOf(func(w http.ResponseWriter, r *http.Request) {
			var body struct {
				Stream  bool
				Options struct {
					Usage bool `json:"include_usage"`
				} `json:"stream_options"`
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || !body.Stream || !body.Options.Usage {
				t.Errorf("asked for %+v, %v", body, err)
			}
			time.Sleep(300 * time.Millisecond)
			fmt.Fprint(w, `data: {"choices":[{"delta":{"content":"Hi"}}]}`+"\n\n")
			time.Sleep(700 * time.Millisecond)
			if n.Add(1)%4 > 0 {
				fmt.Fprint(w, "data: "+whole+"\n\ndata: [DONE]\n\n")
			}
		})
		l.Stream = true
		r := runLoad(t, t.Context(), l)
		if r.Answered != 150 || r.Failed != 50 || r.FirstToken == nil || r.FirstToken.Count != 150 {
			t.Fatalf("%+v", r)
		}
		if math.Abs(r.FirstToken.P99-0.3) > 0.003 || math.Abs(r.Latency.Median-1) > 0.008 {
			t.Errorf("first token %+v, answer %+v", r.FirstToken, r.Latency)
		}
		if k := r.Kinds[1]; k.Status != 200 || k.Code != "broken off" || k.Count != 50 {
			t.Errorf("%+v", r.Kinds)
		}
	})
}

// Errors are counted by status and code, each with the first thing that it said; what a
// refusal tells to wait is summed up, and credentials that a server repeats are hidden.
func TestErrorKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		l := loadOf(nil)
		l.Transport = failing(func(w http.ResponseWriter, r *http.Request) error {
			switch i := n.Add(1); i % 4 {
			case 0:
				return fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
			case 1:
				w.Header().Set("retry-after-ms", "2500")
				w.WriteHeader(429)
				fmt.Fprintf(w, `{"error":{"code":"rate_limit_exceeded","message":"refusal %d of %s"}}`, i, r.Header.Get("api-key"))
			case 2:
				w.WriteHeader(429)
				fmt.Fprint(w, `{"error":{"code":"insufficient_quota","message":"spent"}}`)
			default:
				fmt.Fprint(w, whole)
			}
			return nil
		})
		r := runLoad(t, t.Context(), l)
		want := []Status{
			{Status: 0, Code: "connection refused", Count: 50, Message: "dial: connection refused"}, {Status: 200, Count: 50},
			{Status: 429, Code: "insufficient_quota", Count: 50, Message: "spent"},
			{Status: 429, Code: "rate_limit_exceeded", Count: 50, Message: "refusal 1 of [hidden]"},
		}
		if diff := cmp.Diff(want, r.Kinds); diff != "" {
			t.Error(diff)
		}
		if r.RetryAfter.Count != 50 || r.RetryAfter.Average != 2.5 || r.Failed != 150 || r.Answered != 50 {
			t.Errorf("%+v", r)
		}
		if text, _ := json.Marshal(r); bytes.Contains(text, []byte("key-of-load")) {
			t.Errorf("the report tells the key: %s", text)
		}
	})
}

// failing is served, and may fail instead before it wrote anything.
type failing func(http.ResponseWriter, *http.Request) error

// RoundTrip implements http.RoundTripper.
func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// However many kinds of errors a server invents, what is kept is bounded.
func TestKindsAreBounded(t *testing.T) {
	r := newRecorder(time.Now())
	for i := range 1000 {
		r.attempt(&answer{status: 400 + i%3, code: fmt.Sprint("code-", i)})
	}
	var sum int64
	for _, s := range r.kinds {
		sum += s.Count
	}
	if len(r.kinds) > maxKinds+3 || sum != 1000 {
		t.Errorf("%d kinds of %d answers", len(r.kinds), sum)
	}
}

// With retries a message comes again as SDKs do, after what it was told, and counts
// once; without, or when told not to, it does not.
func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		retry         bool
		header, value string
		answered      int64
		retries       int64
		seconds       float64
	}{
		"told in milliseconds": {true, "retry-after-ms", "1500", 20, 20, 1.5},
		"told in seconds":      {true, "retry-after", "3", 20, 20, 3},
		"told too long":        {true, "retry-after", "90", 20, 20, 0.44}, // SDKs back off instead
		"told not to":          {true, "x-should-retry", "false", 0, 0, 0},
		"a load is a load":     {false, "retry-after-ms", "1500", 0, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := loadOf(nil)
			l.PerMinute = 1
			seen := make(map[string]bool)
			var mu sync.Mutex
			l.Route, l.Code, l.Retry = V1, "MyEvent2026", c.retry // a key for each user
			l.Transport = served(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				who := r.Header.Get("api-key")
				if seen[who] {
					fmt.Fprint(w, whole)
					return
				}
				seen[who] = true
				w.Header().Set(c.header, c.value)
				w.WriteHeader(429)
			})
			r := runLoad(t, t.Context(), l)
			if r.Samples != 20 || r.Answered != c.answered || r.Failed != 20-c.answered || r.Retries != c.retries {
				t.Errorf("%s: %+v", name, r)
			}
			if math.Abs(r.Latency.Median-c.seconds) > 0.15*c.seconds {
				t.Errorf("%s: %v s, want %v", name, r.Latency.Median, c.seconds)
			}
		})
	}
}

// A load that is stopped ends at once and reports what was so far; what nobody waited
// for is no error.
func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		l := loadOf(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(4 * time.Second):
				fmt.Fprint(w, whole)
			}
		})
		r := runLoad(t, ctx, l)
		if !r.EndedEarly || r.Elapsed != 30 || r.Failed != 0 || r.Unfinished == 0 || r.Answered == 0 || r.Samples != r.Answered+r.Unfinished {
			t.Errorf("%+v", r)
		}
		synctest.Wait()
	})
}

// Progress tells of the last minute, each second and at the end.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loadOf(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(500 * time.Millisecond)
			fmt.Fprint(w, whole)
		})
		l.For = 2 * time.Minute
		var told []Progress
		l.Every, l.Tell = time.Second, func(p Progress) { told = append(told, p) }
		r := runLoad(t, t.Context(), l)
		if len(told) < 120 || told[len(told)-1].Answered != r.Answered {
			t.Fatalf("told %d times, at last %+v", len(told), told[len(told)-1])
		}
		p := told[89]
		if p.Elapsed != 90*time.Second || p.Users != 20 || math.Abs(p.PerMinute-200) > 8 || math.Abs(p.TokensPerMinute-10_000) > 400 || p.Failed != 0 {
			t.Errorf("%+v", p)
		}
		if math.Abs(p.Median.Seconds()-0.5) > 0.004 || told[0].Users != 3 {
			t.Errorf("%+v, first %+v", p, told[0])
		}
	})
}

// Over a real connection a user's messages share it, and nobody is led elsewhere by a
// redirect.
func TestConnections(t *testing.T) {
	var conns atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("api-key") != "key-of-load" || r.URL.String() != "/gw/openai/deployments/my%20model/chat/completions?api-version=2024-10-21" {
			t.Errorf("%s with %v", r.URL, r.Header)
		}
		w.Header().Set("Location", "http://elsewhere.test/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	l := loadOf(nil)
	l.Transport, l.URL, l.Model = nil, server.URL+"/gw/", "my model"
	l.Crowd = Crowd{Users: 2, PerMinute: 6000, For: 500 * time.Millisecond}
	r := runLoad(t, t.Context(), l)
	if r.Samples != 100 || len(r.Kinds) != 1 || r.Kinds[0].Status != 307 || conns.Load() > 20 {
		t.Errorf("%d connections, %+v", conns.Load(), r)
	}
}

// What makes no sense is refused before anything is sent.
func TestLoadRefuses(t *testing.T) {
	for name, change := range map[string]func(*Load){
		"no URL": func(l *Load) { l.URL = "gateway.test" }, "a key in the URL": func(l *Load) { l.URL = "http://u:secret@gateway.test" },
		"no route": func(l *Load) { l.Route = "x" }, "no key": func(l *Load) { l.Key = "" }, "no model": func(l *Load) { l.Model = "" },
		"no code": func(l *Load) { l.Route = Prompt }, "no prompt": func(l *Load) { l.User = "" }, "no cap": func(l *Load) { l.MaxTokens = 0 },
		"no streams": func(l *Load) { l.Route, l.Code, l.Stream = Prompt, "MyEvent", true },
		"a line":     func(l *Load) { l.Key = "a\r\nb" }, "no users": func(l *Load) { l.Users = 0 }, "no timeout": func(l *Load) { l.Timeout = 0 },
	} {
		l := loadOf(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
		change(l)
		if _, err := l.Run(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
