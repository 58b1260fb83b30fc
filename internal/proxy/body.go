package proxy

import (
	"io"
	"net/http"
	"time"

	"github.com/tallygate/tallygate/internal/wire"
)

// hurry bounds how long a client may take between two pieces of its body, so that
// a client that trickles cannot hold a request open for ever.
func (p *Proxy) hurry(w http.ResponseWriter, r *http.Request) {
	if p.BodyTimeout > 0 && r.ContentLength != 0 {
		r.Body = &hurriedBody{ReadCloser: r.Body, control: http.NewResponseController(w), limit: p.BodyTimeout}
	}
}

type hurriedBody struct {
	io.ReadCloser
	control *http.ResponseController
	limit   time.Duration
}

// Read reads under a deadline of its own. It is the connection's deadline, and the
// server goes on reading there to see whether the client is still there: so it is
// taken back with the body's end. A body that missed it keeps it, or the server
// would wait for the rest before it lets the refusal out.
func (b *hurriedBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(b.limit)) // a writer without deadlines has none to miss
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// allow tells which methods a route has, when the request's is not one.
func allow(w http.ResponseWriter, ask *wire.Request) {
	if ask.Allow != "" {
		w.Header().Set("Allow", ask.Allow)
	}
}
