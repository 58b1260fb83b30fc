package h1

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// bodyFraming says how an answer's body ends.
type bodyFraming uint8

const (
	empty      bodyFraming = iota // there is none
	sized                         // after Content-Length bytes
	chunked                       // after a chunk of length 0
	untilClose                    // with the connection
)

// head is an answer's header as it was received.
type head struct {
	minor  int    // of HTTP/1.x
	code   int    // three digits
	status string // "200 OK"
	text   string // the field lines, with the empty line that ends them
	lines  int    // how many
	size   int    // bytes of all of it
}

func (c *conn) headerLimit() int { return orDefault(c.t.MaxHeaderBytes, defaultHeaderBytes) }

// readHead reads a status line and the fields behind it.
func (c *conn) readHead() (head, error) {
	raw, lines, err := c.readLines("header")
	if err != nil {
		return head{}, err
	}
	if lines == 0 {
		return head{}, protocolError("empty line instead of a status line")
	}
	first := bytes.IndexByte(raw, '\n') + 1
	canonical(raw[first:])
	text := string(raw)
	h := head{text: text[first:], lines: lines - 1, size: len(raw)}
	line := text[:first-2]
	switch {
	case strings.HasPrefix(line, "HTTP/1.1 "):
		h.minor = 1
	case !strings.HasPrefix(line, "HTTP/1.0 "):
		return h, protocolError("status line %q", cut(line))
	}
	h.status = line[len("HTTP/1.1 "):]
	if len(h.status) < 3 || len(h.status) > 3 && h.status[3] != ' ' {
		return h, protocolError("status line %q", cut(line))
	}
	for _, d := range []byte(h.status[:3]) {
		if d < '0' || d > '9' {
			return h, protocolError("status line %q", cut(line))
		}
		h.code = h.code*10 + int(d-'0')
	}
	if h.code < 100 {
		return h, protocolError("status line %q", cut(line))
	}
	return h, nil
}

// readLines reads lines up to and with an empty one and returns them and how many
// they are without it. The bytes lie in the connection's buffer.
func (c *conn) readLines(what string) (raw []byte, lines int, err error) {
	limit := c.headerLimit()
	n := 0
	for {
		line := c.buf[c.r+n : c.w]
		i := bytes.IndexByte(line, '\n')
		if i >= 0 && (i == 0 || bytes.IndexByte(line[:i], '\r') != i-1) {
			return nil, 0, protocolError("line feed or carriage return alone in the %s", what)
		}
		switch n += i + 1; {
		case n > limit || i < 0 && c.w-c.r >= limit:
			return nil, 0, protocolError("%s of more than %d bytes", what, limit)
		case i == 1:
			raw = c.buf[c.r : c.r+n]
			c.r += n
			if bytes.IndexByte(raw, 0) >= 0 {
				return nil, 0, protocolError("NUL in the %s", what)
			}
			return raw, lines, nil
		case i > 1:
			lines++
		default:
			if err := c.fill(limit); err != nil {
				if err == io.EOF && c.w > c.r {
					err = io.ErrUnexpectedEOF
				}
				return nil, 0, err
			}
		}
	}
}

// canonical brings the field names of raw into the form that http.Header has, in
// place. What is not a name it leaves; fields refuses it.
func canonical(raw []byte) {
	for len(raw) > 2 {
		upper := true
		for i, b := range raw {
			if b == ':' || b == '\n' {
				break
			}
			switch {
			case upper && 'a' <= b && b <= 'z':
				raw[i] = b - ('a' - 'A')
			case !upper && 'A' <= b && b <= 'Z':
				raw[i] = b + ('a' - 'A')
			}
			upper = b == '-'
		}
		raw = raw[bytes.IndexByte(raw, '\n')+1:]
	}
}

// fields returns the field lines as an http.Header. Names and values are parts of
// one string.
func (h head) fields() (http.Header, error) {
	header := make(http.Header, h.lines)
	values := make([]string, h.lines)
	text := h.text
	for i := range values {
		end := strings.IndexByte(text, '\n')
		line := text[:end-1]
		text = text[end+1:]
		colon := strings.IndexByte(line, ':')
		if colon <= 0 || !isToken(line[:colon]) {
			return nil, protocolError("field line %q", cut(line))
		}
		name := line[:colon]
		value := values[i : i+1 : i+1]
		value[0] = strings.Trim(line[colon+1:], " \t")
		if prev := header[name]; prev != nil {
			value = append(prev, value[0])
		}
		header[name] = value
	}
	return header, nil
}

// framing tells how the body of res ends (RFC 9112 §6.3) and sets its length. What
// two parties could read differently is an error.
func framing(res *http.Response, method string) (bodyFraming, error) {
	length, err := contentLength(res.Header["Content-Length"])
	if err != nil {
		return 0, err
	}
	te, isTE := res.Header["Transfer-Encoding"]
	switch {
	case isTE && length >= 0:
		return 0, protocolError("both Transfer-Encoding and Content-Length")
	case isTE && res.ProtoMinor == 0:
		return 0, protocolError("Transfer-Encoding in HTTP/1.0")
	case isTE && (len(te) != 1 || !strings.EqualFold(te[0], "chunked")):
		return 0, protocolError("Transfer-Encoding %q", cut(strings.Join(te, ", ")))
	}
	delete(res.Header, "Transfer-Encoding")
	res.ContentLength = length
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		res.ContentLength = -1
		return untilClose, nil
	case method == http.MethodHead:
		return empty, nil
	case res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified:
		res.ContentLength = 0
		return empty, nil
	case isTE:
		return chunked, nil
	case length >= 0:
		return sized, nil
	}
	return untilClose, nil
}

// contentLength returns the length that all lines agree on, -1 without any.
func contentLength(lines []string) (int64, error) {
	if len(lines) == 0 {
		return -1, nil
	}
	for _, l := range lines {
		if l != lines[0] {
			return 0, protocolError("Content-Length %q and %q", cut(lines[0]), cut(l))
		}
	}
	n, err := strconv.ParseUint(lines[0], 10, 63)
	if err != nil || lines[0][0] == '+' {
		return 0, protocolError("Content-Length %q", cut(lines[0]))
	}
	return int64(n), nil
}

// announceTrailer sets the keys of res.Trailer that the header announces; their
// values come with the body's end.
func announceTrailer(res *http.Response) error {
	lines, ok := res.Header["Trailer"]
	if !ok {
		return nil
	}
	delete(res.Header, "Trailer")
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.Trim(name, " \t"))
			if name == "" {
				continue
			}
			if !trailerMay(name) {
				return protocolError("Trailer announces %q", cut(name))
			}
			if res.Trailer == nil {
				res.Trailer = make(http.Header)
			}
			res.Trailer[name] = nil
		}
	}
	return nil
}

// trailerMay reports whether a field may stand behind a body: not those that
// frame it.
func trailerMay(name string) bool {
	return name != "Content-Length" && name != "Transfer-Encoding" && name != "Trailer"
}

// cut shortens what a server sent for an error's text.
func cut(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// isToken reports whether s is a token (RFC 9110 §5.6.2), as names and methods are.
func isToken(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokenByte = func() (table [256]bool) {
	for _, b := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		table[b] = true
	}
	return table
}()
