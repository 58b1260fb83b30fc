package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// discard is a ResponseWriter that keeps nothing but a count.
type discard struct {
	header http.Header
	n      int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Flush()              {}
func (d *discard) Write(b []byte) (int, error) {
	d.n += len(b)
	return len(b), nil
}

func benchmark(b *testing.B, target, body string) {
	b.Helper()
	s := start(b, config())
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
		r.Header.Set("api-key", "key-1")
		s.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}

func BenchmarkChat(b *testing.B) { benchmark(b, chatPath, chat("[[tokens=50]] tides", "")) }
func BenchmarkChatStream(b *testing.B) {
	benchmark(b, chatPath, chat("[[tokens=50]] tides", `"stream":true`))
}
func BenchmarkEmbeddings(b *testing.B) { benchmark(b, embedPath, `{"input":"tides of the sea"}`) }
func BenchmarkResponses(b *testing.B) {
	benchmark(b, responsesV1, `{"model":"gpt-4o","input":"[[tokens=50]] tides"}`)
}

// Over a loopback connection, client included.
func BenchmarkServer(b *testing.B) {
	s := start(b, config())
	server := httptest.NewServer(s)
	b.Cleanup(server.Close)
	body := chat("[[tokens=50]] tides", "")
	client := server.Client()
	b.ReportAllocs()
	for b.Loop() {
		r, _ := http.NewRequest(http.MethodPost, server.URL+chatPath, strings.NewReader(body))
		r.Header.Set("api-key", "key-1")
		resp, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
