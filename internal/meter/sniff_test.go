package meter

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// A body is told from a stream of events by how it begins, in pieces of any size, and
// nothing of it is lost.
func TestBeginsLikeEvents(t *testing.T) {
	m := new(Meter)
	m.buffers.New = func() any { return new([bufferSize]byte) }
	for text, want := range map[string]bool{
		"data: {}\n\n": true, "event: x\n": true, ": hello\n\n": true, "\ufeffdata: 1\n\n": true, "\r\n\ndata:1\n\n": true, "id: 1\n": true, "retry: 1\n": true,
		"": false, "{}": false, "dat": false, "dataset: 1\n": false, "\n\n": false, "<html>": false, "\x00\xff": false, `{"data:":1}`: false,
	} {
		for name, body := range map[string]io.Reader{"whole": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text))} {
			res := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}
			if got := m.beginsLikeEvents(httptest.NewRecorder(), res); got != want {
				t.Errorf("%q, %s: %v, want %v", text, name, got, want)
			}
			var left []byte
			src := m.open(res.Body)
			for err := error(nil); err == nil; {
				var p []byte
				p, err = src.next()
				left = append(left, p...)
			}
			if string(left) != text {
				t.Errorf("%q, %s: gives %q", text, name, left)
			}
		}
	}
}
