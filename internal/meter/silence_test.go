package meter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
)

// slow is a body whose pieces come after pauses, in virtual time. Close ends a
// read that waits.
type slow struct {
	steps []step
	once  sync.Once
	shut  chan struct{}
}

type step struct {
	after time.Duration
	text  string
	err   error
}

func newSlow(steps ...step) *slow { return &slow{steps: steps, shut: make(chan struct{})} }

func (s *slow) Read(b []byte) (int, error) {
	if len(s.steps) == 0 {
		return 0, io.EOF
	}
	now := s.steps[0]
	s.steps = s.steps[1:]
	select {
	case <-time.After(now.after):
		return copy(b, now.text), now.err
	case <-s.shut:
		return 0, errors.New("body closed")
	}
}

func (s *slow) Close() error {
	s.once.Do(func() { close(s.shut) })
	return nil
}

const (
	firstChunk = `data: {"choices":[],"id":"","model":"","prompt_filter_results":[]}` + "\n\n"
	textChunk  = `data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null,"index":0}],"id":"c","model":"gpt-4o"}` + "\n\n"
	lastChunk  = `data: {"choices":[{"delta":{},"finish_reason":"stop","index":0}],"id":"c","model":"gpt-4o"}` + "\n\n"
	doneChunk  = "data: [DONE]\n\n"
)

// A silent upstream keeps the client's connection open by comments, between events
// alone, and the header leaves before the first event.
func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		half := len(textChunk) / 2
		body := newSlow(
			step{after: 25 * time.Second, text: textChunk},
			step{after: 9 * time.Second, text: textChunk[:half]},
			step{after: 60 * time.Second, text: textChunk[half:]},
			step{after: 11 * time.Second, text: lastChunk + doneChunk},
		)
		a := chatAnswer
		a.KeepAlive = 10 * time.Second
		w := newClient()
		began := time.Now()
		var committed time.Duration
		a.Before = func() error { committed = time.Since(began); return nil }
		out, err := m.Copy(w, eventAnswer(body), a)
		if err != nil {
			t.Fatal(err)
		}
		const c = ": keep-alive\n"
		// The header leaves after 250 ms; comments after 10 and 20 s, none in the
		// middle of the second event, one at 104 s.
		want := c + c + textChunk + textChunk + c + lastChunk + doneChunk
		if diff := cmp.Diff(want, w.got()); diff != "" {
			t.Errorf("stream (-want +got):\n%s", diff)
		}
		if committed != maxHold || out.Outcome != tallygate.Answered || out.Bytes != int64(len(want)) {
			t.Errorf("header after %v, outcome %v, %d bytes", committed, out.Outcome, out.Bytes)
		}
		time.Sleep(time.Hour) // no timer writes any more
		if w.got() != want {
			t.Error("written to after the end")
		}
	})
}

// With usage taken out, a half event is held back and comments go before it.
func TestKeepAliveStripped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		a.KeepAlive, a.StripUsage = 10*time.Second, true
		body := newSlow(step{text: textChunk + lastChunk[:20]}, step{after: 15 * time.Second, text: lastChunk[20:] + doneChunk})
		w := newClient()
		if _, err := m.Copy(w, eventAnswer(body), a); err != nil {
			t.Fatal(err)
		}
		if want := textChunk + ": keep-alive\n" + lastChunk + doneChunk; w.got() != want {
			t.Errorf("got %q, want %q", w.got(), want)
		}
	})
}

// No comment ever gets into an answer that is no stream of events.
func TestKeepAliveNotInJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		a.KeepAlive = time.Second
		res := jsonAnswer(200, "")
		res.ContentLength = -1
		res.Body = newSlow(step{text: `{"id":`}, step{after: time.Minute, text: `"x"}`})
		w := newClient()
		if _, err := m.Copy(w, res, a); err != nil || w.got() != `{"id":"x"}` {
			t.Errorf("got %q, %v", w.got(), err)
		}
	})
}

// An upstream that falls silent for good is given up: the client is told, what
// came is counted.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		a.Idle, a.KeepAlive = time.Minute, 25*time.Second
		began := time.Now()
		w := newClient()
		body := newSlow(step{text: textChunk}, step{after: 50 * time.Second, text: textChunk}, step{after: 61 * time.Second, text: textChunk})
		out, err := m.Copy(w, eventAnswer(body), a)
		var own *tallygate.Error
		if !errors.As(err, &own) || own.Code != "upstream_timeout" || out.Code != "upstream_timeout" || out.Outcome != tallygate.Failed || !out.Committed {
			t.Errorf("%+v, %v", out, err)
		}
		if d := time.Since(began); d != 110*time.Second {
			t.Errorf("gave up after %v", d)
		}
		if out.Usage != (tallygate.Usage{Source: tallygate.Partial, Prompt: 8, Completion: 2, Total: 10}) {
			t.Errorf("usage %+v", out.Usage)
		}
		if !strings.Contains(w.got(), `data: {"error":{"message":"The upstream fell silent`) || strings.Contains(w.got(), doneChunk) {
			t.Errorf("the client was not told: %q", w.got())
		}
	})
}

