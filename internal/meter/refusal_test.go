package meter

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/jsontext"
)

const (
	responseCreated = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"model\":\"gpt-5\",\"error\":null,\"usage\":null}}\n\n" +
		"event: response.in_progress\ndata: {\"type\":\"response.in_progress\",\"sequence_number\":1,\"response\":{\"id\":\"resp_1\",\"error\":null}}\n\n"
	noCapacity = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"too_many_requests\",\"code\":\"no_capacity\",\"headers\":{\"skip-error-remapping\":\"true\"},\"message\":\"High demand.\",\"param\":null},\"sequence_number\":2}\n\n"
)

// A stream that refuses in its first event is handed back before anything left,
// however it is split.
func TestRefusal(t *testing.T) {
	m := newMeter(t)
	chatError := func(object string) string { return firstChunk + `data: {"error":` + object + "}\n\n" }
	for name, c := range map[string]struct {
		op     API
		body   string
		status int
		code   string
	}{
		"responses error":       {Events, responseCreated + noCapacity, 429, "no_capacity"},
		"responses flat":        {Events, responseCreated + "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"x\",\"param\":null,\"sequence_number\":1}\n\n", 500, "server_error"},
		"responses failed":      {Events, responseCreated + "data: {\"type\":\"response.failed\",\"response\":{\"id\":\"resp_1\",\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"x\"}}}\n\n", 429, "rate_limit_exceeded"},
		"responses forbidden":   {Events, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"forbidden\",\"message\":\"x\"}}\n\n", 403, "forbidden"},
		"chat too many":         {Chat, chatError(`{"type":"too_many_requests","code":"429","message":"x"}`), 429, "429"},
		"chat code as a number": {Chat, chatError(`{"code":503,"message":"x"}`), 503, "503"},
		"chat server error":     {Chat, chatError(`{"message":"The server had an error","type":"server_error","param":null,"code":null}`), 500, "server_error"},
		"chat unknown":          {Chat, chatError(`{"message":"?"}`), 500, ""},
		"no last blank line":    {Chat, `data: {"error":{"type":"server_error"}}`, 500, "server_error"},
		"other stream":          {Media, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"server_error\"}}\n\n", 500, "server_error"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.body {
				w := newClient()
				a := Answer{API: c.op, Stream: true, Base: "gpt-5", Before: func() error { t.Error("Before was called"); return nil }}
				res := eventAnswer(&parts{pieces: [][]byte{[]byte(c.body[:i]), []byte(c.body[i:])}})
				res.Header.Set("Retry-After", "7")
				if name == "chat unknown" {
					res.Header.Del("Retry-After")
				}
				out, err := m.Copy(w, res, a)
				refusal, ok := errors.AsType[*Refusal](err)
				if !ok || refusal.Status != c.status || refusal.Code != c.code || out.Code != c.code {
					t.Fatalf("split at %d: %+v, %v", i, out, err)
				}
				if out.Committed || w.status != 0 || out.Usage.Known() || out.Outcome != tallygate.Failed {
					t.Fatalf("split at %d: %+v", i, out)
				}
				if e := jsontext.Member(refusal.Body, "error"); !jsontext.IsObject(e) || refusal.Header.Get("Content-Type") == "" {
					t.Fatalf("body %s, header %v", refusal.Body, refusal.Header)
				}
			}
		})
	}
}

// With Retry-After an error that says nothing about itself is a lack of room.
func TestRefusalByRetryAfter(t *testing.T) {
	m := newMeter(t)
	res := eventAnswer(whole([]byte(`data: {"error":{"message":"?"}}` + "\n\n")))
	res.Header["Retry-After-Ms"] = []string{"700"}
	_, err := m.Copy(newClient(), res, chatAnswer)
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Status != http.StatusTooManyRequests {
		t.Errorf("error %v", err)
	}
}

// What the request itself is to blame for is relayed: no deployment would say
// otherwise. Of it only a filtered prompt is billed.
func TestUserErrorIsRelayed(t *testing.T) {
	m := newMeter(t)
	for code, want := range map[string]tallygate.Usage{
		"user_error":     {},
		"content_filter": {Source: tallygate.Estimated, Prompt: 8, Total: 8},
	} {
		body := firstChunk + `data: {"error":{"message":"x","type":"user_error","code":"` + code + `"}}` + "\n\n"
		w := newClient()
		out, err := m.Copy(w, eventAnswer(whole([]byte(body))), chatAnswer)
		if err != nil || w.got() != body || out.Outcome != tallygate.Answered || out.Code != code || out.Usage != want {
			t.Errorf("%s: %+v, %v, %q", code, out, err, w.got())
		}
	}
}

