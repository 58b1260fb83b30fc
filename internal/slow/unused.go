package slow

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// fresh is how long a new connection may take to send the first byte of a request when
// the gateway stops. It is enough for one that was opened for a request.
const fresh = 250 * time.Millisecond

// Unused knows the connections on which no request has come yet. http.Server waits five
// seconds for each of them when it stops. The zero value is ready; safe for concurrent
// use.
type Unused struct {
	mu       sync.Mutex
	since    map[net.Conn]time.Time
	stopping bool
}

// Watch makes u follow the connections of a server, before it serves, and close those
// without a request when it stops.
func (u *Unused) Watch(s *http.Server) {
	u.since = make(map[net.Conn]time.Time)
	s.ConnState = u.changed
	s.RegisterOnShutdown(u.stop)
}

func (u *Unused) changed(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.since, c)
		return
	}
	u.since[c] = time.Now()
	if u.stopping {
		u.end(c, fresh)
	}
}

// stop closes them, each when it has had its time.
func (u *Unused) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stopping = true
	for c, since := range u.since {
		u.end(c, fresh-time.Since(since))
	}
}

// end closes a connection after a while if it is still unused. The server learns of it
// by its own read.
func (u *Unused) end(c net.Conn, after time.Duration) {
	time.AfterFunc(after, func() {
		u.mu.Lock()
		_, still := u.since[c]
		u.mu.Unlock()
		if still {
			c.Close()
		}
	})
}
