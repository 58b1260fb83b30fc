package wire_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/wire"
)

// BenchmarkRead reads a small chat request and makes what goes upstream of it.
func BenchmarkRead(b *testing.B) {
	for name, target := range map[string]string{
		"deployments": "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
		"v1":          "/openai/v1/chat/completions",
	} {
		body := strings.NewReader(wire.Chat400)
		r := httptest.NewRequest("POST", target, body)
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(body), int64(len(wire.Chat400))
		read := func() *wire.Request {
			body.Reset(wire.Chat400)
			q, err := wire.Read(r, wire.Options{Table: allRoutes})
			if err != nil {
				b.Fatal(err)
			}
			return q
		}
		b.Run(name+"/read", func(b *testing.B) {
			b.SetBytes(int64(len(wire.Chat400)))
			b.ReportAllocs()
			for b.Loop() {
				read().Close()
			}
		})
		b.Run(name+"/send", func(b *testing.B) {
			q := read()
			defer q.Close()
			b.ReportAllocs()
			for b.Loop() {
				q.Target("gpt-4o-ptu")
				body := q.Body("gpt-4o-ptu", wire.Edits{IncludeUsage: true, MaxTokens: 100})
				in := body.NewReader()
				io.Copy(io.Discard, in)
				in.Close()
			}
		})
	}
}
