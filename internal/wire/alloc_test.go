//go:build !race

package wire

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// A small request is read with three allocations: the Request, and the names of the
// model and the user. (The race detector empties pools at random, so it is not
// asked.)
func TestAllocations(t *testing.T) {
	body := strings.NewReader(chat400)
	r := httptest.NewRequest("POST", "/openai/v1/chat/completions", body)
	r.Header.Set("Content-Type", "application/json")
	r.Body, r.ContentLength = io.NopCloser(body), int64(len(chat400))
	n := testing.AllocsPerRun(1000, func() {
		body.Reset(chat400)
		q, err := Read(r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		q.Close()
	})
	if n > 3 {
		t.Errorf("%.0f allocations a request, 3 at most", n)
	}
}
