package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/rehearse"
)

// Ctrl-C ends a load early, and the report is of what was until then.
func TestLoadStops(t *testing.T) {
	t.Setenv("TALLYGATE_KEY", "key-of-load")
	ctx, stop := context.WithCancel(t.Context())
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does a server notice who leaves
		if seen.Add(1) == 5 {
			stop()
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"usage":{"prompt_tokens":30,"completion_tokens":20}}`)
	}))
	defer server.Close()
	var out, words bytes.Buffer
	code := run(ctx, []string{"load", server.URL, "--users", "1", "--ramp", "0s", "--per-minute", "600"}, strings.NewReader(""), &out, &words)
	if code != exitOK || !strings.Contains(words.String(), "ended early\n") {
		t.Errorf("exit %d, stderr %s", code, words.String())
	}
	for _, want := range []string{"samples                    5  in ", "answered                   4\n", "and 1 not waited for\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// The report fits 80 columns when everything in it is large, and shows no control
// characters that a server sent.
func TestLoadReport(t *testing.T) {
	s := rehearse.Summary{Count: 9, Average: 61.25, Median: 59.99, P90: 83.21, P95: 93.21, P99: 119.3, Min: 0.0123, Max: 120, Deviation: 31.23}
	r := &rehearse.Report{
		Endpoint: "https://gateway.example.com", Route: rehearse.Chat, Model: "gpt-4o", Users: 100_000, PerUser: 2.5, MaxTokens: 16_384,
		Elapsed: 86_400, Samples: 12_345_678, Answered: 12_000_000, Failed: 345_670, Unfinished: 8, Retries: 12_345,
		PerMinute: 249_999.9, FullPerMinute: 250_000, Latency: s, FirstToken: &s, RetryAfter: s,
		Tokens: rehearse.Tokens{Prompt: 1, Completion: 2, Total: 3, PerMinute: 1e9},
		Kinds:  []rehearse.Status{{Status: 429, Code: "rate_limit_exceeded", Count: 345_670, Message: "\x1b[31m" + strings.Repeat("long ", 40)}},
	}
	var out bytes.Buffer
	if err := writeLoad(&out, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("a server's control characters pass")
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(line)) - 1; n > console.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"100,000 users, 2.5 messages a minute each", "12,345,678  in 24h\n", "with 12,345 messages sent again", "first token      1m1s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// Seconds are written with the digits that say something.
func TestSpan(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0", 0.000_05: "50µs", 0.0021: "2.1ms", 0.0123: "12ms", 0.987_6: "988ms", 1.234: "1.23s", 9.999: "10.00s", 17.46: "17.5s",
		60: "1m", 299.6: "5m", 360.2: "6m", 3725: "1h2m5s", 36_000: "10h",
	} {
		if got := span(seconds); got != want {
			t.Errorf("%v is %s, want %s", seconds, got, want)
		}
	}
}

// How it is going fits a terminal's line.
func TestProgressLine(t *testing.T) {
	line := progressLine(rehearse.Progress{Elapsed: 59*time.Minute + 59*time.Second, Users: 1000, Failed: 99, PerMinute: 9_999,
		TokensPerMinute: 9_999_999, Median: 17 * time.Second, P95: 119 * time.Second})
	if line != "59m59s  1,000 users  9,999 req/min  p50 17.0s  p95 1m59s  99 errors  9,999,999 tokens/min" {
		t.Error(line)
	}
}

// What a refusal says is told in full, over as many lines as it takes; and where one
// attendee's limit refused what all users sent as one guest, that is said.
func TestLoadTellsLimits(t *testing.T) {
	const message = `Your requests have exceeded the limit "event my-event, each attendee: 5 requests a minute". Please retry after 42 seconds.`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprintf(w, `{"error":{"code":"RateLimitReached","message":%q}}`, message)
	}))
	defer server.Close()
	const hint = "all users are the one attendee guest"
	for route, hinted := range map[string]bool{"oai_prompt": true, "v1": false} {
		code, out, words := inProcess(t, "load", server.URL, "--code", "myevent", "--route", route, "--users", "2", "--ramp", "0s", "--for", "200ms", "--per-minute", "300")
		if code != exitOK || strings.Contains(words, hint) != hinted {
			t.Errorf("%s: exit %d, stderr %s", route, code, words)
		}
		if whole := strings.Join(strings.Fields(out), " "); !strings.Contains(whole, message) {
			t.Errorf("%s: the refusal is cut in\n%s", route, out)
		}
	}
}
