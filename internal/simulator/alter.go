package simulator

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
)

// finisher is a writer that has something to do when the answer is whole.
type finisher interface{ finish(*call) }

// disguise puts before the writer what changes the answer of a request that a fault
// hits: its header, its encoding, its pace.
func (c *call) disguise() {
	f := c.fault
	if f.Kind == SlowHeaders && c.r.ProtoMajor == 1 {
		c.w = &slowWriter{ResponseWriter: c.w, delay: f.Delay}
	}
	if len(f.Header) > 0 || f.ContentType != "" || f.Encoding != "" || f.Gzip {
		c.w = &alteringWriter{ResponseWriter: c.w, fault: f}
	}
}

// alteringWriter gives an answer the header and the encoding that a fault says.
type alteringWriter struct {
	http.ResponseWriter
	fault   *Fault
	encoder interface {
		io.WriteCloser
		Flush() error
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *alteringWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *alteringWriter) WriteHeader(status int) {
	h := w.Header()
	switch w.fault.ContentType {
	case "":
	case "none":
		h["Content-Type"] = nil // nil keeps net/http from guessing one
	default:
		h.Set("Content-Type", w.fault.ContentType)
	}
	encoding := w.fault.Encoding
	if w.fault.Gzip {
		encoding = cmp.Or(encoding, "gzip")
	}
	switch encoding {
	case "gzip":
		w.encoder = gzip.NewWriter(w.ResponseWriter)
	case "br":
		w.encoder = &storedBrotli{out: w.ResponseWriter}
	}
	if w.encoder != nil {
		h.Del("Content-Length")
		h.Set("Content-Encoding", encoding)
	}
	for name, v := range w.fault.Header {
		if h.Set(name, v); v == "" {
			h.Del(name)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *alteringWriter) Write(b []byte) (int, error) {
	if w.encoder == nil {
		return w.ResponseWriter.Write(b)
	}
	return w.encoder.Write(b)
}

// FlushError is what http.ResponseController's Flush calls.
func (w *alteringWriter) FlushError() error {
	if w.encoder != nil {
		if err := w.encoder.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *alteringWriter) finish(c *call) {
	if w.encoder != nil && c.complete {
		w.encoder.Close() // the client may be gone: nothing to do
	}
	if inner, ok := w.ResponseWriter.(finisher); ok {
		inner.finish(c)
	}
}

// begun does what a fault does between the head of an answer and its body, which is nil
// for a stream. It reports whether to go on.
func (c *call) begun(body []byte) bool {
	if c.fault == nil {
		return true
	}
	rc := http.NewResponseController(c.w)
	switch c.fault.Kind {
	case StallBody:
		rc.Flush() // the client may be gone, or nothing can be flushed: the hold tells
		return c.hold(c.fault.Delay) == nil
	case TruncateBody:
		if body != nil {
			c.w.Write(body[:len(body)/2])
			rc.Flush()
			c.reset()
			return false
		}
	}
	return true
}

// replaceUsage puts another usage in an answer that has one.
func replaceUsage(body []byte, usage json.RawMessage) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members["usage"] == nil {
		return body
	}
	members["usage"] = bytes.TrimSpace(usage)
	return marshal(members)
}
