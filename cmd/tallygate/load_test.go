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