// An error in the middle passes as it is, nothing is added, and the stream counts
// as failed: chat for what came, responses for nothing.
func TestErrorInTheMiddle(t *testing.T) {
	m := newMeter(t)
	failed := "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"id\":\"resp_1\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"x\"},\"usage\":null}}\n\n"
	delta := "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\",\"sequence_number\":2}\n\n"
	for name, c := range map[string]struct {
		op   API
		body string
		want tallygate.Usage
	}{
		"chat":      {Chat, firstChunk + textChunk + `data: {"error":{"message":"x","type":"server_error","param":null,"code":null}}` + "\n\n", tallygate.Usage{Source: tallygate.Partial, Prompt: 8, Completion: 1, Total: 9}},
		"responses": {Events, responseCreated + delta + failed, tallygate.Usage{}},
	} {
		a := chatAnswer
		a.API = c.op
		w := newClient()
		out, err := m.Copy(w, eventAnswer(whole([]byte(c.body))), a)
		if err == nil || w.got() != c.body || out.Outcome != tallygate.Failed || out.Code != "server_error" || out.Usage != c.want {
			t.Errorf("%s: %+v, %v, %q", name, out, err, w.got())
		}
	}
}

// A stream is held back for a moment only, whatever its header says; a refusal that comes
// later passes in it, and is not charged. One that comes sooner lets another deployment be
// asked.
func TestHoldEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		a.API = Events
		var left time.Duration
		began := time.Now()
		a.Before = func() error { left = time.Since(began); return nil }
		w := newClient()
		out, err := m.Copy(w, eventAnswer(newSlow(step{text: responseCreated}, step{after: 4 * time.Second, text: noCapacity})), a)
		if err == nil || left != maxHold || w.got() != responseCreated+noCapacity || out.Outcome != tallygate.Failed || out.Usage.Known() || out.Code != "no_capacity" {
			t.Errorf("left after %v, %+v, %v", left, out, err)
		}
		began = time.Now()
		res := eventAnswer(newSlow(step{text: responseCreated}, step{after: 20 * time.Second, text: noCapacity}))
		res.Header.Set("Retry-After", "1")
		if out, err = m.Copy(newClient(), res, a); err == nil || left != maxHold || !out.Committed {
			t.Errorf("with Retry-After: left after %v, %+v, %v", left, out, err)
		}
		a.Before = func() error { t.Error("Before was called"); return nil }
		out, err = m.Copy(newClient(), eventAnswer(newSlow(step{text: responseCreated}, step{after: 249 * time.Millisecond, text: noCapacity})), a)
		if _, ok := errors.AsType[*Refusal](err); !ok || out.Committed {
			t.Errorf("within the moment: %+v, %v", out, err)
		}
	})
}

// When Before fails while the stream is held back in silence, the upstream is let
// go and nothing is sent.
func TestBeforeFailsInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		full := errors.New("disk full")
		a.Before = func() error { return full }
		w := newClient()
		out, err := m.Copy(w, eventAnswer(newSlow(step{after: time.Hour, text: textChunk})), a)
		if err != full || out.Committed || w.status != 0 || out.Usage.Known() {
			t.Errorf("%+v, %v", out, err)
		}
		// And it is not called again when the stream is whole by then.
		calls := 0
		a.Before = func() error { calls++; return full }
		_, err = m.Copy(w, eventAnswer(whole(chatStream{usage: aUsage}.bytes())), a)
		if err != full || calls != 1 || w.status != 0 {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
}

// A preamble over the bound is not held back any longer.
func TestHeldIsBounded(t *testing.T) {
	m := newMeter(t)
	var pieces [][]byte
	for range 40 {
		pieces = append(pieces, append([]byte(": "), append(make([]byte, 64<<10), '\n')...))
	}
	w := newClient()
	n := 0
	a := chatAnswer
	a.Before = func() error { n++; return nil }
	out, _ := m.Copy(w, eventAnswer(&parts{pieces: pieces}), a)
	if !out.Committed || n != 1 {
		t.Errorf("committed %v, Before called %d times", out.Committed, n)
	}
}
