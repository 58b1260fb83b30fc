package signup

import (
	"net/http"
	"strconv"

	"github.com/tallygate/tallygate/internal/event"
)

// logo serves the picture that an event holds. Its address changes with it. Whoever opens
// that by itself sees a picture: nothing in it runs.
func (s *site) logo(w http.ResponseWriter, _ *http.Request, e *event.Event) {
	kind, data, ok := e.Picture()
	if !ok {
		s.unknown(w)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(data) // a client that left reads no answer
}
