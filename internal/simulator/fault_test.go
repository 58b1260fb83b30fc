package simulator_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate/internal/simulator"
)

func script(t *testing.T, s *simulator.Simulator, faults ...simulator.Fault) {
	t.Helper()
	s.ClearFaults()
	for _, f := range faults {
		if _, err := s.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
}

var streamed = chat("[[tokens=20]]", `"stream":true`)

// A fault hits the requests it names, after so many, so often, by its chance.
func TestFaultMatching(t *testing.T) {
	s := start(t, config())
	statuses := func(n int, target, body string) (out []int) {
		for range n {
			out = append(out, post(t, s, target, body).Code)
		}
		return out
	}
	v1 := `{"model":"gpt-4o",` + helloBody[1:]
	script(t, s, simulator.Fault{Kind: simulator.Status, Status: 500, After: 1, Count: 2, Deployment: "GPT-4o"})
	if diff := cmp.Diff([]int{200, 500, 500, 200}, statuses(4, chatV1, v1)); diff != "" {
		t.Error(diff)
	}
	for _, f := range []simulator.Fault{{Resource: "two"}, {Deployment: "o4-mini"}, {Operation: "embeddings"}, {Kind: simulator.Truncate}} {
		if f.Kind == "" {
			f.Kind, f.Status = simulator.Status, 500
		}
		script(t, s, f)
		if diff := cmp.Diff([]int{200}, statuses(1, chatV1, v1)); diff != "" {
			t.Errorf("%+v: %s", f, diff)
		}
	}
	script(t, s, simulator.Fault{Kind: simulator.Status, Status: 500, Probability: 0.3})
	hits := 0
	for _, code := range statuses(1000, chatV1, v1) {
		if code == 500 {
			hits++
		}
	}
	if hits < 230 || hits > 370 {
		t.Errorf("a chance of 0.3 hit %d of 1000", hits)
	}
	if f := s.Faults(); len(f) != 1 || f[0].Hits != hits || f[0].Seen != 1000 {
		t.Errorf("Faults = %+v", f)
	}
	for _, bad := range []simulator.Fault{{}, {Kind: "smoke"}, {Kind: simulator.Status, Status: 200},
		{Kind: simulator.Reset, Probability: 2}, {Kind: simulator.Reset, Count: -1}, {Kind: simulator.Reset, Body: "x"}} {
		if _, err := s.AddFault(bad); err == nil {
			t.Errorf("AddFault takes %+v", bad)
		}
	}
}

// Each status has its canonical body, and what it says about trying again is as the
// script wants it.
func TestFaultStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, config())
		for _, c := range []struct {
			fault  simulator.Fault
			says   string
			header map[string]string
		}{
			{simulator.Fault{Status: 408}, `{"error":{"code":"Timeout","message":"The operation was timeout."}}`, nil},
			{simulator.Fault{Status: 500}, `"type":"server_error"`, nil},
			{simulator.Fault{Status: 502}, `<html>`, nil},
			{simulator.Fault{Status: 503, RetryAfter: "7"}, `"ServiceUnavailable"`, map[string]string{"retry-after": "7"}},
			{simulator.Fault{Status: 429}, `Please retry after 10 seconds`, nil},
			{simulator.Fault{Status: 429, RetryAfter: "86400"}, `retry after 86400 seconds`, map[string]string{"retry-after": "86400"}},
			{simulator.Fault{Status: 429, RetryAfter: "250ms"}, `retry after 1 seconds`,
				map[string]string{"retry-after": "1", "retry-after-ms": "250"}},
			{simulator.Fault{Status: 429, RetryAfter: "date", RetryIn: time.Minute}, ``,
				map[string]string{"retry-after": "Sat, 01 Jan 2000 00:01:00 GMT"}},
			{simulator.Fault{Status: 429, RetryAfter: "soon-ish"}, ``, map[string]string{"retry-after": "soon-ish"}},
			{simulator.Fault{Status: 429, RetryAfter: "none", Body: simulator.NoCapacity}, `"no_capacity"`, nil},
			{simulator.Fault{Status: 429, Body: simulator.Provisioned}, `Provisioned-Managed`, nil},
			{simulator.Fault{Status: 418, Raw: "tea", Header: map[string]string{"x-pot": "1"}}, "tea", map[string]string{"x-pot": "1"}},
		} {
			c.fault.Kind = simulator.Status
			script(t, s, c.fault)
			w := post(t, s, chatPath, helloBody)
			if want := c.header; want == nil {
				c.header = map[string]string{}
			}
			if diff := cmp.Diff(c.header, headers(w, "retry-after", "retry-after-ms", "x-pot")); w.Code != c.fault.Status ||
				!strings.Contains(w.Body.String(), c.says) || diff != "" {
				t.Errorf("%+v: %d %s\n%s", c.fault, w.Code, w.Body, diff)
			}
		}
	})
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.Garbage, Gzip: true})
	w := post(t, s, chatPath, helloBody)
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Code != 502 || w.Header().Get("content-encoding") != "gzip" || w.Header().Get("content-type") != "text/html" {
		t.Fatalf("gzip'd garbage: %d %v %v", w.Code, w.Header(), err)
	}
	if b, _ := io.ReadAll(z); !strings.Contains(string(b), "502 Bad Gateway") {
		t.Errorf("garbage = %s", b)
	}
}

