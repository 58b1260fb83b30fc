package h1_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

func TestSmoke(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("x-len", r.Header.Get("Foo"))
		for range 10 {
			w.Write(b)
			w.(http.Flusher).Flush()
		}
	})
	for _, s := range []*httptest.Server{httptest.NewServer(h), httptest.NewTLSServer(h)} {
		defer s.Close()
		tr := &h1.Transport{}
		if s.TLS != nil {
			tr.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
		}
		for _, n := range []int{3, 3, 20000, 300000} {
			req, _ := http.NewRequest("POST", s.URL+"/x?y", strings.NewReader(strings.Repeat("abc", n)))
			req.Header.Set("foo", "bar")
			res, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(res.Body)
			if err != nil || string(b) != strings.Repeat("abc", n*10) || res.Header.Get("X-Len") != "bar" {
				t.Fatal(err, len(b), res)
			}
		}
		tr.CloseIdleConnections()
	}
}
