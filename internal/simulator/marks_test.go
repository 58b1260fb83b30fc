package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A cut marker breaks a stream off after so many events, and lets an answer that is no
// stream be.
func TestCutMarker(t *testing.T) {
	s := start(t, config())
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath,
		strings.NewReader(chat("[[tokens=40]] [[cut=5]]", `"stream":true`)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("api-key", "key-1")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if events := strings.Count(string(body), "\n\n"); err == nil || events > 5 || strings.Contains(string(body), "[DONE]") {
		t.Errorf("%d events, then %v; want up to five and a broken connection", events, err)
	}
	wantStatus(t, post(t, s, chatPath, chat("[[tokens=4]] [[cut=5]]", "")), 200)
}
