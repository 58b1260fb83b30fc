// Package h1 is a pooled HTTP/1.1 client for one kind of use: a gateway that sends
// many requests to few servers. It is an [http.RoundTripper] like [http.Transport]
// and can be exchanged for it, but runs in the caller's goroutine, where
// http.Transport keeps two goroutines for each connection and passes every
// request and answer through channels.
//
// It is strict where framing is at stake. An answer with both Content-Length and
// Transfer-Encoding, with differing lengths, bare line feeds, folded lines or a
// malformed chunk is an error and ends its connection; a connection is used again
// only after an answer that ended where it said it would, with no byte behind it.
package h1

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// What applies where a Transport's field is zero.
const (
	defaultMaxIdle     = 256
	defaultIdleTimeout = 90 * time.Second
	defaultDialTimeout = 10 * time.Second
	defaultTLSTimeout  = 10 * time.Second
	defaultHeaderBytes = 64 << 10
)

// Transport sends HTTP/1.1 requests over connections that it keeps for reuse. The
// zero value is ready. Its fields must not change after the first use. Safe for
// concurrent use. It follows no redirects, adds no header of its own but Host and
// the framing, and decodes no content.
//
// # Sending twice
//
// A server may close an idle connection at the moment a request is written to it.
// Whether it saw the request cannot be known for certain, and a completion that
// runs twice is billed twice. So an idle connection is first asked, without
// waiting, whether it was closed or has unasked bytes; that leaves only closes
// that were on their way at that moment. A request that meets one is sent again,
// once, on a new connection, and only if all of this holds: the connection had
// served before, no byte of an answer came, it broke sooner than one round trip
// to the server and a little, and the request has no body or a GetBody. A caller
// that leaves GetBody nil never sends a body twice; it gets ErrStale. Idempotency
// headers play no part in this.
type Transport struct {
	// DialContext opens connections; nil stands for a [net.Dialer] (which sets
	// TCP_NODELAY and keep-alive).
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLS is the configuration for https; nil is the default one. The server's
	// name and the protocol (http/1.1 alone) are filled in, and a session cache
	// where there is none.
	TLS *tls.Config
	// Proxy tells the HTTP proxy for a request; nil, or a nil URL, is none.
	// https goes through it by CONNECT, http by absolute targets.
	Proxy func(*http.Request) (*url.URL, error)
	// MaxIdlePerHost bounds the idle connections kept for each server; 0 is 256,
	// and a negative number keeps none.
	MaxIdlePerHost int
	// IdleTimeout is how long an idle connection is kept; 0 is 90 seconds.
	IdleTimeout time.Duration
	// DialTimeout and TLSHandshakeTimeout bound their phases; 0 is 10 seconds.
	DialTimeout, TLSHandshakeTimeout time.Duration
	// ResponseHeaderTimeout bounds the time from the request's end to the
	// answer's header; 0 is no bound.
	ResponseHeaderTimeout time.Duration
	// BodyTimeout bounds how long an answer's body may be silent, to a quarter
	// less; 0 is no bound.
	BodyTimeout time.Duration
	// MaxHeaderBytes bounds an answer's header, interim answers and the trailer
	// each; 0 is 64 KiB.
	MaxHeaderBytes int

	mu    sync.Mutex
	idle  map[key][]*conn
	sweep *time.Timer // runs while there are idle connections

	tlsOnce sync.Once
	tls     *tls.Config
}

// RoundTrip sends the request and returns the answer once its header is there.
// The answer's Body is a [*Body], or a [*Upgraded] behind a 101. Cancelling the
// request's context closes the connection in whatever phase it is, until the body
// was read to its end or closed. The error is an [*Error].
//
// A body of known length that fits 32 KiB together with the header leaves in one
// write. A larger one, or one of unknown length, is written by a goroutine of its
// own, so that an answer that comes early is read; if the answer ends before the
// body is sent, the connection is closed and the goroutine ends at its next write,
// or when the request body's Read returns.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.send(req)
	if err == nil {
		return res, nil
	}
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Phase: PhaseRequest, Unsent: true, Err: err}
	}
	if req.URL != nil {
		e.Addr = req.URL.Host
	}
	if cause := req.Context().Err(); cause != nil && !errors.Is(e.Err, cause) {
		e.Err = cause
	}
	return nil, e
}

func (t *Transport) send(req *http.Request) (*http.Response, error) {
	k, err := t.keyOf(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	out, err := encode(req, k)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	c := t.takeIdle(k)
	if c == nil {
		if c, err = t.dial(req.Context(), k); err != nil {
			out.drop()
			return nil, err
		}
	}
	res, err := c.exchange(req, out)
	if err == nil || !errors.Is(err, ErrStale) || !replayable(req) {
		return res, err
	}
	again, rerr := rewound(req)
	if rerr != nil {
		return nil, err
	}
	if out, rerr = encode(again, k); rerr != nil {
		closeBody(again)
		return nil, err
	}
	if c, err = t.dial(req.Context(), k); err != nil {
		out.drop()
		return nil, err
	}
	return c.exchange(again, out)
}

// replayable reports whether the transport may send req a second time.
func replayable(req *http.Request) bool { return !hasBody(req) || req.GetBody != nil }

// rewound returns req with its body from the start again.
func rewound(req *http.Request) (*http.Request, error) {
	if !hasBody(req) {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := *req
	again.Body = body
	return &again, nil
}

func hasBody(req *http.Request) bool { return req.Body != nil && req.Body != http.NoBody }

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// keyOf checks where req goes and returns what its connections are kept under.
func (t *Transport) keyOf(req *http.Request) (key, error) {
	if req.URL == nil {
		return key{}, errors.New("no URL")
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return key{}, errors.New("unsupported protocol scheme " + quote(req.URL.Scheme))
	}
	if req.URL.Host == "" {
		return key{}, errors.New("no host in URL")
	}
	k := key{secure: req.URL.Scheme == "https", host: req.URL.Host}
	if t.Proxy != nil {
		u, err := t.Proxy(req)
		if err != nil { // its words repeat the address, and so a password
			return key{}, &Error{Phase: PhaseDial, Unsent: true, Err: errors.New("the proxy's address is not a URL")}
		}
		if u != nil {
			if err := checkProxy(u); err != nil {
				return key{}, &Error{Phase: PhaseDial, Unsent: true, Err: err}
			}
			k.proxy = u.String()
		}
	}
	return k, nil
}

// checkProxy refuses what is no address of a proxy that can be used. An error of a
// proxy never shows its user, password, or anything that may be a part of them.
func checkProxy(u *url.URL) error {
	switch {
	case u.Scheme != "http":
		return fmt.Errorf("the proxy's scheme is %q: only http:// proxies are supported", cut(u.Scheme))
	case u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the proxy's address is not one such as http://user:password@proxy.example:3128; % stands for / and @ in a password as %2F and %40")
	}
	return nil
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
