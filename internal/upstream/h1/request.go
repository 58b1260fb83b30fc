package h1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// oneWrite is how many bytes of a request are gathered for one write. A server's
// socket takes that many unread, so such a write does not wait for the server.
const oneWrite = 32 << 10

// outgoing is a request on its way: its header and as much of its body as fits in
// buf, and what follows.
type outgoing struct {
	buf    []byte
	body   io.ReadCloser // what follows; nil when buf has it all
	left   int64         // bytes of body, -1 when unknown
	wire   io.Writer     // where buf goes when it is full
	broken bool          // wire failed
	last   bool          // the request says Connection: close
}

// outgoings begin small: many wait for a connection at the same time.
var outgoings = sync.Pool{New: func() any { return &outgoing{buf: make([]byte, 0, smallBuffer)} }}

// free gives the buffer back; the body belongs to whoever calls.
func (o *outgoing) free() {
	if cap(o.buf) > 2*oneWrite {
		return
	}
	*o = outgoing{buf: o.buf[:0]}
	outgoings.Put(o)
}

// drop frees o and closes what it did not send.
func (o *outgoing) drop() {
	if o.body != nil {
		o.body.Close()
	}
	o.free()
}

// encode makes the bytes of req, for the server k. A body that fits is read and
// closed; another follows the bytes. On an error the body is still open.
func encode(req *http.Request, k key) (*outgoing, error) {
	o := outgoings.Get().(*outgoing)
	if err := o.head(req, k); err != nil {
		o.free()
		return nil, err
	}
	if !hasBody(req) {
		return o, nil
	}
	o.body = req.Body
	if o.left < 0 || int64(len(o.buf))+o.left > oneWrite {
		o.buf = slices.Grow(o.buf, max(oneWrite-len(o.buf), 0))
	} else {
		o.buf = slices.Grow(o.buf, int(o.left))
		if err := o.copyBody(); err != nil {
			o.free()
			return nil, &Error{Phase: PhaseWrite, Unsent: true, Err: err}
		}
		o.body.Close()
		o.body = nil
	}
	return o, nil
}

// head writes the request line and the fields.
func (o *outgoing) head(req *http.Request, k key) error {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	if !isToken(method) || method == http.MethodConnect {
		return fmt.Errorf("method %q cannot be sent", cut(method))
	}
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	if strings.IndexFunc(host, notInHost) >= 0 {
		return fmt.Errorf("host %q cannot be sent", cut(host))
	}
	o.buf = append(append(o.buf, method...), ' ')
	if k.absolute() {
		o.buf = append(append(o.buf, "http://"...), host...)
	}
	start := len(o.buf)
	o.target(req.URL)
	if err := checkTarget(o.buf[start:], method); err != nil {
		return err
	}
	o.buf = append(append(append(o.buf, " HTTP/1.1\r\nHost: "...), host...), "\r\n"...)
	if k.absolute() {
		if u, err := url.Parse(k.proxy); err == nil && u.User != nil {
			o.field("Proxy-Authorization", proxyAuth(u))
		}
	}
	if err := o.fields(req); err != nil {
		return err
	}
	if err := o.framing(req, method); err != nil {
		return err
	}
	o.buf = append(o.buf, "\r\n"...)
	return nil
}

// target writes path and query exactly as the URL has them.
func (o *outgoing) target(u *url.URL) {
	switch {
	case u.Opaque != "":
		o.buf = append(o.buf, u.Opaque...)
	case u.Path == "":
		o.buf = append(o.buf, '/')
	default:
		o.buf = append(o.buf, u.EscapedPath()...)
	}
	if u.ForceQuery || u.RawQuery != "" {
		o.buf = append(append(o.buf, '?'), u.RawQuery...)
	}
}

func checkTarget(target []byte, method string) error {
	if target[0] != '/' && !(method == http.MethodOptions && string(target) == "*") {
		return fmt.Errorf("target %q does not begin with a slash", cut(string(target)))
	}
	for _, b := range target {
		if b <= ' ' || b == 0x7f {
			return fmt.Errorf("target %q has a space or a control character", cut(string(target)))
		}
	}
	return nil
}

func notInHost(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`/\?#@"<>`, r)
}

func (o *outgoing) field(name, value string) {
	o.buf = append(append(o.buf, name...), ": "...)
	o.buf = append(append(o.buf, value...), "\r\n"...)
}

// fields writes the request's own fields but those that the framing decides.
func (o *outgoing) fields(req *http.Request) error {
	start, lines := len(o.buf), 0
	for name, values := range req.Header {
		if framed(name) || name == "User-Agent" && len(values) == 1 && values[0] == "" {
			continue
		}
		if !isToken(name) {
			return fmt.Errorf("header name %q cannot be sent", cut(name))
		}
		for _, v := range values {
			o.field(name, v)
			lines++
		}
	}
	// One look at all of them is cheaper than one at each value.
	raw := o.buf[start:]
	if bytes.Count(raw, []byte{'\n'}) != lines || bytes.Count(raw, []byte{'\r'}) != lines || bytes.IndexByte(raw, 0) >= 0 {
		for name, values := range req.Header {
			if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				return fmt.Errorf("value of header %s has a line end or NUL in it", cut(name))
			}
		}
	}
	o.last = req.Close || hasToken(req.Header["Connection"], "close")
	if req.Close && !hasToken(req.Header["Connection"], "close") {
		o.field("Connection", "close")
	}
	return nil
}

// framed reports whether a field is the transport's to write, or not to: Expect
// would make it wait for an answer that many servers never give.
func framed(name string) bool {
	switch len(name) {
	case len("Host"):
		return strings.EqualFold(name, "Host")
	case len("Expect"):
		return strings.EqualFold(name, "Expect")
	case len("Trailer"):
		return strings.EqualFold(name, "Trailer")
	case len("Content-Length"):
		return strings.EqualFold(name, "Content-Length")
	case len("Transfer-Encoding"):
		return strings.EqualFold(name, "Transfer-Encoding")
	}
	return false
}

// framing writes how the body ends.
func (o *outgoing) framing(req *http.Request, method string) error {
	switch {
	case len(req.Trailer) > 0:
		return errors.New("request trailers are not supported")
	case !hasBody(req) && req.ContentLength > 0:
		return fmt.Errorf("ContentLength is %d, but there is no body", req.ContentLength)
	case !hasBody(req):
		if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
			o.buf = append(o.buf, "Content-Length: 0\r\n"...)
		}
	case req.ContentLength > 0:
		o.left = req.ContentLength
		o.buf = append(o.buf, "Content-Length: "...)
		o.buf = append(strconv.AppendInt(o.buf, o.left, 10), "\r\n"...)
	default:
		o.left = -1
		o.buf = append(o.buf, "Transfer-Encoding: chunked\r\n"...)
	}
	return nil
}
