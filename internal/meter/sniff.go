package meter

import (
	"bytes"
	"io"
	"net/http"
)

// begun is an answer's body of which the beginning was looked at. It gives that first.
type begun struct {
	io.ReadCloser
	rest  source
	first []byte
	err   error // what came with it
}

// Next implements pieces.
func (b *begun) Next() ([]byte, error) {
	if b.first != nil || b.err != nil {
		p, err := b.first, b.err
		b.first, b.err = nil, nil
		return p, err
	}
	return b.rest.next()
}

// Close closes the body. It is called beside a read, whose buffer stays what it was.
func (b *begun) Close() error { return b.ReadCloser.Close() }

// beginsLikeEvents reports whether an answer to a request for a stream is one, although it
// does not say so: what the gateway asked for must be taken out of it all the same. It
// then says so, and either way res.Body gives the whole answer.
func (m *Meter) beginsLikeEvents(w http.ResponseWriter, res *http.Response) bool {
	b := &begun{ReadCloser: res.Body, rest: m.open(res.Body)}
	res.Body = b
	var held []byte
	for b.err == nil {
		var p []byte
		p, b.err = b.rest.next()
		if held = append(held, p...); len(held) > 0 && !short(held) {
			break
		}
	}
	b.first = held
	if !eventful(held) {
		return false
	}
	kind := []string{"text/event-stream; charset=utf-8"}
	res.Header["Content-Type"], w.Header()["Content-Type"] = kind, kind
	return true
}

// beginnings are what the first line of a stream of events can begin with.
var beginnings = [...]string{"data:", "event:", "id:", "retry:", ":"}

// eventful reports whether text begins as a stream of events does.
func eventful(text []byte) bool {
	text = lead(text)
	for _, s := range beginnings {
		if bytes.HasPrefix(text, []byte(s)) {
			return true
		}
	}
	return false
}

// short reports whether more of the text is needed to tell.
func short(text []byte) bool {
	if len(text) < len(mark) && mark[:len(text)] == string(text) {
		return true
	}
	text = lead(text)
	for _, s := range beginnings {
		if len(text) < len(s) && s[:len(text)] == string(text) {
			return true
		}
	}
	return false
}

// mark is the byte order mark.
const mark = "\ufeff"

// lead drops the byte order mark and the blank lines that a stream may begin with.
func lead(text []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(text, []byte(mark)), "\r\n")
}
