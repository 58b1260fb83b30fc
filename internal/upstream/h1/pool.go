package h1

import (
	"strings"
	"time"
)

// key is what connections are interchangeable under.
type key struct {
	secure bool
	host   string // as in the URL
	proxy  string // the proxy's URL; empty for none
}

// absolute reports whether requests carry the whole URL as their target, as they
// do to a proxy without a tunnel.
func (k key) absolute() bool { return k.proxy != "" && !k.secure }

// addr is the server's host and port, to dial.
func (k key) addr() string { return withPort(k.host, k.secure) }

func withPort(host string, secure bool) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		if i < len(host)-1 {
			return host
		}
		host = host[:i]
	}
	if secure {
		return host + ":443"
	}
	return host + ":80"
}

// takeIdle returns the connection that was used last for k, if it is still as it
// was left; nil when there is none.
func (t *Transport) takeIdle(k key) *conn {
	for {
		t.mu.Lock()
		list := t.idle[k]
		if len(list) == 0 {
			t.mu.Unlock()
			return nil
		}
		c := list[len(list)-1]
		list[len(list)-1] = nil
		t.idle[k] = list[:len(list)-1]
		t.mu.Unlock()
		if time.Since(c.idleSince) < orDefault(t.IdleTimeout, defaultIdleTimeout) && c.quiet() {
			c.reused = true
			return c
		}
		c.close()
	}
}

// putIdle keeps c for the next request; the oldest gives way when there are too
// many.
func (t *Transport) putIdle(c *conn) {
	if t.MaxIdlePerHost < 0 {
		c.close()
		return
	}
	c.idleSince = time.Now()
	c.shrink()
	var surplus *conn
	t.mu.Lock()
	if t.idle == nil {
		t.idle = make(map[key][]*conn)
	}
	list := t.idle[c.key]
	if len(list) >= orDefault(t.MaxIdlePerHost, defaultMaxIdle) {
		surplus = list[0]
		copy(list, list[1:])
		list = list[:len(list)-1]
	}
	t.idle[c.key] = append(list, c)
	if t.sweep == nil {
		t.sweep = time.AfterFunc(orDefault(t.IdleTimeout, defaultIdleTimeout), t.dropExpired)
	}
	t.mu.Unlock()
	if surplus != nil {
		surplus.close()
	}
}

// dropExpired closes the connections that were idle for too long and comes back
// when the next one will have been.
func (t *Transport) dropExpired() {
	timeout := orDefault(t.IdleTimeout, defaultIdleTimeout)
	now := time.Now()
	next := time.Duration(-1)
	var expired []*conn
	t.mu.Lock()
	for k, list := range t.idle {
		n := 0
		for n < len(list) && now.Sub(list[n].idleSince) >= timeout {
			n++
		}
		expired = append(expired, list[:n]...)
		if n == len(list) {
			delete(t.idle, k)
			continue
		}
		t.idle[k] = append([]*conn(nil), list[n:]...)
		if left := timeout - now.Sub(list[n].idleSince); next < 0 || left < next {
			next = left
		}
	}
	t.sweep = nil
	if next >= 0 {
		t.sweep = time.AfterFunc(next, t.dropExpired)
	}
	t.mu.Unlock()
	for _, c := range expired {
		c.close()
	}
}

// CloseIdleConnections closes the connections that wait for a request. Those in
// use are not touched.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	idle := t.idle
	t.idle = nil
	if t.sweep != nil {
		t.sweep.Stop()
		t.sweep = nil
	}
	t.mu.Unlock()
	for _, list := range idle {
		for _, c := range list {
			c.close()
		}
	}
}
