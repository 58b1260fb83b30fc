package meter

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"
)

// aChunk is a chunk of about 280 bytes as the busiest models send them.
var aChunk = []byte(`data: {"choices":[{"content_filter_results":{},"delta":{"content":" tokens"},"finish_reason":null,"index":0,"logprobs":null}],"created":1731628800,"id":"chatcmpl-AQ8mCn3TJn5iCbAqyVx0WbqDSXP5k","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp_9f3b","usage":null}` + "\n\n")

var aDelta = []byte("event: response.output_text.delta\n" + `data: {"type":"response.output_text.delta","sequence_number":17,"item_id":"msg_68f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3","output_index":0,"content_index":0,"delta":" tokens","logprobs":[],"obfuscation":"pQx81LmZk2"}` + "\n\n")

// endless gives the same piece n times.
type endless struct {
	piece []byte
	n     int
	tail  []byte
}

func (e *endless) Next() ([]byte, error) {
	if e.n > 0 {
		e.n--
		return e.piece, nil
	}
	if e.tail != nil {
		tail := e.tail
		e.tail = nil
		return tail, nil
	}
	return nil, io.EOF
}

func (e *endless) Read([]byte) (int, error) { panic("Next is there") }
func (e *endless) Close() error             { return nil }

// One iteration is one chunk, read, written, flushed and metered. What the
// ResponseWriter costs is not in it.
func BenchmarkChunk(b *testing.B) {
	for _, c := range []struct {
		name  string
		a     Answer
		piece []byte
		tail  string
	}{
		{"chat", Answer{API: Chat}, aChunk, doneChunk},
		{"chat clocked", Answer{API: Chat, KeepAlive: time.Minute, Idle: time.Hour}, aChunk, doneChunk},
		{"chat stripped", Answer{API: Chat, StripUsage: true}, aChunk, doneChunk},
		{"responses", Answer{API: Events}, aDelta, "data: {\"type\":\"response.completed\"}\n\n"},
		{"audio", Answer{API: Media}, aDelta, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := newMeter(b)
			c.a.Base = "gpt-4o"
			m.encoding("gpt-4o")
			// The usage comes, so that no text is counted at the end.
			tail := []byte("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n" + c.tail)
			b.ReportAllocs()
			b.SetBytes(int64(len(c.piece)))
			// Streams of a thousand chunks, as long as long answers are.
			body := &endless{}
			res := eventAnswer(body)
			b.ResetTimer()
			for left := b.N; left > 0; left -= 1000 {
				*body = endless{piece: c.piece, n: min(left, 1000), tail: tail}
				if _, err := m.Copy(discard{}, res, c.a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The same loop without a meter.
func BenchmarkChunkBare(b *testing.B) {
	src := &endless{piece: aChunk, n: b.N}
	rc := http.NewResponseController(discard{})
	w := discard{}
	b.ReportAllocs()
	for {
		p, err := src.Next()
		if err != nil {
			break
		}
		w.Write(p)
		rc.Flush()
	}
}

// One iteration is one JSON answer of about 1 kB.
func BenchmarkAnswer(b *testing.B) {
	for name, idle := range map[string]time.Duration{"plain": 0, "with idle limit": time.Minute} {
		b.Run(name, func(b *testing.B) {
			m := newMeter(b)
			r := bytes.NewReader(nil)
			res := jsonAnswer(200, chatBody)
			res.Body = io.NopCloser(r)
			w := discardWith{make(http.Header)}
			a := Answer{API: Chat, Base: "gpt-4o", Idle: idle}
			body := []byte(chatBody)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r.Reset(body)
				if out, err := m.Copy(w, res, a); err != nil || out.Usage.Total != 1534 {
					b.Fatal(out, err)
				}
			}
		})
	}
}

type discardWith struct{ h http.Header }

func (d discardWith) Header() http.Header         { return d.h }
func (d discardWith) WriteHeader(int)             {}
func (d discardWith) Write(p []byte) (int, error) { return len(p), nil }

// One iteration is one stream of 50 chunks from its beginning to its end.
func BenchmarkStream(b *testing.B) {
	m := newMeter(b)
	body := &endless{}
	res := eventAnswer(body)
	a := Answer{API: Chat, Base: "gpt-4o", KeepAlive: time.Minute, StripUsage: true}
	tail := []byte("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n" + doneChunk)
	b.ReportAllocs()
	for b.Loop() {
		*body = endless{piece: aChunk, n: 50, tail: tail}
		if _, err := m.Copy(discard{}, res, a); err != nil {
			b.Fatal(err)
		}
	}
}

// One iteration reads a megabyte of an embeddings answer.
func BenchmarkTap(b *testing.B) {
	for name, text := range map[string]string{
		"floats": `{"data":[{"embedding":[` + string(bytes.Repeat([]byte("-0.012345678,"), 80_000)) + `0]}]}`,
		"base64": `{"data":[{"embedding":"` + string(bytes.Repeat([]byte("QUJDREVGR0g="), 87_000)) + `"}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			var t tap
			p := []byte(text)
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				t.reset()
				t.feed(p)
			}
		})
	}
}
