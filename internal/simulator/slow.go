package simulator

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// slowWriter collects an answer to send its header lines one by one.
type slowWriter struct {
	http.ResponseWriter
	delay  time.Duration
	status int
	body   bytes.Buffer
}

// Unwrap lets http.ResponseController reach the connection.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *slowWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *slowWriter) Write(b []byte) (int, error) { return w.body.Write(b) }

// FlushError keeps http.ResponseController from flushing what is being collected.
func (w *slowWriter) FlushError() error { return nil }

// finish writes the answer to the bare connection and closes it. Without a connection to
// take over, the answer comes whole after the delay.
func (w *slowWriter) finish(c *call) {
	if w.status == 0 {
		return
	}
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		if c.sleep(w.delay) {
			w.ResponseWriter.WriteHeader(w.status)
			w.ResponseWriter.Write(w.body.Bytes()) // the client may be gone: nothing to do
		}
		return
	}
	defer conn.Close()
	h := w.Header()
	setInt(h, "Content-Length", int64(w.body.Len()))
	h.Set("Connection", "close")
	lines := []string{"HTTP/1.1 " + strconv.Itoa(w.status) + " " + http.StatusText(w.status) + "\r\n"}
	for name, values := range h {
		for _, v := range values {
			lines = append(lines, name+": "+v+"\r\n")
		}
	}
	slices.Sort(lines[1:])
	lines = append(lines, "\r\n"+w.body.String())
	for _, line := range lines {
		if _, err := conn.Write([]byte(line)); err != nil || !c.sleep(w.delay) {
			return
		}
	}
}