// A stream breaks where and how the script says.
func TestFaultsInStreams(t *testing.T) {
	s := start(t, config())
	whole := post(t, s, chatPath, streamed).Body.String()
	run := func(f simulator.Fault) string {
		script(t, s, f)
		w := post(t, s, chatPath, streamed)
		wantStatus(t, w, 200)
		return w.Body.String()
	}
	if got := events(t, run(simulator.Fault{Kind: simulator.Truncate, Chunks: 5})); len(got) != 5 {
		t.Errorf("truncated after %d events", len(got))
	}
	got := run(simulator.Fault{Kind: simulator.TruncateJSON, Chunks: 5})
	if n := strings.Count(got, "\n\n"); n != 5 || strings.HasSuffix(got, "\n\n") || !strings.HasPrefix(got[strings.LastIndex(got, "data:"):], "data: {") {
		t.Errorf("cut inside the JSON: %q", got[len(got)-80:])
	}
	list := events(t, run(simulator.Fault{Kind: simulator.ErrorEvent, Chunks: 4}))
	if len(list) != 5 || at(t, []byte(list[4]), "error", "type") != "server_error" {
		t.Errorf("error event: %v", list)
	}
	if got := run(simulator.Fault{Kind: simulator.NoUsage}); strings.Contains(got, "completion_tokens") {
		t.Errorf("usage in %s", got)
	}
	dribbled := run(simulator.Fault{Kind: simulator.Dribble, Chunks: 3})
	if len(dribbled) != len(whole) {
		t.Errorf("dribbled %d bytes of %d", len(dribbled), len(whole))
	}
	script(t, s, simulator.Fault{Kind: simulator.Refusal, RetryAfter: "12"})
	w := post(t, s, chatPath, streamed)
	list = events(t, w.Body.String())
	if w.Code != 200 || w.Header().Get("retry-after") != "12" || len(list) != 2 || at(t, []byte(list[1]), "error", "code") != "no_capacity" {
		t.Errorf("refusal inside a 200: %v %v", w.Header(), list)
	}
	if w := post(t, s, chatPath, helloBody); w.Code != 429 {
		t.Errorf("refusal of a whole answer: %d", w.Code)
	}
}

// Faults that keep still use their own time, and notice when the client leaves.
func TestStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, config())
		for _, f := range []simulator.Fault{
			{Kind: simulator.Stall, Delay: 9 * time.Second},
			{Kind: simulator.StallStream, Chunks: 3, Delay: 9 * time.Second},
		} {
			script(t, s, f)
			from := time.Now()
			w := post(t, s, chatPath, streamed)
			if took := time.Since(from); took != 9*time.Second || !strings.HasSuffix(w.Body.String(), "[DONE]\n\n") {
				t.Errorf("%s took %v", f.Kind, took)
			}
			f.Delay = 0 // for ever
			script(t, s, f)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, chatPath, strings.NewReader(streamed))
			r.Header.Set("api-key", "key-1")
			from = time.Now()
			s.ServeHTTP(httptest.NewRecorder(), r)
			cancel()
			if took := time.Since(from); took != time.Hour {
				t.Errorf("%s without end took %v", f.Kind, took)
			}
		}
		if c := s.Counters()["one/gpt-4o"]; c.Canceled != 2 || c.Faulted != 4 {
			t.Errorf("counters = %+v", c)
		}
	})
}

// Over a real connection a reset is a reset, before the answer and within it, and slow
// headers come line by line.
func TestFaultsOnTheWire(t *testing.T) {
	s := start(t, config())
	for name, server := range map[string]*httptest.Server{"http": httptest.NewServer(s), "https": httptest.NewTLSServer(s)} {
		t.Cleanup(server.Close)
		client := server.Client()
		client.Transport.(*http.Transport).DisableKeepAlives = true
		do := func(body string) (*http.Response, error) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("api-key", "key-1")
			return client.Do(r)
		}
		script(t, s, simulator.Fault{Kind: simulator.Reset})
		if resp, err := do(helloBody); err == nil {
			t.Errorf("%s: reset answered %d", name, resp.StatusCode)
			resp.Body.Close()
		} else if name == "http" && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: reset gave %v", name, err)
		}
		script(t, s, simulator.Fault{Kind: simulator.ResetStream, Chunks: 3})
		resp, err := do(streamed)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: a reset stream ended well", name)
		}
		script(t, s, simulator.Fault{Kind: simulator.SlowHeaders, Delay: time.Millisecond})
		for _, body := range []string{helloBody, streamed} {
			resp, err = do(body)
			if err != nil {
				t.Fatalf("%s: slow headers: %v", name, err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.Header.Get("x-ms-region") != "Sweden Central" || len(b) < 100 {
				t.Errorf("%s: slow headers gave %v %q %v", name, resp.Header, b, err)
			}
		}
	}
	for _, r := range s.Requests() {
		if r.Canceled {
			t.Errorf("a fault counts as the client's leaving: %+v", r)
		}
	}
}

