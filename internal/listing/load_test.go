package listing

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/rehearse"
)

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
	if err := Load(&out, r); err != nil {
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

// How it is going fits a terminal's line.
func TestProgressLine(t *testing.T) {
	line := Progress(rehearse.Progress{Elapsed: 59*time.Minute + 59*time.Second, Users: 1000, Failed: 99, PerMinute: 9_999,
		TokensPerMinute: 9_999_999, Median: 17 * time.Second, P95: 119 * time.Second})
	if line != "59m59s  1,000 users  9,999 req/min  p50 17.0s  p95 1m59s  99 errors  9,999,999 tokens/min" {
		t.Error(line)
	}
}
