package h1_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// BenchmarkRoundTrip is one chat over loopback, client and server in one process;
// allocations count both, and the server's are the same for both clients.
func BenchmarkRoundTrip(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(stub))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		b.Fatal(err)
	}
	u.Opaque, u.RawQuery = "/openai/deployments/gpt-4o/chat/completions", "api-version=2024-10-21"
	header := http.Header{"Content-Type": {"application/json"}, "Api-Key": {"secret"}, "User-Agent": {"bench"}, "Accept-Encoding": {"identity"}}
	body := strings.Repeat("word ", 80)
	own := &h1.Transport{}
	defer own.CloseIdleConnections()
	for name, rt := range map[string]http.RoundTripper{"h1": own, "transport": &http.Transport{}} {
		b.Run(name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				req := (&http.Request{Method: "POST", URL: u, Host: u.Host, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}).WithContext(ctx)
				res, err := rt.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, res.Body); n != int64(len(chatAnswer)) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