// Over HTTP/2 a reset is a reset of the stream.
func TestResetOverHTTP2(t *testing.T) {
	s := start(t, config())
	server := httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	script(t, s, simulator.Fault{Kind: simulator.ResetStream, Chunks: 2})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(streamed))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("api-key", "key-1")
	resp, err := server.Client().Do(r)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("the stream ended well")
	}
}

// A stream over a real connection arrives event by event, not all at its end.
func TestStreamsAreFlushed(t *testing.T) {
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.StallStream, Chunks: 4})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+chatPath, strings.NewReader(streamed))
	r.Header.Set("api-key", "key-1")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for i := range 8 {
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatalf("line %d: %v", i, err)
		}
	}
}

// The admin routes do what the methods do, for those who have their key.
func TestAdmin(t *testing.T) {
	s := start(t, config())
	admin := func(method, path, body string, want int) []byte {
		t.Helper()
		w := send(t, s, method, "/_simulator/"+path, body, "api-key: admin")
		wantStatus(t, w, want)
		return w.Body.Bytes()
	}
	wantStatus(t, send(t, s, http.MethodGet, "/_simulator/counters", ""), 401)
	wantStatus(t, send(t, s, http.MethodGet, "/_simulator/counters", "", "api-key: ", "authorization: Bearer admin"), 200)
	id := at(t, admin("POST", "faults", `{"kind":"status","status":503,"count":1,"delay":"2s"}`, 201), "id").(string)
	if got := at(t, admin("GET", "faults", "", 200), 0, "fault", "delay"); got != "2s" {
		t.Errorf("delay = %v", got)
	}
	wantStatus(t, post(t, s, chatPath, helloBody, "x-trace: 42"), 503)
	if got := at(t, admin("GET", "counters", "", 200), "one/gpt-4o", "statuses", "503"); got != 1.0 {
		t.Errorf("statuses 503 = %v", got)
	}
	var log []simulator.Record
	if err := json.Unmarshal(admin("GET", "requests", "", 200), &log); err != nil || len(log) != 1 ||
		log[0].Header.Get("x-trace") != "42" || log[0].Body != helloBody || log[0].Fault != id {
		t.Errorf("requests = %+v (%v)", log, err)
	}
	admin("DELETE", "faults/"+id, "", 204)
	admin("DELETE", "faults/"+id, "", 404)
	admin("DELETE", "faults", "", 204)
	admin("POST", "faults", `{"kind":"smoke"}`, 400)
	admin("POST", "faults", `{"kind":"reset","often":true}`, 400)
	admin("PATCH", "deployments/one/gpt-4o", `{"rpm":1}`, 200)
	post(t, s, chatPath, helloBody)
	wantStatus(t, post(t, s, chatPath, helloBody), 429)
	admin("POST", "windows/reset", "", 204)
	wantStatus(t, post(t, s, chatPath, helloBody), 200)
	if got := at(t, admin("GET", "deployments", "", 200), "one/gpt-4o", "rpm"); got != 1.0 {
		t.Errorf("rpm = %v", got)
	}
	admin("PATCH", "deployments/one/nope", `{}`, 404)
	admin("PATCH", "deployments/one/gpt-4o", `{"tpm":-1}`, 400)
	admin("DELETE", "counters", "", 204)
	if c := s.Counters()["one/gpt-4o"]; c.Requests != 0 || len(s.Requests()) != 0 {
		t.Errorf("after the reset: %+v", c)
	}
	admin("GET", "nowhere", "", 404)
	cfg := config()
	cfg.AdminKey = ""
	wantStatus(t, send(t, start(t, cfg), http.MethodGet, "/_simulator/counters", "", "api-key: "), 404)
}

// The last requests are kept, the oldest go first.
func TestRecordsAreARing(t *testing.T) {
	cfg := config()
	cfg.Remember = 3
	s := start(t, cfg)
	for _, q := range []string{"a", "b", "c", "d"} {
		post(t, s, chatPath+"&q="+q, helloBody)
	}
	var got []string
	for _, r := range s.Requests() {
		got = append(got, r.Target[len(r.Target)-1:])
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, got); diff != "" {
		t.Error(diff)
	}
}

// A kind that is none is refused with those there are.
func TestFaultKinds(t *testing.T) {
	s := start(t, config())
	_, err := s.AddFault(simulator.Fault{Kind: "429"})
	if err == nil {
		t.Fatal("the kind 429 was taken")
	}
	for _, kind := range simulator.FaultKinds() {
		if !strings.Contains(err.Error(), string(kind)) {
			t.Errorf("%v: no %s", err, kind)
		}
		if _, err := s.AddFault(simulator.Fault{Kind: kind, Status: 500}); err != nil {
			t.Error(err)
		}
	}
}
