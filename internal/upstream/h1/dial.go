package h1

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// dial opens a connection for k, through its proxy and TLS where there are any.
func (t *Transport) dial(ctx context.Context, k key) (*conn, error) {
	addr, proxy := k.addr(), (*url.URL)(nil)
	if k.proxy != "" {
		var err error
		if proxy, err = url.Parse(k.proxy); err != nil { // it was a URL when it became a key
			return nil, &Error{Phase: PhaseDial, Unsent: true, Err: errors.New("the proxy's address is not a URL")}
		}
		addr = withPort(proxy.Host, false)
	}
	began := time.Now()
	raw, err := t.dialTCP(ctx, addr)
	if err != nil {
		return nil, &Error{Phase: PhaseDial, Unsent: true, Err: err}
	}
	c := newConn(t, k, raw, time.Since(began))
	if !k.secure {
		return c, nil
	}
	ctx, cancel := context.WithTimeout(ctx, orDefault(t.TLSHandshakeTimeout, defaultTLSTimeout))
	defer cancel()
	if proxy != nil {
		if err := c.tunnel(ctx, proxyAuth(proxy)); err != nil {
			c.close()
			return nil, &Error{Phase: PhaseDial, Unsent: true, Err: fmt.Errorf("proxy %s: %w", proxy.Host, err)}
		}
	}
	if err := c.handshake(ctx); err != nil {
		c.close()
		return nil, &Error{Phase: PhaseHandshake, Unsent: true, Err: err}
	}
	return c, nil
}

func (t *Transport) dialTCP(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, orDefault(t.DialTimeout, defaultDialTimeout))
	defer cancel()
	if t.DialContext != nil {
		return t.DialContext(ctx, "tcp", addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

// newConn returns a connection over raw, which it owns from now on.
func newConn(t *Transport, k key, raw net.Conn, connect time.Duration) *conn {
	c := &conn{t: t, key: k, raw: raw, nc: raw, small: make([]byte, smallBuffer), connect: connect}
	c.buf = c.small
	c.abort = func() { raw.Close() }
	if sc, ok := raw.(syscall.Conn); ok {
		if rc, err := sc.SyscallConn(); err == nil {
			c.prepareProbe(rc)
		}
	}
	return c
}

// handshake puts TLS on the connection.
func (c *conn) handshake(ctx context.Context) error {
	c.t.tlsOnce.Do(c.t.prepareTLS)
	cfg := c.t.tls
	if cfg.ServerName == "" {
		cfg = cfg.Clone()
		cfg.ServerName, _, _ = net.SplitHostPort(c.key.addr())
	}
	tc := tls.Client(c.raw, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		return err
	}
	state := tc.ConnectionState()
	if p := state.NegotiatedProtocol; p != "" && p != "http/1.1" {
		return fmt.Errorf("server chose protocol %q, which was not offered", p)
	}
	c.nc, c.tls = tc, &state
	return nil
}

func (t *Transport) prepareTLS() {
	if t.tls = t.TLS.Clone(); t.tls == nil {
		t.tls = &tls.Config{}
	}
	t.tls.NextProtos = []string{"http/1.1"}
	if t.tls.ClientSessionCache == nil {
		t.tls.ClientSessionCache = tls.NewLRUClientSessionCache(64)
	}
}

// tunnel asks the proxy at the other end for a tunnel to the server.
func (c *conn) tunnel(ctx context.Context, auth string) error {
	stop := context.AfterFunc(ctx, c.abort)
	defer stop()
	addr := c.key.addr()
	ask := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	if auth != "" {
		ask += "Proxy-Authorization: " + auth + "\r\n"
	}
	err := writeAll(c.raw, ask+"\r\n")
	var head head
	if err == nil {
		head, err = c.readHead()
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	case head.code < 200 || head.code > 299:
		return fmt.Errorf("refused the tunnel: %d %s", head.code, http.StatusText(head.code)) // in our words: its own may name the user
	case c.r != c.w:
		return protocolError("bytes behind the answer to CONNECT")
	}
	return nil
}

func writeAll(nc net.Conn, s string) error {
	_, err := nc.Write([]byte(s))
	return err
}

func proxyAuth(proxy *url.URL) string {
	if proxy.User == nil {
		return ""
	}
	password, _ := proxy.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password))
}

func quote(s string) string { return `"` + strings.ToValidUTF8(s, "?") + `"` }