// The same for a body that is no stream, of which nothing has left yet.
func TestIdleBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		a := chatAnswer
		a.Idle = time.Minute
		res := jsonAnswer(200, `{"id":"x"}`)
		res.Body = newSlow(step{text: `{"id":`}, step{after: time.Hour, text: `"x"}`})
		w := newClient()
		out, err := m.Copy(w, res, a)
		if !errors.Is(err, errIdle) || out.Committed || w.status != 0 || out.Outcome != tallygate.Failed {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// A stream that breaks off ends in an error event, in the API's own shape; what
// came is counted as partial. One that broke before anything left may fail over.
func TestBrokenStream(t *testing.T) {
	m := newMeter(t)
	reset := errors.New("connection reset by peer")
	created := "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"r\"}}\n\n"
	delta := "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"delta\":\"Hi there\"}\n\n"
	chatEnd := `data: {"error":{"message":"The upstream broke off before the end of the answer. What came so far is incomplete; please send the request again.","type":"server_error","param":null,"code":"upstream_stream_interrupted"}}` + "\n\n"
	for name, c := range map[string]struct {
		op     API
		came   string
		err    error
		told   string // what follows what came
		tokens int64  // completion
		strip  bool
	}{
		"reset":               {Chat, firstChunk + textChunk, reset, chatEnd, 1, false},
		"silent end":          {Chat, firstChunk + textChunk, nil, chatEnd, 1, false},
		"in an event":         {Chat, textChunk + textChunk[:30], reset, "\n\n" + chatEnd, 1, false},
		"garbage":             {Chat, "data: {{{\n\n<html>\x00\xff\n\n" + textChunk, reset, chatEnd, 1, false},
		"responses":           {Events, created + delta, reset, "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"The upstream broke off before the end of the answer. What came so far is incomplete; please send the request again.\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_stream_interrupted\"},\"sequence_number\":5}\n\n", 2, false},
		"held half is let go": {Chat, textChunk, reset, chatEnd, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := Answer{API: c.op, Stream: true, Base: "gpt-4o", StripUsage: c.strip}
			came := c.came
			if c.strip {
				came += `data: {"choices":[],"usage":nu`
			}
			w := newClient()
			out, err := m.Copy(w, eventAnswer(&parts{pieces: [][]byte{[]byte(came)}, err: c.err}), a)
			if diff := cmp.Diff(c.came+c.told, w.got()); diff != "" {
				t.Errorf("stream (-want +got):\n%s", diff)
			}
			if _, ok := err.(*Failure); !ok || out.Outcome != tallygate.Failed || out.Code != "upstream_stream_interrupted" || w.flushed != len(w.got()) {
				t.Errorf("%+v, %v", out, err)
			}
			if out.Usage != (tallygate.Usage{Source: tallygate.Partial, Completion: c.tokens, Total: c.tokens}) {
				t.Errorf("usage %+v", out.Usage)
			}
		})
	}
	for name, came := range map[string]string{"nothing": "", "preamble": firstChunk, "half": firstChunk[:9]} {
		w := newClient()
		out, err := m.Copy(w, eventAnswer(&parts{pieces: [][]byte{[]byte(came)}, err: reset}), chatAnswer)
		if _, ok := err.(*Failure); !ok || !errors.Is(err, reset) || out.Committed || w.status != 0 || out.Usage.Known() || out.Outcome != tallygate.Failed {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

// A stream is whole once it has said so, whatever its connection does then.
func TestResetBehindTheEnd(t *testing.T) {
	m := newMeter(t)
	b := chatStream{texts: someTexts, usage: aUsage}.bytes()
	w := newClient()
	out, err := m.Copy(w, eventAnswer(&parts{pieces: [][]byte{b}, err: io.ErrUnexpectedEOF}), chatAnswer)
	if err != nil || out.Outcome != tallygate.Answered || out.Usage != aUsageRead || w.got() != string(b) {
		t.Errorf("%+v, %v", out, err)
	}
}

// A client that goes away is charged for what had come until then.
func TestClientGone(t *testing.T) {
	m := newMeter(t)
	pieces := [][]byte{[]byte(textChunk), []byte(textChunk), []byte(textChunk), []byte(textChunk)}
	w := newClient()
	w.failAt = 2*len(textChunk) + 1
	body := &parts{pieces: pieces}
	out, err := m.Copy(w, eventAnswer(body), chatAnswer)
	if err == nil || out.Outcome != tallygate.Aborted || !out.Committed || out.Bytes != int64(2*len(textChunk)) {
		t.Errorf("%+v, %v", out, err)
	}
	if n := len(bytes.Join(body.pieces, nil)); n != len(textChunk) {
		t.Errorf("%d bytes left, want the last chunk: it read on or stopped early", n)
	}
	if out.Usage != (tallygate.Usage{Source: tallygate.Partial, Prompt: 8, Completion: 3, Total: 11}) {
		t.Errorf("usage %+v", out.Usage)
	}
}

// The same when the client's context ends while the upstream is waited for; but a
// stream that the gateway itself ends tells the client why.
func TestCanceled(t *testing.T) {
	for name, cause := range map[string]error{"by the client": nil, "by the gateway": &tallygate.Error{Code: "shutting_down", Message: "The gateway is shutting down."}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMeter(t)
				ctx, cancel := context.WithCancelCause(t.Context())
				body := newSlow(step{text: textChunk}, step{after: time.Hour})
				res := eventAnswer(body)
				res.Request = (&http.Request{Method: http.MethodPost}).WithContext(ctx)
				go func() {
					time.Sleep(time.Minute)
					cancel(cause)
					body.Close()
				}()
				w := newClient()
				out, err := m.Copy(w, res, chatAnswer)
				wantOutcome, wantEnd := tallygate.Aborted, textChunk
				if cause != nil {
					wantOutcome, wantEnd = tallygate.Failed, `"code":"shutting_down"}}`+"\n\n"
				}
				if err == nil || out.Outcome != wantOutcome || !strings.HasSuffix(w.got(), wantEnd) || out.Usage.Source != tallygate.Partial {
					t.Errorf("%+v, %v, %q", out, err, w.got())
				}
				if told := strings.Contains(w.got(), "shutting_down"); told != (cause != nil) {
					t.Errorf("told %v: %q", told, w.got())
				}
			})
		})
	}
}
